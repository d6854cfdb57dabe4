"""Durable file operations, behind one class so that tests can crash between any two of them.

What is promised rests on three rules. A file is safe once it was synced, its name once its folder was. A sync
that failed is final: the system may have dropped the pages and report success the next time, so the handle
refuses everything after it. A file is replaced whole or not at all, by a synced temporary file beside it.
Everything here blocks; callers that must not, use a thread. All errors are OSError.
"""

from __future__ import annotations

import hashlib
import secrets
from abc import ABC, abstractmethod
from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO, Protocol

PRIVATE_FILE = 0o600
PRIVATE_FOLDER = 0o700
_TEMPORARY = (".postil-", ".tmp")
_GRAVE = "gone-"


class Handle(Protocol):
    """A file that is open for appending."""

    def write(self, data: bytes) -> None:
        """Append all of `data`; where that fails, a part of it may be in the file."""
        ...

    def sync(self) -> None:
        """Return once what was written survives a power cut. A failure is final for this handle."""
        ...

    def truncate(self, size: int) -> None:
        """Cut the file to `size` bytes."""
        ...

    def size(self) -> int:
        """Return the file's size in bytes, whoever wrote them."""
        ...

    def close(self) -> None:
        """Close without syncing; closing twice is harmless."""
        ...


class Disk(ABC):
    """The operations that durable state is made of; compound ones are written once, over single steps."""

    @abstractmethod
    def open_append(self, path: Path) -> Handle:
        """Open an existing file for appending. Raises FileNotFoundError."""

    @abstractmethod
    def open_read(self, path: Path) -> BinaryIO:
        """Open a file for reading from its start."""

    @abstractmethod
    def read(self, path: Path, start: int = 0, size: int | None = None) -> bytes:
        """Return the bytes from `start`, at most `size` of them. Raises FileNotFoundError."""

    @abstractmethod
    def size(self, path: Path) -> int | None:
        """Return the file's size in bytes, None where it is missing."""

    @abstractmethod
    def names(self, path: Path) -> list[str]:
        """Return the sorted names in the folder, none where it is missing."""

    @abstractmethod
    def rename(self, source: Path, target: Path) -> None:
        """Rename within one file system, replacing the target; durable after `sync_dir` of its folder."""

    @abstractmethod
    def rename_free(self, source: Path, target: Path) -> None:
        """Rename within one file system to a name that nothing has. Raises FileExistsError, with nothing changed."""

    @abstractmethod
    def sync_dir(self, path: Path) -> None:
        """Return once the names in the folder survive a power cut."""

    def list(self, path: Path) -> list[str]:
        """Return the sorted names in the folder without what a crash may have left behind."""
        return [name for name in self.names(path) if not is_temporary(name)]

    def create(self, path: Path, mode: int = PRIVATE_FILE) -> Handle:
        """Create an empty file whose name is durable on return. Raises FileExistsError."""
        handle = self._new(path, mode)
        try:
            self.sync_dir(path.parent)
        except BaseException:
            handle.close()
            raise
        return handle

    def replace(
        self,
        path: Path,
        data: bytes,
        mode: int | None = None,
        check: Callable[[], None] | None = None,
        label: str = "",
    ) -> None:
        """Give the file this content, whole or not at all, durable on return.

        Without `mode`, an existing file keeps its mode, owner and extended attributes, and a new one gets
        what the umask leaves; with it, the file gets these bits, whatever the umask. Raises PermissionError, with nothing changed, where the owner cannot be kept.
        A symbolic link is replaced, not followed: resolve first. Hard links are parted. An error after the
        rename (the folder could not be synced) leaves the new content, not yet safe from a power cut.
        `check` runs when everything is ready, immediately before the rename; what it raises leaves all as it was.
        A `label` that nothing else has lets `clear_temporary` find what a crash left of it.
        """
        keep = path if mode is None and self.size(path) is not None else None
        with self._written(self._temporary(path, label), data, mode, keep) as temporary:
            if check is not None:
                check()
            self.rename(temporary, path)
        self.sync_dir(path.parent)

    def make(
        self,
        path: Path,
        data: bytes,
        mode: int | None = None,
        check: Callable[[], None] | None = None,
        label: str = "",
    ) -> None:
        """Create a file with this content, whole or not at all, durable on return.

        Raises FileExistsError where the name is taken, however late it was; then nothing has changed. Else as `replace`.
        """
        with self._written(self._temporary(path, label), data, mode, None) as temporary:
            if check is not None:
                check()
            self.rename_free(temporary, path)
        self.sync_dir(path.parent)

    def make_dir(self, path: Path, mode: int = PRIVATE_FOLDER) -> None:
        """Create the folder and what is missing above it, durable on return; an existing one is left as is."""
        try:
            self._mkdir(path, mode)
        except FileExistsError:
            return
        except FileNotFoundError:
            if path.parent == path:
                raise
            self.make_dir(path.parent, mode)
            with suppress(FileExistsError):
                self._mkdir(path, mode)
        self.sync_dir(path.parent)

    def remove(self, path: Path) -> None:
        """Remove a file, durable on return; a missing one is no error."""
        try:
            self._unlink(path)
        except FileNotFoundError:
            return
        self.sync_dir(path.parent)

    def remove_tree(self, path: Path) -> None:
        """Remove a folder with all in it; its name is gone at once and durably, the rest follows."""
        grave = path.with_name(temporary_name(_GRAVE + self._token()))
        self.rename(path, grave)
        self.sync_dir(path.parent)
        self._sweep(grave)

    def clear_temporary(self, path: Path, label: str) -> None:
        """Remove what a crash left of writing that file under that label, durable on return; nothing is no error."""
        self.remove(self._temporary(path, label))

    def clear_temporaries(self, path: Path) -> None:
        """Remove what a crash left in the folder; only where no other process may be writing."""
        for name in self.names(path):
            if is_temporary(name):
                self._sweep(path / name)

    def clear_graves(self, path: Path) -> None:
        """Remove what an interrupted `remove_tree` left in the folder; that somebody else is at it does no harm."""
        for name in self.names(path):
            if is_temporary(name) and name.startswith(_TEMPORARY[0] + _GRAVE):
                self._sweep(path / name)

    @contextmanager
    def _written(self, temporary: Path, data: bytes, mode: int | None, keep: Path | None) -> Generator[Path]:
        """Write a synced temporary file, with the attributes of `keep`; what is raised while it is there removes it."""
        handle = self._new(temporary, PRIVATE_FILE if keep is not None else mode or 0o666)
        try:
            try:
                if keep is not None:
                    self._keep_attributes(keep, handle)
                elif mode is not None:
                    self._set_mode(handle, mode)
                handle.write(data)
                handle.sync()
            finally:
                handle.close()
            yield temporary
        except BaseException:
            with suppress(OSError):
                self._unlink(temporary)
            raise

    def _temporary(self, path: Path, label: str) -> Path:
        """Return a name beside `path`: any, or the one that stands for the label."""
        words = f"{label}\0{path.name}".encode("utf-8", "surrogateescape")
        token = hashlib.sha256(words).hexdigest()[:16] if label else self._token()
        return path.with_name(temporary_name(token))

    def _token(self) -> str:
        return secrets.token_hex(6)

    @abstractmethod
    def _new(self, path: Path, mode: int) -> Handle: ...
    @abstractmethod
    def _keep_attributes(self, source: Path, target: Handle) -> None: ...
    @abstractmethod
    def _set_mode(self, handle: Handle, mode: int) -> None: ...
    @abstractmethod
    def _mkdir(self, path: Path, mode: int) -> None: ...
    @abstractmethod
    def _unlink(self, path: Path) -> None: ...
    @abstractmethod
    def _sweep(self, path: Path) -> None: ...


def temporary_name(label: str) -> str:
    """Return a name that `is_temporary`, for what is moved to its own name once it is whole."""
    return label.join(_TEMPORARY)


def is_temporary(name: str) -> bool:
    """Whether a crash may have left a file of this name behind; such a file may be removed."""
    return name.startswith(_TEMPORARY[0]) and name.endswith(_TEMPORARY[1])
