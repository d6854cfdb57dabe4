"""Other people's programs: ripgrep, git, sandboxes, editors."""

from __future__ import annotations

import asyncio
import re
import sys
from dataclasses import dataclass
from pathlib import Path

from postil.cli.checks.row import Row
from postil.core.errors import CommandFailed
from postil.workspace.commands.programs import own_program
from postil.workspace.commands.shell import run_program
from postil.workspace.sandbox.choice import choose
from postil.workspace.sandbox.mechanism import Unconfined

PATIENCE = 10.0
"""Seconds that a program may take to tell its version."""
_VERSION = re.compile(r"\d+\.\d+(?:\.\d+)*(?:[-+~]\w+)?")


@dataclass(frozen=True, slots=True)
class Editor:
    """An editor that can be found on PATH."""

    program: str
    title: str
    note: str = ""
    flag: str = "--version"


EDITORS = (
    Editor("code", "VS Code"),
    Editor("code-server", "code-server"),
    Editor("nvim", "Neovim"),
    Editor("emacs", "Emacs"),
    Editor("hx", "Helix"),
    Editor("kak", "Kakoune", "(needs an LSP plug-in)", "-version"),
    Editor("vim", "Vim", "(needs an LSP plug-in)"),
)


async def rows() -> list[Row]:
    """Return the rows; asks every program for its version at once."""
    tools, boxes, editors = await asyncio.gather(_tools(), asyncio.to_thread(sandbox), _editors())
    return [*tools, boxes, *editors]


async def _tools() -> list[Row]:
    rg, git = await asyncio.gather(version("rg"), version("git"))
    return [
        Row("ripgrep", "ok", rg)
        if rg
        else Row("ripgrep", "missing", "searches use Python instead", "Install ripgrep for faster searches."),
        Row("git", "ok", git)
        if git
        else Row("git", "missing", "not on PATH", "Install git, so that the agent can see what changed."),
    ]


def sandbox() -> Row:
    """Return what commands are confined by; it is really tried. Blocking."""
    found = choose()
    if isinstance(found, Unconfined):
        mend = (
            "Install bubblewrap, or use a Linux with Landlock (6.2 or newer)."
            if sys.platform == "linux"
            else ""
        )
        return Row("sandbox", "missing", found.title, mend)
    if not found.lets_work:
        told = f"{found.title}; commands that are allowed run outside of it"
        return Row("sandbox", "ok", told, "Install bubblewrap, so that they are confined as well.")
    return Row("sandbox", "ok", found.title)


async def _editors() -> list[Row]:
    versions = await asyncio.gather(*(version(it.program, it.flag) for it in EDITORS))
    found = [
        Row(editor.title, "ok", f"{said} {editor.note}".rstrip())
        for editor, said in zip(EDITORS, versions, strict=True)
        if said
    ]
    return found or [Row("editors", "missing", "none found on PATH", "Any editor that speaks LSP will do.")]


async def version(program: str, flag: str = "--version") -> str:
    """Return the version of a program on PATH; nothing where there is none, a remark where it does not tell."""
    path = await asyncio.to_thread(own_program, program, [Path.cwd()])
    if path is None:
        return ""
    output = await _output([path, flag])
    match = _VERSION.search(output or "")
    return match[0] if match else "of an unknown version"


async def _output(argv: list[str]) -> str | None:
    """Return what the program says; None where it fails, hangs or cannot be started."""
    try:
        finished = await run_program(argv, Path("/"), PATIENCE)
    except (CommandFailed, OSError):
        return None
    return finished.stdout.decode("utf-8", "replace") if finished.code == 0 else None
