"""A disk in memory that remembers each step; `sim_crashes` shows what a power cut would have left of them."""

from __future__ import annotations

import errno
import hashlib
import io
import itertools
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from postil.workspace.files.disk import Disk, Handle


@dataclass(frozen=True, slots=True)
class Write:
    node: int
    offset: int
    data: bytes


@dataclass(frozen=True, slots=True)
class Cut:
    node: int
    size: int


@dataclass(frozen=True, slots=True)
class Name:
    """A folder's name comes to stand for a node; `old` is the name that it moved from."""

    node: int
    name: str
    target: int
    folder: bool = False
    old: str | None = None


@dataclass(frozen=True, slots=True)
class Unname:
    node: int
    name: str


@dataclass(frozen=True, slots=True)
class Sync:
    node: int


@dataclass(frozen=True, slots=True)
class Note:
    """Not a step of the disk: something that the program under test said at this point."""

    node: int
    what: str
    value: int


Step = Write | Cut | Name | Unname | Sync | Note


@dataclass(slots=True)
class Tree:
    """The content of a disk. Node 0 is the root folder."""

    files: dict[int, bytes] = field(default_factory=dict[int, bytes])
    folders: dict[int, dict[str, int]] = field(default_factory=lambda: {0: dict[str, int]()})

    def copy(self) -> Tree:
        return Tree(dict(self.files), {node: dict(names) for node, names in self.folders.items()})

    def take(self, step: Step) -> None:
        match step:
            case Write(node, offset, data):
                old = self.files.get(node, b"")
                self.files[node] = old[:offset].ljust(offset, b"\0") + data + old[offset + len(data) :]
            case Cut(node, size):
                self.files[node] = self.files.get(node, b"")[:size].ljust(size, b"\0")
            case Name(node, name, target, folder, old):
                names = self.folders.setdefault(node, {})
                if old is not None:
                    names.pop(old, None)
                names[name] = target
                if folder:
                    self.folders.setdefault(target, {})
                elif target not in self.folders:
                    self.files.setdefault(target, b"")
            case Unname(node, name):
                self.folders.setdefault(node, {}).pop(name, None)
            case Sync() | Note():
                pass

    def paths(self, node: int = 0, at: str = "") -> Iterator[tuple[str, bytes | None]]:
        """Yield every path with its content, None for a folder, in order."""
        for name, target in sorted(self.folders[node].items()):
            if target in self.folders:
                yield f"{at}/{name}", None
                yield from self.paths(target, f"{at}/{name}")
            else:
                yield f"{at}/{name}", self.files[target]

    def digest(self) -> bytes:
        """Return a hash of every path and its content."""
        whole = hashlib.sha256()
        for path, content in self.paths():
            size = -1 if content is None else len(content)
            whole.update(f"{path}\0{size}\0".encode())
            whole.update(content or b"")
        return whole.digest()


class SimHandle:
    """An open file: a `Handle`."""

    def __init__(self, disk: SimDisk, node: int) -> None:
        self._disk = disk
        self.node = node
        self.closed = False

    def write(self, data: bytes) -> None:
        room = self._disk.room
        part = data if room is None else data[:room]
        if part:
            self._disk.step(Write(self.node, self.size(), part))
        if room is not None:
            self._disk.room = room - len(part)
            if len(part) < len(data):
                raise OSError(errno.ENOSPC, "No space left on device")

    def sync(self) -> None:
        self._disk.step(Sync(self.node))

    def truncate(self, size: int) -> None:
        self._disk.step(Cut(self.node, size))

    def size(self) -> int:
        return len(self._disk.tree.files[self.node])

    def close(self) -> None:
        self.closed = True


class SimDisk(Disk):
    """A `Disk` in memory. `steps` is what happened to it, `room` the bytes until it is full."""

    def __init__(self, tree: Tree | None = None) -> None:
        self.start = tree or Tree()
        self.tree = self.start.copy()
        self.steps: list[Step] = []
        self.room: int | None = None
        self.before: Callable[[Step], None] | None = None
        """May raise OSError in a step's place, or wait."""
        self.synced = threading.Event()
        nodes = [*self.tree.files, *self.tree.folders]
        self._nodes = itertools.count(max(nodes) + 1)
        self._tokens = itertools.count(max(nodes) + 1)  # A token is never used twice, as random ones are not.

    def step(self, step: Step) -> None:
        if self.before is not None:
            self.before(step)
        self.steps.append(step)
        self.tree.take(step)
        if isinstance(step, Sync):
            self.synced.set()

    def note(self, what: str, value: int = 0) -> None:
        """Remember that something was said, such as an acknowledgement, after the steps so far."""
        self.steps.append(Note(0, what, value))

    def open_append(self, path: Path) -> Handle:
        return SimHandle(self, self._file(path))

    def open_read(self, path: Path) -> BinaryIO:
        return io.BytesIO(self.tree.files[self._file(path)])

    def read(self, path: Path, start: int = 0, size: int | None = None) -> bytes:
        data = self.tree.files[self._file(path)]
        return data[start:] if size is None else data[start : start + size]

    def size(self, path: Path) -> int | None:
        node = self._find(path)
        return None if node is None else len(self.tree.files.get(node, b""))

    def names(self, path: Path) -> list[str]:
        node = self._find(path)
        return [] if node is None else sorted(self.tree.folders[node])

    def rename(self, source: Path, target: Path) -> None:
        node = self._find(source)
        if node is None:
            raise FileNotFoundError(errno.ENOENT, "No such file", str(source))
        folder = self._folder(source.parent)
        assert folder == self._folder(target.parent), "only renames within a folder are modelled"
        self.step(Name(folder, target.name, node, node in self.tree.folders, old=source.name))

    def rename_free(self, source: Path, target: Path) -> None:
        if self._find(target) is not None:
            raise FileExistsError(errno.EEXIST, "File exists", str(target))
        self.rename(source, target)

    def sync_dir(self, path: Path) -> None:
        self.step(Sync(self._folder(path)))

    def _token(self) -> str:
        return f"{next(self._tokens):04d}"

    def _new(self, path: Path, mode: int) -> Handle:
        folder = self._folder(path.parent)
        if path.name in self.tree.folders[folder]:
            raise FileExistsError(errno.EEXIST, "File exists", str(path))
        node = next(self._nodes)
        self.step(Name(folder, path.name, node))
        return SimHandle(self, node)

    def _keep_attributes(self, source: Path, target: Handle) -> None:
        pass

    def _set_mode(self, handle: Handle, mode: int) -> None:
        pass

    def _mkdir(self, path: Path, mode: int) -> None:
        folder = self._folder(path.parent)
        if path.name in self.tree.folders[folder]:
            raise FileExistsError(errno.EEXIST, "File exists", str(path))
        self.step(Name(folder, path.name, next(self._nodes), folder=True))

    def _unlink(self, path: Path) -> None:
        self._file(path)
        self.step(Unname(self._folder(path.parent), path.name))

    def _sweep(self, path: Path) -> None:
        self.step(Unname(self._folder(path.parent), path.name))

    def _find(self, path: Path) -> int | None:
        node: int | None = 0
        for part in path.parts[1:]:
            node = self.tree.folders.get(node, {}).get(part) if node is not None else None
        return node

    def _file(self, path: Path) -> int:
        node = self._find(path)
        if node is None or node not in self.tree.files:
            raise FileNotFoundError(errno.ENOENT, "No such file", str(path))
        return node

    def _folder(self, path: Path) -> int:
        node = self._find(path)
        if node is None or node not in self.tree.folders:
            raise FileNotFoundError(errno.ENOENT, "No such folder", str(path))
        return node
