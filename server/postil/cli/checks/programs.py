"""Other people's programs: ripgrep, git, sandboxes, editors."""

from __future__ import annotations

import asyncio
import ctypes
import re
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

from postil.cli.checks.row import Row
from postil.core.errors import CommandFailed
from postil.workspace.shell import run_program

PATIENCE = 10.0
"""Seconds that a program may take to tell its version."""
_VERSION = re.compile(r"\d+\.\d+(?:\.\d+)*(?:[-+~]\w+)?")
_LANDLOCK_CREATE_RULESET = 444
"""The call's number, the same on every architecture (landlock_create_ruleset(2))."""
_LANDLOCK_VERSION_FLAG = 1


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
    tools, boxes, editors = await asyncio.gather(_tools(), sandbox(), _editors())
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


async def sandbox() -> Row:
    """Return what this machine has to confine commands with. Nothing uses it yet."""
    later = "not used yet: commands ask unless a rule allows them"
    if sys.platform == "darwin" and shutil.which("sandbox-exec"):
        return Row("sandbox", "ok", f"sandbox-exec; {later}")
    found: list[str] = []
    if bubblewrap := await version("bwrap"):
        works = await _output(["bwrap", "--ro-bind", "/", "/", "true"]) is not None
        found.append(f"bubblewrap {bubblewrap}" + ("" if works else ", which may not run here"))
    if landlock := _landlock():
        found.append(f"Landlock ABI {landlock}")
    if not found:
        return Row("sandbox", "missing", f"neither bubblewrap nor Landlock; {later}")
    return Row("sandbox", "ok", f"{', '.join(found)}; {later}")


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
    path = shutil.which(program)
    if path is None:
        return ""
    output = await _output([path, flag])
    match = _VERSION.search(output or "")
    return match[0] if match else "of an unknown version"


async def _output(argv: list[str]) -> str | None:
    """Return what the program says; None where it fails, hangs or cannot be started."""
    try:
        finished = await run_program(argv, Path.cwd(), PATIENCE)
    except (CommandFailed, OSError):
        return None
    return finished.stdout.decode("utf-8", "replace") if finished.code == 0 else None


def _landlock() -> int:
    """Return the version of the kernel's Landlock interface, 0 where it has none."""
    if sys.platform != "linux":
        return 0
    try:
        call = ctypes.CDLL(None, use_errno=True).syscall
    except (OSError, AttributeError):
        return 0
    call.restype = ctypes.c_long
    answer = call(
        ctypes.c_long(_LANDLOCK_CREATE_RULESET),
        None,
        ctypes.c_size_t(0),
        ctypes.c_uint32(_LANDLOCK_VERSION_FLAG),
    )
    return max(0, int(answer))
