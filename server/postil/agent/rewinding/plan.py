"""What taking changes back would do, file by file; nothing is touched here."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from postil.agent.calls.intent import intent_of
from postil.agent.rewinding.doubts import Kept, passages
from postil.agent.rewinding.order import Item, Step, blocked, in_order
from postil.core.changes import LeftAlone
from postil.core.effects import FileEdit, FileForm
from postil.core.errors import NotFound, ToolError
from postil.core.ports import FileView, Workspace
from postil.core.trail import Change
from postil.workspace.texts.revert import Conflict, Text, Trail, taken_back, trails

_DOUBT = "Nobody saw whether it was edited here, and it has changed since. Look at it."
_MODE_SET = "It was created here, and its permissions were changed since."
_SPARES = 10
"""How many names are tried for a file that gives way to another."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What going back would do, and what it cannot do."""

    items: Sequence[Item] = ()
    left: Sequence[LeftAlone] = ()
    """Files that stay as they are, and why."""
    steps: Sequence[Step] = ()
    """All edits, in the order in which they can be made."""
    unfinished: frozenset[str] = frozenset()
    """The ids of changes of which something is still there."""
    incomplete: bool = False
    """Whether changes are missing from the record, so that more may stay than it can say."""

    @property
    def edits(self) -> list[FileEdit]:
        """All edits, in order."""
        return [step.edit for step in self.steps]

    @property
    def plain(self) -> bool:
        """Whether nothing of the person's own is near: every file is as we left it."""
        return not self.left and not self.incomplete and all(item.doing != "merge" for item in self.items)

    @property
    def fingerprint(self) -> str:
        """A hash of what would be done; another one means that the files have changed."""
        parts = [intent_of(edit).model_dump(mode="json") for edit in self.edits]
        return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()[:16]


async def plan_of(changes: Iterable[Change], workspace: Workspace, kept: Kept) -> Plan:
    """Return what taking the changes back would do now; they are given in the order that they happened."""
    found = trails(await passages(list(changes), workspace, kept))
    living = (trail.now for trail in found if not trail.gone)
    look = _Look(workspace, kept, frozenset(await workspace.unsaved()), frozenset(living), set())
    items: list[Item] = []
    left: list[LeftAlone] = []
    unfinished: set[str] = set()
    for trail in found:
        try:
            item = await look.item(trail)
        except ToolError as error:
            item = Conflict(str(error))
        if item is not None:
            unfinished.update(trail.changes)
        if isinstance(item, Conflict):
            left.append(LeftAlone(path=str(trail.now), why=item.why))
        elif item is not None:
            items.append(item)
    taken = {it.path: why for it in items if it.arrives and (why := await look.in_the_way(it)) is not None}
    stuck = blocked(items, taken, await look.hindered(items))
    left += [LeftAlone(path=str(it.source or it.path), why=why) for it, why in stuck.items()]
    items = [it for it in items if it not in stuck]
    return Plan(items, left, await in_order(items, look.spare), frozenset(unfinished))


