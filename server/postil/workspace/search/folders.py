"""What a folder holds: files on the disk and those that are only open, without what is kept from the agent."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from postil.core.errors import NotFound
from postil.core.ports import Entry, OpenDocument
from postil.workspace.files.opening import explained
from postil.workspace.search.exclusions import Exclusions
from postil.workspace.search.search import Withheld
from postil.workspace.search.walk import Scope


def entries(
    path: Path,
    documents: Sequence[OpenDocument],
    scope: Callable[[Path], Scope],
    exclusions: Exclusions,
    withheld: Withheld,
) -> list[tuple[Entry, bool]]:
    """Return a folder's entries in order of name, each with whether rules keep it back; those kept from the agent are left out.

    `documents` are the open ones: one that was never saved is listed too. Those that git ignores are listed and say so.
    Blocking. Raises NotFound, ToolError.
    """
    found = _on_disk(path)
    for document in documents:
        if document.path.parent == path:
            name = document.path.name
            found.setdefault(name, Entry(name, "file", len(document.text)))
    judge, seen = withheld(path), scope(path)
    return [
        (_judged(entry, path / name, seen), judge is not None and judge(path / name))
        for name, entry in sorted(found.items())
        if not exclusions.ignored(path / name)
    ]


def _judged(entry: Entry, path: Path, scope: Scope) -> Entry:
    return (
        replace(entry, ignored=True)
        if scope.git_ignores(str(path), is_folder=entry.kind == "folder")
        else entry
    )


def _on_disk(path: Path) -> dict[str, Entry]:
    try:
        with os.scandir(path) as found:
            return {entry.name: _entry(entry) for entry in found}
    except NotADirectoryError as error:
        raise NotFound(f"{path} is a file, not a folder.") from error
    except OSError as error:
        raise explained(path, error) from error


def _entry(entry: os.DirEntry[str]) -> Entry:
    try:
        if entry.is_symlink():
            return Entry(entry.name, "link")
        if entry.is_dir():
            return Entry(entry.name, "folder")
        if entry.is_file():
            return Entry(entry.name, "file", entry.stat().st_size)
    except OSError:
        pass
    return Entry(entry.name, "other")
