"""What a line starts: programs, by the words that name them, and files that they run as code."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from postil.core.outlook import Starts
from postil.permissions.shell.checks.builtins import LATE
from postil.permissions.shell.guard import look
from postil.permissions.shell.part import Part
from postil.permissions.shell.surroundings import Surroundings

_MOST = 24
_MOST_FILES = 40
_OF_THE_SHELL = LATE | frozenset({
    "[", "[[", "]]", ":", "break", "cd", "command", "continue", "echo", "exit", "false", "printf", "pwd", "return", "test", "time", "true",
    "type", "!", "{", "}", "((", "",
})  # fmt: skip
_RUNS_CODE = re.compile(
    r"(?:ba|da|z|k|fi|tc|c|a)?sh|source|\.|python[0-9.]*|pypy3?|node|nodejs|deno|bun|tsx|ts-node|ruby|perl|php|lua|luajit|Rscript|"
    r"julia|elixir|groovy|scala|java|osascript|pwsh|expect|g?awk|mawk|g?make|just|task|invoke|psql|sqlite3|mysql|"
    r"uv|uvx|pipx|poetry|npx|go|cargo|docker|podman|kubectl|terraform|ansible-playbook|patch|bc|ed|ex|vim|nvim|emacs"
)
_LIKE_A_PROGRAM = re.compile(r"[^-\s]\S*")
_VALUE = re.compile(r"^--?[\w-]+=(.+)$", re.DOTALL)


def starts_of(line: str, cwd: Path, around: Surroundings) -> Starts:
    """Return what is known of what the line starts. Looks at links; never raises."""
    try:
        here = replace(around, cwd=str(cwd))
        parts = look(line, here).parts
    except Exception:  # noqa: BLE001 - it is told and compared, and decides nothing
        return Starts()
    direct = [it for it in parts if not it.through]
    certain = tuple(dict.fromkeys(_names(direct)))
    perhaps = tuple(it for it in dict.fromkeys(_names(it for it in parts if it.through)) if it not in certain)
    files = dict.fromkeys(path for part in parts for path in _files(part, here))
    return Starts(certain[:_MOST], perhaps[:_MOST], tuple(map(Path, files))[:_MOST_FILES])


def _names(parts: list[Part] | Iterator[Part]) -> Iterator[str]:
    for part in parts:
        if part.name not in _OF_THE_SHELL and _LIKE_A_PROGRAM.fullmatch(part.name):
            yield part.name


def _files(part: Part, around: Surroundings) -> Iterator[str]:
    """Yield where words lead that may name code."""
    words = [part.name] if "/" in part.name else []
    if _RUNS_CODE.fullmatch(part.base) is not None:
        texts = [it.text for it in part.operands if it.text and not it.pattern]
        texts += [
            it.target.text for it in part.redirections if it.operator == "<" and it.target and it.target.text
        ]
        for text in texts:
            value = _VALUE.match(text)
            words += [value[1]] if value is not None else [text] if not text.startswith("-") else []
    for word in words:
        for folder in part.cwds or ({"/"} if word.startswith("/") else set[str]()):
            place = around.place(word, folder)
            if place is not None and around.inside(place.physical):
                yield posixpath.normpath(place.physical)
