"""Where a search without a path looks: in every folder of the workspace, and what it finds there is one result."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path

from postil.core.errors import NotFound
from postil.core.ports import Found, Workspace
from postil.core.revealing import revealed


def places(path: str | None, workspace: Workspace) -> tuple[Path, ...]:
    """Return the place that is named, else all folders of the workspace. Raises as `locate` does."""
    return (workspace.locate(path or "."),) if path or not workspace.roots else workspace.roots


def words(path: str | None, workspace: Workspace) -> tuple[str, ...]:
    """Return the place as it is named; nothing where none is."""
    return (workspace.written(path),) if path else ()


def named(paths: Sequence[Path]) -> str:
    """Return the places as the person who is asked about them reads them."""
    return revealed(", ".join(map(str, paths)))


async def searched(
    paths: Sequence[Path], search: Callable[[Path], Awaitable[Found]], limit: int, workspace: Workspace
) -> Found:
    """Search one place after the other, and return the first `limit` of what is found.

    Where one folder lies in another, nothing is in it twice. Of several places one may be missing, which is noted.
    """
    found: list[Found] = []
    for path in paths:
        try:
            found.append(await search(path))
        except NotFound:
            if len(paths) == 1:
                raise
            found.append(Found(note=f"Left out: {workspace.display(path)} does not exist."))
    matches = tuple(dict.fromkeys(match for it in found for match in it.matches))
    files = tuple(dict.fromkeys(file for it in found for file in it.paths))
    return Found(
        matches=matches[:limit],
        paths=files[:limit],
        complete=all(it.complete for it in found) and max(len(matches), len(files)) <= limit,
        note=" ".join(dict.fromkeys(it.note for it in found if it.note)),
    )
