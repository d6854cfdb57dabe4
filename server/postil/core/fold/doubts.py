"""Edits of which nobody knows whether they were made, as changes of the session."""

from __future__ import annotations

from collections.abc import Iterable

from postil.core import events as ev
from postil.core.trail import Change


def doubtful(known: Iterable[Change], intent: ev.CallStarted, record: ev.Recorded) -> Iterable[Change]:
    """Return the edits of a call of which it is not known whether they were made."""
    made = {it.path for it in known if it.change_id == intent.change_id}
    for edit in intent.edits:
        if edit.path not in made:
            yield Change(
                turn_id=intent.turn_id,
                call_id=intent.call_id,
                change_id=intent.change_id or "",
                label=intent.title,
                path=edit.path,
                before=edit.before,
                after=edit.after,
                where="buffer" if edit.in_editor else "disk",
                form=edit.form if edit.after is None else None,
                renamed_from=edit.moved_from,
                seq=record.seq,
                doubtful=True,
            )
