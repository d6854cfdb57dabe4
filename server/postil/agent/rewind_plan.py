"""What taking changes back would do, file by file; nothing is touched here."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from postil.agent.intent import intent_of
from postil.core.changes import LeftAlone
from postil.core.effects import FileEdit, text_hash
from postil.core.errors import NotFound, ToolError
from postil.core.ports import FileView, Workspace
from postil.core.state import Change
from postil.workspace.revert import Conflict, Passage, Text, Trail, taken_back, trails

Kept = Callable[[str], Awaitable[str | None]]
"""Returns the text that is kept under a hash."""
Doing = Literal["restore", "merge", "remove", "bring_back", "move_back"]
"""What happens to a file. `merge`: the person edited it since, and keeps that."""

_ORDER: tuple[Doing, ...] = ("remove", "move_back", "restore", "merge", "bring_back")
"""A name has to be free before something else takes it."""


@dataclass(frozen=True, slots=True)
class Item:
    """What happens to one file."""

    doing: Doing
    path: Path
    """Its name before; that is the one it gets back."""
    edits: tuple[FileEdit, ...]


@dataclass(slots=True)
class Plan:
    """What going back would do, and what it cannot do."""

    items: list[Item] = field(default_factory=list[Item])
    left: list[LeftAlone] = field(default_factory=list[LeftAlone])
    """Files that stay as they are, and why."""

    @property
    def edits(self) -> list[FileEdit]:
        """All edits, in the order in which they can be made."""
        items = sorted(self.items, key=lambda it: _ORDER.index(it.doing))
        return [edit for item in items for edit in item.edits]

    @property
    def plain(self) -> bool:
        """Whether nothing of the person's own is near: every file is as we left it."""
        return not self.left and all(item.doing != "merge" for item in self.items)

    @property
    def fingerprint(self) -> str:
        """A hash of what would be done; another one means that the files have changed."""
        parts = [intent_of(edit).model_dump(mode="json") for edit in self.edits]
        return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()[:16]


async def plan_of(changes: Iterable[Change], workspace: Workspace, kept: Kept) -> Plan:
    """Return what taking the changes back would do now; they are given in the order that they happened."""
    plan = Plan()
    found = trails(_passage(change) for change in changes)
    living = {trail.now for trail in found if trail.runs[-1][1] is not None}
    for trail in found:
        try:
            item = await _item(trail, living, workspace, kept)
        except ToolError as error:
            plan.left.append(LeftAlone(path=str(trail.now), why=str(error)))
        else:
            if isinstance(item, Conflict):
                plan.left.append(LeftAlone(path=str(trail.now), why=item.why))
            elif item is not None:
                plan.items.append(item)
    return plan


async def _item(trail: Trail, living: set[Path], workspace: Workspace, kept: Kept) -> Item | Conflict | None:
    gone = trail.runs[-1][1] is None
    # Where a file was removed, another may have been moved since; and an editor goes on showing what is gone.
    now = None if gone and trail.now in living else await _view(trail.now, workspace, saved=gone)
    text = now.text if now is not None else None
    if (text_hash(text) if text is not None else None) == trail.runs[0][0] and trail.was == trail.now:
        return None
    runs: list[tuple[Text, Text]] = []
    for first, last in trail.runs:
        texts = [None if key is None else await kept(key) for key in (first, last)]
        if [it is None for it in texts] != [key is None for key in (first, last)]:
            return Conflict("Its earlier text is no longer kept.")
        runs.append((texts[0], texts[1]))
    result = taken_back(text, runs)
    if isinstance(result, Conflict):
        return result
    own = len(runs) > 1 or text != runs[-1][1]
    return await _to(trail, now, result, own=own, workspace=workspace)


async def _to(
    trail: Trail, now: FileView | None, result: Text, *, own: bool, workspace: Workspace
) -> Item | None:
    """Return what leads from the file as it is to the text; `own` where the person edited it since."""
    if now is None:
        if result is None:
            return None
        return Item("bring_back", trail.was, (FileEdit(trail.was, None, result, form=trail.form),))
    if result is None or trail.was != trail.now:
        saved = await workspace.read_saved(trail.now)
        if result is None:
            removal = FileEdit(trail.now, saved.hash, None, saved.text, saved.form)
            return Item("remove", trail.now, (removal,))
        move = FileEdit(trail.was, saved.hash, saved.text, saved.text, saved.form, trail.now)
        rest = () if saved.text == result else (FileEdit(trail.was, saved.hash, result, saved.text),)
        return Item("move_back", trail.was, (move, *rest))
    if result == now.text:
        return None
    return Item("merge" if own else "restore", trail.was, (FileEdit(trail.was, now.hash, result, now.text),))


async def _view(path: Path, workspace: Workspace, *, saved: bool) -> FileView | None:
    try:
        return await (workspace.read_saved(path) if saved else workspace.read(path))
    except NotFound:
        return None


def _passage(change: Change) -> Passage:
    moved_from = None if change.renamed_from is None else Path(change.renamed_from)
    return Passage(Path(change.path), change.before, change.after, change.form, moved_from)
