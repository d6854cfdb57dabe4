"""Where configuration lies that changes what the agent may do, and a digest of it: a change of it is tried before it is used.

Instructions (AGENTS.md) and notes are no part of it: they guide, and permit nothing.
"""

from __future__ import annotations

import hashlib
import os
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from postil.config.hooks import SETTINGS
from postil.config.load import settings_files, user_config_dir
from postil.config.named import files_named
from postil.core.errors import ConfigurationError, NotFound, TooLarge, ToolError
from postil.workspace.files.opening import read_regular

OF_USERS = ("agents", "commands", "hooks", "skills")
"""Folders of the user's settings folder, beside the settings themselves."""
OF_WORKSPACES = (
    ".postil/agents", ".postil/commands", ".postil/hooks", ".postil/skills", ".agents/skills", ".claude/commands", ".claude/skills",
)  # fmt: skip
"""Folders of a workspace that count once it is trusted."""
_OF_HOMES = (".agents/skills",)
MOST_FILES = 10_000
MOST_BYTES = 128_000_000
"""Of all of them together: what is more than that is no configuration, and nothing begins with what cannot be compared."""

Mark = tuple[tuple[str, int, int, int], ...]
"""Each file with its time, size and number: while this is the same, so is the digest."""


@dataclass(frozen=True, slots=True)
class HarnessFiles:
    """The files of configuration of one workspace. Every method reads the disk, so it is called away from the event loop.

    Each raises ConfigurationError where there is more than can be compared.
    """

    roots: tuple[Path, ...]
    version: str

    def mark(self, *, trusted: bool) -> Mark:
        """Return which files there are, by what is known of them without reading any."""
        found: list[tuple[str, int, int, int]] = []
        for path in self._files(trusted=trusted):
            try:
                it = path.stat()
            except OSError:
                continue
            found.append((str(path), it.st_mtime_ns, it.st_size, it.st_ino))
        return tuple(found)

    def digest(self, *, trusted: bool) -> str:
        """Return a hash of all of them and of Postil's version; empty where there is none, so that all is as it was delivered.

        It does not depend on where the workspace lies, so a harness that is known in one is known in the next.
        """
        total = hashlib.sha256(f"{self.version}\n".encode())
        seen, left = False, MOST_BYTES
        for path in self._files(trusted=trusted):
            try:
                data = read_regular(Path(os.path.realpath(path)), left)[0]
            except NotFound:
                continue
            except TooLarge as error:
                raise _too_much(path, f"more than {MOST_BYTES:,} bytes") from error
            except ToolError as error:
                data = type(
                    error
                ).__name__.encode()  # nobody else reads it either: no file, or none that may be read
            left -= len(data)
            seen = True
            total.update(f"{self._named(path)}\n{len(data)}\n".encode() + data)
        return total.hexdigest()[:32] if seen else ""

    def _files(self, *, trusted: bool) -> Iterator[Path]:
        for number, path in enumerate(self._all(trusted=trusted)):
            if number >= MOST_FILES:
                raise _too_much(path, f"more than {MOST_FILES:,} files")
            yield path

    def _all(self, *, trusted: bool) -> Iterator[Path]:
        yield from (path for _, path in settings_files(self.roots))
        folders = [user_config_dir() / it for it in OF_USERS] + [Path.home() / it for it in _OF_HOMES]
        if trusted:
            folders += [root / it for root in self.roots for it in OF_WORKSPACES]
        for folder in folders:
            yield from _below(folder)
        yield from self._of_hooks(trusted=trusted)

    def _of_hooks(self, *, trusted: bool) -> Sequence[Path]:
        """Return the files that hooks name: a person's wherever they lie, those of a workspace that counts within it."""
        found: set[Path] = set()
        for layer, file in settings_files(self.roots):
            if layer != "workspace":
                places = (file.parent, *(self.roots if trusted else ()))
                found |= {
                    it for line in _hook_lines(file) for place in places for it in files_named(line, place)
                }
            elif trusted:
                root = file.parents[len(SETTINGS.parts) - 1]
                named = (it for line in _hook_lines(file) for it in files_named(line, root))
                found |= {it for it in named if it.is_relative_to(os.path.realpath(root))}
        return sorted(found)

    def _named(self, path: Path) -> str:
        for number, root in enumerate(self.roots):
            if path.is_relative_to(root):
                return f"root {number}/{path.relative_to(root).as_posix()}"
        return str(path)


def _hook_lines(file: Path) -> Sequence[str]:
    """Return the command lines in a file's hooks; none where it cannot be read, for then nothing runs at all."""
    try:
        data = read_regular(Path(os.path.realpath(file)), MOST_BYTES)[0]
        table = tomllib.loads(data.decode("utf-8")) if b"hooks" in data else {}
    except (OSError, ValueError, ToolError):
        return ()
    return sorted(_commands(table.get("hooks")))


def _commands(value: object) -> Iterator[str]:
    """Yield every `command` in what hooks are written as, whatever else there is."""
    if isinstance(value, dict):
        for key, it in cast("dict[str, object]", value).items():
            if key == "command" and isinstance(it, str):
                yield it
            else:
                yield from _commands(it)
    elif isinstance(value, list):
        for it in cast("list[object]", value):
            yield from _commands(it)


def _below(folder: Path) -> Iterator[Path]:
    for place, folders, names in os.walk(folder):
        folders.sort()
        yield from (Path(place, it) for it in sorted(names))


def _too_much(path: Path, what: str) -> ConfigurationError:
    return ConfigurationError(
        f"The configuration has {what}, {path} among them, so it cannot be told whether it has changed.",
        "Keep only what is needed in the folders of skills, commands, hooks and agents.",
    )
