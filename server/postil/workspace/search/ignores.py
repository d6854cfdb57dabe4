"""Ignore files in .gitignore's syntax: one of them, and all of a tree with the nested ones."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

from postil.workspace.search.globs import path_expression

_FLAGS = re.DOTALL | (re.IGNORECASE if sys.platform in {"darwin", "win32"} else 0)
_ESCAPED_SPACE = re.compile(r"(?<!\\)(?:\\\\)*\\ +$")


class _Line(NamedTuple):
    expression: re.Pattern[str]
    ignores: bool
    folders_only: bool


@dataclass(frozen=True, slots=True)
class IgnoreFile:
    """The lines of one ignore file. It judges an entry by its own path only; folders above are judged before."""

    lines: tuple[_Line, ...]

    @classmethod
    def parse(cls, text: str) -> IgnoreFile:
        """Read an ignore file; lines that make no sense are passed over, as git does."""
        lines = (_parse_line(line) for line in text.removeprefix("\ufeff").split("\n"))
        return cls(tuple(line for line in lines if line is not None))

    def verdict(self, relative: str, *, is_folder: bool) -> bool | None:
        """Say whether the entry is ignored, expressly not ignored, or not mentioned. The last line wins."""
        for line in reversed(self.lines):
            if (is_folder or not line.folders_only) and line.expression.match(relative):
                return line.ignores
        return None


def _parse_line(line: str) -> _Line | None:
    line = line.removesuffix("\r")
    if not _ESCAPED_SPACE.search(line):
        line = line.rstrip(" ")
    if not line or line.startswith("#"):
        return None
    ignores = not line.startswith("!")
    pattern = line if ignores else line[1:]
    folders_only = pattern.endswith("/")
    pattern = pattern.removesuffix("/")
    anchored = "/" in pattern
    pattern = pattern.removeprefix("/")
    if not pattern:
        return None
    try:
        expression = re.compile(path_expression(pattern if anchored else f"**/{pattern}"), _FLAGS)
    except re.error:
        return None
    return _Line(expression, ignores, folders_only)


class IgnoreTree:
    """All ignore files of one name below a folder; paths are relative to it, with `/`. Blocking."""

    def __init__(self, load: Callable[[str], IgnoreFile | None]) -> None:
        """`load` returns the ignore file in a folder (relative, "" for the top), if there is one."""
        self._load = load
        self._files: dict[str, IgnoreFile | None] = {}
        self._folders: dict[str, bool] = {"": False}

    def ignored(self, relative: str, *, is_folder: bool = False) -> bool:
        """Whether the entry, or a folder above it, is ignored."""
        if not relative or not self._has_files(relative):
            return False
        if self._folder_ignored(relative.rpartition("/")[0]):
            return True
        return self.verdict(relative, is_folder=is_folder) is True

    def verdict(self, relative: str, *, is_folder: bool) -> bool | None:
        """What the files say about this entry alone; the nearest file that mentions it wins."""
        folder = relative.rpartition("/")[0]
        while True:
            file = self._file(folder)
            if file is not None:
                inside = relative[len(folder) + 1 :] if folder else relative
                verdict = file.verdict(inside, is_folder=is_folder)
                if verdict is not None:
                    return verdict
            if not folder:
                return None
            folder = folder.rpartition("/")[0]

    def _has_files(self, relative: str) -> bool:
        """Whether any folder above the entry has an ignore file; where none has, there is nothing to judge."""
        folder = ""
        for name in relative.split("/"):
            if self._file(folder) is not None:
                return True
            folder = f"{folder}/{name}" if folder else name
        return False

    def _folder_ignored(self, folder: str) -> bool:
        known = self._folders.get(folder)
        if known is None:
            parent = folder.rpartition("/")[0]
            known = self._folder_ignored(parent) or self.verdict(folder, is_folder=True) is True
            self._folders[folder] = known
        return known

    def _file(self, folder: str) -> IgnoreFile | None:
        if folder not in self._files:
            self._files[folder] = self._load(folder)
        return self._files[folder]
