"""Which files a search sees: below a folder, without what is hidden, ignored by git or kept from the agent."""

from __future__ import annotations

import os
from collections.abc import Callable, Generator, Iterator
from pathlib import Path

from postil.workspace.files.paths import Paths
from postil.workspace.search.exclusions import Exclusions
from postil.workspace.search.ignores import IgnoreFile, IgnoreTree

GITIGNORE = ".gitignore"
_LIMIT = 4_000_000


def order(path: str) -> list[bytes]:
    """Return the key of the order in which results are given: folder by folder, as ripgrep walks."""
    return os.fsencode(path).split(b"/")


class Scope:
    """One search's view of a folder, or of a single file, which is always seen. Blocking; for one thread."""

    def __init__(self, path: Path, paths: Paths, exclusions: Exclusions) -> None:
        self.path = str(path)
        self.is_file = not path.is_dir()
        root = paths.root_of(path)
        self.top = str(_top(root or path))
        self._root = str(root) if root is not None else None
        self._gitignores = IgnoreTree(lambda folder: load_gitignore(_joined(self.top, folder)))
        self._exclusions = exclusions.tree(root) if root is not None else None
        self._folders: dict[str, bool] = {self.path: True}

    def relative(self, path: str) -> str:
        """Return the path relative to where the search starts, which globs are about."""
        return _below(self.path, path) if path != self.path else os.path.basename(path)  # noqa: PTH119 - hot

    def admits(self, path: str) -> bool:
        """Whether the file, which need not exist, is one that the search sees."""
        if self.is_file:
            return path == self.path
        if not path.startswith(_prefix(self.path)):
            return False
        folder, _, name = path.rpartition("/")
        return self._folder(folder or "/") and self._entry(path, name, is_folder=False)

    def git_ignores(self, path: str, *, is_folder: bool) -> bool:
        """Whether git ignores an entry by itself: what the search starts in is seen, ignored or not."""
        return self._gitignores.verdict(_below(self.top, path), is_folder=is_folder) is True

    def files(self, stopped: Callable[[], bool] = lambda: False) -> Generator[str]:
        """Return the regular files, in order; links are not followed."""
        if self.is_file:
            yield self.path
            return
        waiting = [self.path]
        while waiting and not stopped():
            path = waiting.pop()
            if not path.endswith("/"):
                yield from self._listed(path, waiting)
            else:
                yield path[:-1]

    def _listed(self, folder: str, waiting: list[str]) -> Iterator[str]:
        """Return the folder's first files, and put what comes after its first folder onto the stack."""
        try:
            with os.scandir(folder) as found:
                entries = sorted(found, key=lambda entry: os.fsencode(entry.name), reverse=True)
        except OSError:
            return
        # A slash marks a file on the stack: no path ends in one.
        for entry in entries:
            is_folder = entry.is_dir(follow_symlinks=False)
            if (is_folder or entry.is_file(follow_symlinks=False)) and self._entry(
                entry.path, entry.name, is_folder=is_folder
            ):
                waiting.append(entry.path if is_folder else entry.path + "/")
        while waiting and waiting[-1].endswith("/"):
            yield waiting.pop()[:-1]

    def _folder(self, folder: str) -> bool:
        known = self._folders.get(folder)
        if known is None:
            parent, _, name = folder.rpartition("/")
            known = self._folder(parent or "/") and self._entry(folder, name, is_folder=True)
            self._folders[folder] = known
        return known

    def _entry(self, path: str, name: str, *, is_folder: bool) -> bool:
        """Judge an entry by itself; the folders above it are admitted."""
        if name.startswith("."):
            return False
        if self.git_ignores(path, is_folder=is_folder):
            return False
        if self._exclusions is None or self._root is None:
            return True
        return not self._exclusions.ignored(_below(self._root, path), is_folder=is_folder)


def load_gitignore(folder: str) -> IgnoreFile | None:
    """Return the folder's .gitignore; one that cannot be read counts for nothing, as for git."""
    try:
        with open(f"{folder}/{GITIGNORE}", "rb") as file:  # noqa: PTH123 - one for each folder of a walk
            return IgnoreFile.parse(file.read(_LIMIT).decode("utf-8", "surrogateescape"))
    except OSError:
        return None


def _top(base: Path) -> Path:
    """Return the folder whose .gitignore is the first to count: of the repository, unless that ignores `base` itself."""
    top = next((folder for folder in (base, *base.parents) if (folder / ".git").exists()), base)
    if top == base:
        return base
    tree = IgnoreTree(lambda folder: load_gitignore(_joined(str(top), folder)))
    return base if tree.ignored(base.relative_to(top).as_posix(), is_folder=True) else top


def _joined(top: str, folder: str) -> str:
    return f"{_prefix(top)}{folder}" if folder else top


def _below(folder: str, path: str) -> str:
    return path[len(_prefix(folder)) :]


def _prefix(folder: str) -> str:
    return folder if folder.endswith("/") else folder + "/"
