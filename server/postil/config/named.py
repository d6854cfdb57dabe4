"""The files that a command names, by its words alone: nothing of it is run to find out."""

from __future__ import annotations

import os
import re
import shlex
from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path

VARIABLES = ("POSTIL_PROJECT_DIR", "CLAUDE_PROJECT_DIR")
"""What a hook finds its folder of the workspace by; the second for hooks that were written for another agent."""
_BETWEEN = re.compile(r"[\s;|&<>()\"'`=:,]+")
_ROOT = re.compile(r"\$(?:\{(?:" + "|".join(VARIABLES) + r")\}|(?:" + "|".join(VARIABLES) + r")\b)")
_MODULE = re.compile(r"[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*")
_MOST_FOLDERS = 8
"""Folders that a command may name of which its other words are looked for in: as in `uv --directory tools run server.py`."""


def files_named(command: str | Sequence[str], folder: Path) -> Iterator[Path]:
    """Yield the files that words of a command name, as it runs in a folder. What is no name of a file names none."""
    for path in paths_named(command, folder):
        if os.path.isfile(path):  # noqa: PTH113 - unlike Path, it never raises
            yield path


def paths_named(command: str | Sequence[str], folder: Path) -> Iterator[Path]:
    """Yield where words of a command lead, whether or not something is there, each once.

    `command` is a line for a shell, or the words themselves.
    """
    words = list(_words(command, str(folder)))
    seen: set[str] = set()
    folders = [os.path.realpath(folder)]
    for base in folders:
        for word in words:
            path = os.path.realpath(os.path.join(base, os.path.expanduser(word)))  # noqa: PTH111, PTH118 - any text may stand there
            if path in seen:
                continue
            seen.add(path)
            if len(folders) <= _MOST_FOLDERS and base == folders[0] and os.path.isdir(path):  # noqa: PTH112 - it never raises
                folders.append(path)
            yield Path(path)


def _words(command: str | Sequence[str], folder: str) -> Iterator[str]:
    line = command if isinstance(command, str) else "\n".join(command)
    found = _BETWEEN.split(_ROOT.sub(lambda _: folder, line))
    whole = _taken_apart(command, folder)
    for word in dict.fromkeys((*found, *whole, *_modules(found))):
        if word and "\0" not in word:
            yield word


def _taken_apart(command: str | Sequence[str], folder: str) -> Sequence[str]:
    """Return the words as they reach the program: a name may have a blank in it."""
    if not isinstance(command, str):
        return command
    try:
        return shlex.split(_ROOT.sub(lambda _: shlex.quote(folder), command))
    except ValueError:
        return ()


def _modules(words: Sequence[str]) -> Iterator[str]:
    """Yield the files that `-m NAME` may stand for."""
    for option, name in pairwise(words):
        if option == "-m" and _MODULE.fullmatch(name):
            path = name.replace(".", "/")
            yield from (f"{path}.py", f"{path}/__main__.py", f"{path}/__init__.py")
