"""What is on record of an edit: its hashes before it is made, and the change once it was."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Literal

from postil.core.changes import EditIntent, FileChanged
from postil.core.effects import FileChange, FileEdit, Invocation, SkillOpened, ToolEffect, text_hash
from postil.core.events import CallStarted
from postil.core.skills import SkillActivated
from postil.core.state import CallState


def intent_of(edit: FileEdit) -> EditIntent:
    """Return the edit as it is recorded: by hashes, its texts lie in the checkpoint."""
    return EditIntent(
        path=str(edit.path),
        before=edit.before,
        after=None if edit.after is None else text_hash(edit.after),
        form=edit.form,
        moved_from=None if edit.moved_from is None else str(edit.moved_from),
        in_editor=edit.in_editor,
    )


def texts_of(edits: Sequence[FileEdit]) -> list[str]:
    """Return the texts to keep before the edits are made: what is replaced, and what takes its place."""
    texts = (text for edit in edits for text in (edit.before_text, edit.after) if text is not None)
    return list(dict.fromkeys(texts))


def change_of(edit: EditIntent, where: Literal["buffer", "disk"]) -> FileChange:
    """Return the change that an edit made of which only the intent is left; how many lines it was is not known."""
    return FileChange(
        path=Path(edit.path),
        before=edit.before,
        after=edit.after,
        added=0,
        removed=0,
        where=where,
        form=edit.form if edit.after is None else None,
        mode=edit.form.mode if edit.form is not None and edit.after is not None else None,
        renamed_from=None if edit.moved_from is None else Path(edit.moved_from),
    )


def doubts_of(effects: Sequence[ToolEffect], display: Callable[[Path], str]) -> str:
    """Return what is not sure of changes that were made, as it follows on what their tool says."""
    changes = (it for it in effects if isinstance(it, FileChange) and it.doubt)
    return "".join(f"\n{display(it.path)}: {it.doubt} Tell the user." for it in changes)


def activated(opened: SkillOpened, turn_id: str, call_id: str) -> SkillActivated:
    """Return the event of a skill that was loaded."""
    return SkillActivated(
        turn_id=turn_id, call_id=call_id, name=opened.name, owner=opened.owner, path=opened.path, text=opened.text,
        allowed=opened.allowed, sources=opened.sources,
    )  # fmt: skip


def changed(
    change: FileChange,
    label: str,
    change_id: str,
    *,
    turn_id: str | None = None,
    call_id: str | None = None,
    rewind_id: str | None = None,
) -> FileChanged:
    """Return the event of a change that was made."""
    return FileChanged(
        turn_id=turn_id,
        call_id=call_id,
        rewind_id=rewind_id,
        change_id=change_id,
        label=label,
        path=str(change.path),
        before=change.before,
        after=change.after,
        added=change.added,
        removed=change.removed,
        where=change.where,
        diff=change.diff,
        form=change.form,
        renamed_from=None if change.renamed_from is None else str(change.renamed_from),
        mode=change.mode,
    )


def call_started(call: CallState, invocation: Invocation, change_id: str | None) -> CallStarted:
    """Return the intent of a call, as it is recorded before the effect."""
    access = invocation.access
    return CallStarted(
        turn_id=call.turn_id,
        call_id=call.call.id,
        tool=call.call.name,
        kind=invocation.kind,
        title=invocation.title,
        effect_class=access.effect_class,
        change_id=change_id,
        edits=tuple(intent_of(edit) for edit in access.edits),
        command=access.command.line if access.command else None,
        cwd=str(access.command.cwd) if access.command else None,
    )
