"""The files at the top of a project as checks are found in them: read once, never run, and what cannot be read is not there."""

from __future__ import annotations

import configparser
import json
import os
import tomllib
from functools import cached_property
from pathlib import Path
from typing import Any, cast

_LARGEST = 1 << 20
"""Bytes above which a file is not looked into."""


class Project:
    """One folder. Blocking; for one thread."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._texts: dict[str, str | None] = {}

    def has(self, name: str) -> bool:
        """Whether there is such a file; a link that leads out of the folder is none."""
        path = self.folder / name
        try:
            return path.is_file() and path.resolve().is_relative_to(self.folder.resolve())
        except OSError:
            return False

    def has_program(self, name: str) -> bool:
        """Whether there is such a program of the project's own. It may well be a link to one outside."""
        return os.access(self.folder / name, os.X_OK) and (self.folder / name).is_file()

    def text(self, name: str) -> str:
        """Return the text of a file; empty where there is none that can be read."""
        if name not in self._texts:
            self._texts[name] = self._read(name)
        return self._texts[name] or ""

    def toml(self, name: str) -> dict[str, Any]:
        """Return a file of TOML; empty where it is none."""
        try:
            return tomllib.loads(self.text(name))
        except ValueError:
            return {}

    def json(self, name: str) -> dict[str, Any]:
        """Return a file that is a JSON object; empty where it is none."""
        try:
            data: Any = json.loads(self.text(name) or "{}")
        except (ValueError, RecursionError):
            return {}
        return cast("dict[str, Any]", data) if isinstance(data, dict) else {}

    def sections(self, name: str) -> frozenset[str]:
        """Return the names of the sections of an INI file; none where it is none."""
        parser = configparser.RawConfigParser(strict=False)
        try:
            parser.read_string(self.text(name))
        except configparser.Error:
            return frozenset()
        return frozenset(parser.sections())

    @cached_property
    def python_tools(self) -> dict[str, Any]:
        """The table `[tool]` of pyproject.toml."""
        return table(self.toml("pyproject.toml"), "tool")

    def _read(self, name: str) -> str | None:
        if not self.has(name):
            return None
        try:
            with (self.folder / name).open("rb") as file:
                data = file.read(_LARGEST + 1)
        except OSError:
            return None
        return data.decode("utf-8", "replace").removeprefix("\ufeff") if len(data) <= _LARGEST else None


def table(data: dict[str, Any], name: str) -> dict[str, Any]:
    """Return a table within another; empty where there is none."""
    found = data.get(name)
    return cast("dict[str, Any]", found) if isinstance(found, dict) else {}
