"""Whether the program of a server is there at all, which can be said without starting it."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from postil.config.server_options import WrittenServer
from postil.workspace.commands.environment import served_environment


def no_program(written: WrittenServer, root: Path) -> str:
    """Return why its program cannot be started, without a full stop; empty where it is there, or the server is an address."""
    options = written.options
    if not options.command:
        return ""
    program = options.command[0]
    if os.sep in program:
        there = os.access(root / options.cwd / program, os.X_OK)
        return "" if there else f"there is no program {program}, or it may not be run"
    path = served_environment(os.environ, options.env, options.pass_env).get("PATH", os.defpath)
    if shutil.which(program, path=path) is not None:
        return ""
    return f"there is no program {program} on the PATH; install it, or write its whole path"
