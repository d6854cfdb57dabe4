"""The command line: one table of commands, each loaded only when it is used."""

from __future__ import annotations

import argparse
import logging
import os
import sys
from collections.abc import Sequence
from importlib import import_module

from postil import __version__
from postil.cli.arguments.deciding import add_permissions, add_trust
from postil.cli.arguments.harness import (
    add_agents,
    add_evidence,
    add_guardrails,
    add_mcp,
    add_overview,
    add_skills,
    add_tools,
)
from postil.cli.arguments.keeping import add_audit, add_data, add_memory, add_sessions
from postil.cli.arguments.working import (
    add_acp,
    add_ask,
    add_demo,
    add_doctor,
    add_key,
    add_scripted,
    add_serve,
)
from postil.cli.streams import Unwritten
from postil.core.errors import PostilError, UsageError
from postil.core.loading import loading

EXIT_FAILED = 1
EXIT_USAGE = 2


def run(arguments: Sequence[str]) -> int:
    """Run one command and return its exit status: 0 done, 1 failed, 2 usage; `ask` has more."""
    logging.basicConfig(level=os.environ.get("POSTIL_LOG", "WARNING").upper(), format="postil: %(message)s")
    parser = _parser()
    try:
        options = parser.parse_args(arguments)
    except SystemExit as ended:  # Help was asked for, or is needed.
        return _flushed(ended.code if isinstance(ended.code, int) else 0)
    if options.command is None:
        parser.print_help(sys.stderr)
        return EXIT_USAGE
    module, function = _handlers[options.command]
    try:
        with loading():
            command = getattr(import_module(f"postil.cli.{module}"), function)
        return _flushed(command(options))
    except UsageError as error:
        _tell(error)
        return EXIT_USAGE
    except PostilError as error:
        _tell(error)
        return EXIT_FAILED
    except (BrokenPipeError, Unwritten) as error:
        _drop_output()
        return _unread(error)
    except KeyboardInterrupt:
        return 130


def _flushed(status: int) -> int:
    """Write what is still to be printed, and return the exit status."""
    try:
        sys.stdout.flush()
    except OSError as error:
        failed = _unread(error) if status == 0 else status
        _drop_output()
        return failed
    return status


def _unread(error: OSError) -> int:
    from postil.cli.stopping import unread  # noqa: PLC0415 - nearly always there is a reader

    return unread(error)


def _drop_output() -> None:
    """Let Python not fail once more when it flushes at exit."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _tell(error: PostilError) -> None:
    from postil.core.revealing import revealed  # noqa: PLC0415 - needed only where something failed

    sys.stderr.write(f"postil: {revealed(str(error))}\n")


_handlers = {
    "serve": ("serve", "serve"),
    "acp": ("acp", "acp"),
    "ask": ("ask", "ask"),
    "demo": ("demo", "demo"),
    "doctor": ("doctor", "doctor"),
    "key": ("key", "key"),
    "data": ("data", "data"),
    "sessions": ("sessions", "sessions"),
    "audit": ("audit", "audit"),
    "permissions": ("permissions", "permissions"),
    "trust": ("trust", "trust"),
    "memory": ("memory", "memory"),
    "tools": ("tools", "tools"),
    "mcp": ("servers", "mcp"),
    "agents": ("agents", "agents"),
    "skills": ("skills", "skills"),
    "commands": ("skills", "commands"),
    "evidence": ("evidence", "evidence"),
    "overview": ("overview", "overview"),
    "guardrails": ("guardrails", "guardrails"),
    "scripted": ("scripted", "scripted"),
}
"""A command's module in this folder and its function, which takes the parsed arguments and returns a status."""


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="postil", description="A coding agent that lives in a language server.", allow_abbrev=False
    )
    parser.add_argument("--version", action="version", version=f"postil {__version__}")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND")
    add_serve(commands)
    add_acp(commands)
    add_ask(commands)
    add_demo(commands)
    add_doctor(commands)
    add_key(commands)
    add_data(commands)
    add_sessions(commands)
    add_audit(commands)
    add_permissions(commands)
    add_trust(commands)
    add_memory(commands)
    add_tools(commands)
    add_mcp(commands)
    add_agents(commands)
    add_skills(commands)
    add_evidence(commands)
    add_overview(commands)
    add_guardrails(commands)
    add_scripted(commands)
    return parser
