"""A rewind as it is carried out, step by step, and the end of one that a crash came into.

Every step is on record before the next is begun: two files can change places, and afterwards nobody could tell from the
files alone how far that had come.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from postil.agent.calls.intent import change_of, changed, intent_of, texts_of
from postil.agent.emitter import Emitter
from postil.agent.rewinding.order import Item, Step
from postil.agent.rewinding.plan import Plan, plan_of
from postil.core.changes import EditIntent, FileChanged, Landing, LeftAlone, RewindStarted, Rewound
from postil.core.effects import FileChange, FileEdit, text_hash
from postil.core.errors import ToolError
from postil.core.ports import Workspace
from postil.core.trail import Change

_INTERRUPTED = "Interrupted before it was taken back."
_TYPED_IN = "It was taken back, but is not saved: it was typed in meanwhile."


class TakingBack:
    """One rewind, from its intents to its end."""

    def __init__(self, started: RewindStarted, workspace: Workspace, emitter: Emitter) -> None:
        self._started = started
        self._workspace = workspace
        self._emitter = emitter
        self._incomplete = False
        """Whether there is more to go back than the record has."""
        self._broken: list[LeftAlone] = []
        """What was to go back and did not."""
        self._unsure: list[LeftAlone] = []
        """What went back, and may not stay so."""

    async def carry_out(self, plan: Plan) -> Rewound:
        """Do what the plan says; what has changed in the last moment is left alone. Raises JournalError."""
        self._incomplete = plan.incomplete
        unsaved = set(await self._workspace.unsaved())
        await self._emitter.keep(texts_of(plan.edits))
        await self._emitter.emit(self._started, sync=True)
        stuck: set[Item] = set()
        for step in plan.steps:
            if step.item not in stuck and not await self._take(step):
                stuck.add(step.item)
        done = [step.edit for step in plan.steps if step.item not in stuck]
        # What was saved before is saved again; typing that was not is the person's to save.
        typed_in = await self._save([edit for edit in done if edit.path not in unsaved])
        return await self._end("completed", (*plan.left, *typed_in, *self._unsure))

    async def recover(self) -> Rewound:
        """End it by looking at its files: nothing is repeated, nothing is finished. Raises JournalError."""
        for intent in self._started.edits:
            await self._workspace.clear_up(intent, self._started.change_id)
        changes = self._emitter.state.workflow.changes
        made, self._broken = await how_far(self._started, changes, self._workspace)
        for intent in made:
            await self._emitter.emit(self._changed(change_of(intent, "disk")), sync=True)
        return await self._end("interrupted", ())

    async def _take(self, step: Step) -> bool:
        """Make one edit; returns whether it is in."""
        edit, started = step.edit, self._started
        try:
            change = await self._workspace.apply(edit, started.label, started.change_id)
        except ToolError as error:
            # An edit that was refused may have landed all the same: look before saying so.
            intent = intent_of(edit)
            if await _look(intent, self._workspace) != "after":
                # Its message alone: what to do about it is written for the model.
                self._broken.append(LeftAlone(path=str(edit.moved_from or edit.path), why=error.message))
                return False
            change = change_of(intent, "disk")
        await self._emitter.emit(self._changed(change), sync=True)
        if change.doubt:
            self._unsure.append(LeftAlone(path=str(change.path), why=f"It was taken back. {change.doubt}"))
        return True

    async def _save(self, edits: Sequence[FileEdit]) -> list[LeftAlone]:
        """Save documents that hold exactly what was written; return those that were typed in meanwhile."""
        written = {edit.path: text_hash(edit.after) for edit in edits if edit.after is not None}
        typed_in: list[LeftAlone] = []
        for path in await self._workspace.unsaved():
            if path not in written:
                continue
            # Looked at again for each: saving those before it took a while.
            try:
                now = (await self._workspace.read(path)).hash
            except ToolError:
                continue
            if now == written[path]:
                await self._workspace.save([path])
            else:
                typed_in.append(LeftAlone(path=str(path), why=_TYPED_IN))
        return typed_in

    async def _end(self, outcome: Literal["completed", "interrupted"], left: Sequence[LeftAlone]) -> Rewound:
        started, changes = self._started, self._emitter.state.workflow.changes
        touched = any(it.rewind_id == started.rewind_id for it in changes)
        # What was taken back is what nothing is left of.
        undoes = {started.change_id, *started.undoes}
        rest = await plan_of(
            [it for it in changes if it.change_id in undoes], self._workspace, self._emitter.kept
        )
        # While something is left that was to go back, there is a turn to go back to again.
        goes_back = started.conversation and not self._broken
        rewound = Rewound(
            rewind_id=started.rewind_id,
            outcome=outcome,
            turn_id=started.turn_id if goes_back else None,
            note=_note(started) if touched and not goes_back else "",
            left=(*self._broken, *left),
            undone=tuple(it for it in started.undoes if it not in rest.unfinished),
            finished=not self._broken,
            incomplete=self._incomplete,
        )
        await self._emitter.emit(rewound, sync=True)
        return rewound

    def _changed(self, change: FileChange) -> FileChanged:
        started = self._started
        return changed(change, started.label, started.change_id, rewind_id=started.rewind_id)


async def how_far(
    started: RewindStarted, changes: Sequence[Change], workspace: Workspace
) -> tuple[list[EditIntent], list[LeftAlone]]:
    """Return the steps of a rewind that were made and are not on record, and the files that did not go back.

    Looked at only, for one that nobody carries out any longer.
    """
    known = {_key(it) for it in changes if it.rewind_id == started.rewind_id}
    made: list[EditIntent] = []
    stayed: list[LeftAlone] = []
    missing: set[str] = set()
    for intent in started.edits:
        if _key(intent) in known:
            continue
        # Nobody can have gone on from where nobody had come to.
        begun = missing.isdisjoint((intent.path, intent.moved_from or intent.path))
        if begun and await _look(intent, workspace) == "after":
            made.append(intent)
            continue
        if begun:
            stayed.append(LeftAlone(path=intent.moved_from or intent.path, why=_INTERRUPTED))
        missing.add(intent.path)
    return made, stayed


async def _look(intent: EditIntent, workspace: Workspace) -> Landing:
    try:
        return await workspace.settle(intent)
    except ToolError:
        return "neither"


def _key(step: EditIntent | Change) -> tuple[str, str | None, bool]:
    """Return what tells the steps of one rewind apart."""
    moved_from = step.moved_from if isinstance(step, EditIntent) else step.renamed_from
    return step.path, moved_from, step.after is None


def _note(started: RewindStarted) -> str:
    names: dict[str, None] = {}
    for edit in started.edits:
        names.pop(edit.moved_from or "", None)
        names[edit.path] = None
    return (
        "[The user took back changes of yours in these files; "
        f"read them again before you edit them: {', '.join(names)}]"
    )
