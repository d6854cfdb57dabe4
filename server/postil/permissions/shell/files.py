"""What the guard may learn of the file system, and paths followed through its links."""

from __future__ import annotations

import os
import posixpath
import stat
import sys
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Literal, Protocol

Kind = Literal["file", "dir", "link", "fifo", "socket", "device"]

_MOST_LINKS = 40


@dataclass(frozen=True, slots=True)
class Entry:
    """What stands at a path; links are not followed."""

    kind: Kind
    size: int = 0
    target: str = ""
    """Where a link points, as written."""
    identity: object = None
    """What two names of one file share; None where it has one name."""
    node: object = None
    """What tells it from everything else that stands there now, whatever its name; None where that is not known."""


class FileSystem(Protocol):
    """The only questions the guard asks of the world. Neither raises."""

    @property
    def complete(self) -> bool:
        """Whether `names` tells all that there is."""
        ...

    @property
    def folds_case(self) -> bool:
        """Whether names that differ in case alone are one."""
        ...

    def look(self, path: str) -> Entry | None:
        """Return what stands at an absolute path; None where nothing does."""
        ...

    def names(self, folder: str, most: int) -> tuple[str, ...] | None:
        """Return the names in a folder; None where it cannot be read or has more than `most`."""
        ...


class RememberedFiles:
    """What another file system says, asked once: one judgement is about one state of the world."""

    def __init__(self, files: FileSystem) -> None:
        self._files = files
        self.complete = files.complete
        self.folds_case = files.folds_case
        self._entries: dict[str, Entry | None] = {}

    def look(self, path: str) -> Entry | None:
        """Return what stands at the path."""
        if path not in self._entries:
            self._entries[path] = self._files.look(path)
        return self._entries[path]

    def names(self, folder: str, most: int) -> tuple[str, ...] | None:
        """Return the names in the folder."""
        return self._files.names(folder, most)


class RealFiles:
    """The file system of this machine. Blocking: call it in a thread."""

    complete = True
    folds_case = sys.platform in ("darwin", "win32")

    def look(self, path: str) -> Entry | None:
        """Return what stands at the path."""
        try:
            found = os.lstat(path)
            target = str(Path(path).readlink()) if stat.S_ISLNK(found.st_mode) else ""
        except (OSError, ValueError):
            return None
        node = (found.st_dev, found.st_ino)
        identity = node if found.st_nlink > 1 and stat.S_ISREG(found.st_mode) else None
        return Entry(_kind(found.st_mode), found.st_size, target, identity, node)

    def names(self, folder: str, most: int) -> tuple[str, ...] | None:
        """Return the names in the folder."""
        found: list[str] = []
        try:
            with os.scandir(folder) as entries:
                for entry in entries:
                    found.append(entry.name)
                    if len(found) > most:
                        return None
        except (OSError, ValueError):
            return None
        return tuple(sorted(found))


_KINDS: dict[int, Kind] = {
    stat.S_IFLNK: "link", stat.S_IFDIR: "dir", stat.S_IFREG: "file", stat.S_IFIFO: "fifo", stat.S_IFSOCK: "socket",
}  # fmt: skip


def _kind(mode: int) -> Kind:
    return _KINDS.get(stat.S_IFMT(mode), "device")


@dataclass(frozen=True)
class GivenFiles:
    """A file system that is told: every path is a plain file unless something else is given for it."""

    symlinks: Mapping[str, str]
    hardlinks: Mapping[str, str]
    exists: Mapping[str, Entry]
    folds_case: bool = False
    complete: bool = False

    def look(self, path: str) -> Entry | None:
        """Return what was given for the path."""
        key = self._key(path)
        if key in self._links:
            return Entry("link", target=self._links[key])
        if key in self._entries:
            return self._entries[key]
        if key in self._twins:
            return Entry("file", identity=self._twins[key])
        is_folder = any(it.startswith(key.rstrip("/") + "/") for it in self._paths)
        return Entry("dir" if is_folder or key == "/" else "file", identity=self._twins.get(key))

    def names(self, folder: str, most: int) -> tuple[str, ...] | None:
        """Return the names that were given below the folder."""
        key = self._key(folder).rstrip("/") + "/"
        inside = {it[len(key) :].split("/", 1)[0] for it in self._paths if it.startswith(key)}
        return tuple(sorted(inside)) if len(inside) <= most else None

    def _key(self, path: str) -> str:
        return unicodedata.normalize("NFC", path).casefold() if self.folds_case else path

    @cached_property
    def _links(self) -> dict[str, str]:
        return {self._key(path): target for path, target in self.symlinks.items()}

    @cached_property
    def _entries(self) -> dict[str, Entry]:
        return {self._key(path): entry for path, entry in self.exists.items()}

    @cached_property
    def _twins(self) -> dict[str, str]:
        pairs = [(self._key(path), self._key(target)) for path, target in self.hardlinks.items()]
        return {name: target for path, target in pairs for name in (path, target)}

    @cached_property
    def _paths(self) -> frozenset[str]:
        return frozenset({*self._links, *self._entries, *self._twins})


@dataclass(frozen=True, slots=True)
class Place:
    """Where a path leads."""

    written: str
    lexical: str
    """By its words alone."""
    physical: str
    """By the links on the way."""
    entry: Entry | None
    """What stands there."""
    through_link: bool
    """Whether a link was followed."""


def place_of(path: str, cwd: str, files: FileSystem) -> Place | None:
    """Return where `path` leads from the folder `cwd`; None where its links go in a circle."""
    absolute = path if path.startswith("/") else posixpath.join(cwd, path)
    lexical = posixpath.normpath("/" + absolute.lstrip("/"))
    physical, followed = "/", 0
    waiting = [it for it in reversed(absolute.split("/")) if it not in ("", ".")]
    entry: Entry | None = Entry("dir")
    while waiting:
        name = waiting.pop()
        if name == "..":
            physical = posixpath.dirname(physical)
            entry = Entry("dir")
            continue
        here = posixpath.join(physical, name)
        entry = files.look(here)
        if entry is None or entry.kind != "link":
            physical = here
            continue
        followed += 1
        if followed > _MOST_LINKS:
            return None
        if entry.target.startswith("/"):
            physical = "/"
        waiting += [it for it in reversed(entry.target.split("/")) if it not in ("", ".")]
    return Place(path, lexical, physical, entry, followed > 0)


def walk(folder: str, files: FileSystem, most: int) -> Iterator[tuple[str, Entry]]:
    """Yield what lies below a folder, links not followed; raises OverflowError past `most` entries."""
    waiting, seen = [folder], 0
    while waiting:
        here = waiting.pop()
        names = files.names(here, most - seen)
        if names is None:
            raise OverflowError
        for name in names:
            seen += 1
            path = posixpath.join(here, name)
            entry = files.look(path)
            if entry is None:
                continue
            yield path, entry
            if entry.kind == "dir":
                waiting.append(path)
