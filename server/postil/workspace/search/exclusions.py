"""What .postilignore keeps from the agent, nested files included, read again when they change."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Sequence
from concurrent.futures import TimeoutError as TooSlow
from pathlib import Path

from postil.core.errors import NotFound, ToolError
from postil.workspace.files.opening import read_regular
from postil.workspace.search.ignores import IgnoreFile, IgnoreTree
from postil.workspace.threads import Threads

NAME = ".postilignore"
_LIMIT = 1_000_000
_PATIENCE = 5.0
_Stamp = tuple[int, int, int]


class Exclusions:
    """The rules of all .postilignore files below the roots. What cannot be read or judged is an error, never a yes."""

    def __init__(self, roots: Sequence[Path], threads: Threads) -> None:
        self._roots = tuple(roots)
        self._threads = threads
        self._known: dict[str, tuple[_Stamp, IgnoreFile]] = {}

    def ignored(self, path: Path) -> bool:
        """Whether the resolved path, or a folder above it, is kept from the agent; a folder may be meant."""
        for root in self._roots:
            if path.is_relative_to(root):
                relative = path.relative_to(root).as_posix()
                tree = self.tree(root)
                is_folder = os.path.isdir(path)  # noqa: PTH112 - pathlib's raises for names that are too long
                if relative != "." and tree.ignored(relative, is_folder=is_folder):
                    return True
        return False

    def tree(self, root: Path) -> IgnoreTree:
        """Return the rules below a root as they are now, for as long as one search takes."""
        top = str(root)
        return IgnoreTree(lambda folder: self._load(os.path.join(top, folder, NAME)))  # noqa: PTH118 - hot

    def _load(self, path: str) -> IgnoreFile | None:
        try:
            status = os.stat(path)  # noqa: PTH116 - one of these for each folder of each path
        except (FileNotFoundError, NotADirectoryError):
            return None
        except OSError as error:
            raise ToolError(f"{path} cannot be read, so nothing beside it can: {error.strerror}.") from error
        stamp = (status.st_mtime_ns, status.st_size, status.st_ino)
        known = self._known.get(path)
        if known is None or known[0] != stamp:
            known = (stamp, self._read(path))
            self._known[path] = known
        return known[1]

    def _read(self, path: str) -> IgnoreFile:
        if not _on_event_loop():
            return _parse(path)
        # The loop's thread opens no files. This waits once for each change of a file of a few lines.
        try:
            return self._threads.submit(lambda: _parse(path)).result(_PATIENCE)
        except TooSlow as error:
            raise ToolError(f"{path} takes too long to read, so nothing beside it can be.") from error


def _parse(path: str) -> IgnoreFile:
    try:
        data, _ = read_regular(Path(os.path.realpath(path)), _LIMIT)
    except NotFound:
        return IgnoreFile(())
    return IgnoreFile.parse(data.decode("utf-8", "surrogateescape"))


def _on_event_loop() -> bool:
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True