@dataclass(frozen=True, slots=True)
class _Look:
    """The files as they are now."""

    workspace: Workspace
    kept: Kept
    unsaved: frozenset[Path]
    living: frozenset[Path]
    """Where the files lie that were changed and are there."""
    spares: set[Path]
    """Names that were found free for files that give way."""

    async def item(self, trail: Trail) -> Item | Conflict | None:
        """Return what takes the changes of one file back; None where nothing has to be done. Raises ToolError."""
        if trail.doubtful:
            return Conflict(_DOUBT)
        if trail.lost:
            return Conflict("It is not there any more: deleted or renamed since.")
        now = await self._view(trail)
        text = now.text if now is not None else None
        runs: list[tuple[Text, Text]] = []
        for keys in trail.runs:
            if keys[0] == keys[1]:
                continue  # Another name and no other text: nothing is taken out.
            texts = [None if key is None else await self._text(key, now) for key in keys]
            if [it is None for it in texts] != [key is None for key in keys]:
                return Conflict("Its earlier text is no longer kept.")
            runs.append((texts[0], texts[1]))
        result = taken_back(text, runs)
        if isinstance(result, Conflict):
            return result
        if now is None:
            back = FileEdit(trail.was, None, result, form=trail.form)
            return None if result is None else Item("bring_back", trail.was, (back,), None)
        own = len(trail.runs) > 1 or now.hash != trail.runs[-1][1]
        return await self._back(trail, now, result, own=own)

    async def _text(self, key: str, now: FileView | None) -> str | None:
        """Return the text of that hash: the file's own, where it has it, else the one that is kept."""
        return now.text if now is not None and now.hash == key else await self.kept(key)

    async def _view(self, trail: Trail) -> FileView | None:
        """Return the file as it is; None where it is gone."""
        workspace = self.workspace
        try:
            if not trail.gone:
                return await workspace.read(trail.now)
            # An editor goes on showing what is gone; and where it was, another file may lie by now.
            there = None if trail.was in self.living else await workspace.read_saved(trail.was)
        except NotFound:
            return None
        again = there is not None and (trail.was == trail.now or there.hash == trail.runs[0][0])
        return there if again else None

    async def _back(self, trail: Trail, now: FileView, result: Text, *, own: bool) -> Item | Conflict | None:
        """Return what leads from the file as it is to the text; `own` where the person edited it since."""
        if trail.gone:
            return None
        source, unsaved = trail.now, trail.now in self.unsaved
        moved = trail.was != source
        reformed = trail.form is not None and not own and not unsaved
        if result is None or moved or reformed:
            if unsaved:
                return Conflict("It is open with unsaved changes.")
            saved = await self.workspace.read_saved(source)
            removal = FileEdit(source, saved.hash, None, saved.text, saved.form)
            if result is None and _is_own_mode(trail, saved):
                return Conflict(_MODE_SET)
            if result is None:
                return Item("remove", source, (removal,), source)
            if moved:
                move = FileEdit(trail.was, saved.hash, saved.text, saved.text, saved.form, source)
                rest = () if saved.text == result else (FileEdit(trail.was, saved.hash, result, saved.text),)
                return Item("move_back", trail.was, (move, *rest), source)
            form = _form_back(trail, saved)
            if saved.form != form:
                anew = FileEdit(source, saved.hash, result, saved.text, form)
                return Item("restore", source, (anew,), source)
        if result == now.text:
            return None
        edit = FileEdit(source, now.hash, result, now.text, in_editor=now.where == "buffer")
        return Item("merge" if own else "restore", source, (edit,), source)

    async def hindered(self, items: Iterable[Item]) -> dict[Item, str]:
        """Return the items whose files could not be written as they are now, and why."""
        found: dict[Item, str] = {}
        for item in items:
            why = await self.workspace.obstacle(item.edits[0])
            if why:
                found[item] = why
        return found

    async def in_the_way(self, item: Item) -> str | None:
        """Return what is in the way at the name that a file is to get; None where it is free."""
        try:
            there = await self.workspace.read_saved(item.path)
        except NotFound:
            return None
        except ToolError as error:
            return str(error)
        if there.hash == item.edits[0].before and str(item.path).casefold() == str(item.source).casefold():
            return None  # the file itself, to a file system that takes no notice of case
        return "Another file has its name." if item.path in self.living else "There is a file again."

    async def spare(self, path: Path) -> Path:
        """Return a free name beside another, for as long as files change places."""
        name = path
        for number in range(_SPARES):
            name = path.with_name(f"{path.name[:40]}.postil-back{number or ''}")
            if name not in self.spares and not await self._is_there(name):
                break
        self.spares.add(name)
        return name

    async def _is_there(self, path: Path) -> bool:
        try:
            await self.workspace.read_saved(path)
        except ToolError as error:
            return not isinstance(error, NotFound)
        return True


def _is_own_mode(trail: Trail, now: FileView) -> bool:
    """Whether somebody else set the file's permission bits after our changes had."""
    return trail.mode is not None and now.form is not None and now.form.mode != trail.mode


def _form_back(trail: Trail, now: FileView) -> FileForm | None:
    """Return the form that a file gets back; permission bits that somebody set since stay."""
    if trail.form is None or now.form is None or not _is_own_mode(trail, now):
        return trail.form
    return trail.form.model_copy(update={"mode": now.form.mode})
