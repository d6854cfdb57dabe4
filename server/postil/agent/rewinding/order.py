"""In which order files get their names back: a name is free before another file takes it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from postil.core.effects import FileEdit

Doing = Literal["restore", "merge", "remove", "bring_back", "move_back"]
"""What happens to a file. `merge`: the person edited it since, and keeps that."""


@dataclass(frozen=True, slots=True, eq=False)
class Item:
    """What happens to one file."""

    doing: Doing
    path: Path
    """Its name before; that is the one it gets back."""
    edits: tuple[FileEdit, ...]
    source: Path | None
    """Where it lies now; None where there is no such file."""

    @property
    def leaves(self) -> bool:
        """Whether its name becomes free."""
        return self.doing in ("remove", "move_back")

    @property
    def arrives(self) -> bool:
        """Whether it takes a name that it does not have."""
        return self.doing in ("bring_back", "move_back")


@dataclass(frozen=True, slots=True)
class Step:
    """One edit of the file that an item is about."""

    item: Item
    edit: FileEdit


def blocked(
    items: Sequence[Item], taken: Mapping[Path, str], hindered: Mapping[Item, str]
) -> dict[Item, str]:
    """Return the items that cannot be done, and why; `taken` says of names what is in the way there now.

    A file that stays, such as one of those that are `hindered`, keeps its name from another, which then stays as well.
    """
    found = dict(hindered)
    while True:
        going = [it for it in items if it not in found]
        leaving = {it.source for it in going if it.leaves}
        staying = {it.source for it in items} - leaving
        claimed: set[Path] = set()
        more: dict[Item, str] = {}
        for item in going:
            if not item.arrives:
                continue
            if item.path in claimed:
                more[item] = "Another file goes back to this name."
            elif not staying.isdisjoint(item.path.parents):
                more[item] = "A file has the name of its folder, and stays."
            elif item.path in taken and item.path not in leaving:
                more[item] = taken[item.path]
            claimed.add(item.path)
        if not more:
            return found
        found |= more


async def in_order(items: Sequence[Item], spare: Callable[[Path], Awaitable[Path]]) -> list[Step]:
    """Return all edits in an order in which they can be made.

    Where files have each other's names, one of them gives way to the name that `spare` returns for the one it has.
    """
    steps = [Step(it, edit) for it in items if it.doing == "remove" for edit in it.edits]
    waiting = [(it, it.source) for it in items if it.doing == "move_back" and it.source is not None]
    while waiting:
        held = {source for _, source in waiting}
        ready = [it for it in waiting if held.isdisjoint((it[0].path, *it[0].path.parents))]
        if not ready:
            (item, source), *others = waiting
            aside = await spare(source)
            steps.append(Step(item, replace(item.edits[0], path=aside, moved_from=source)))
            waiting = [(item, aside), *others]
        for item, source in ready:
            steps.append(Step(item, replace(item.edits[0], moved_from=source)))
            steps += [Step(item, edit) for edit in item.edits[1:]]
        waiting = [it for it in waiting if it not in ready]
    rest = (it for it in items if it.doing not in ("remove", "move_back"))
    return steps + [Step(it, edit) for it in rest for edit in it.edits]
