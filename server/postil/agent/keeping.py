"""Keeping changes: a person has looked at them, and that outlasts the editor in which they did."""

from __future__ import annotations

from postil.agent.emitter import Emitter
from postil.core.errors import ProtocolError
from postil.core.events import ChangesKept
from postil.core.submissions import Keep


async def kept(keep: Keep, emitter: Emitter) -> None:
    """Put on record which changes are kept. Raises ProtocolError for one that there is not, and for one that was taken back."""
    workflow = emitter.state.workflow
    there = {it.change_id for it in workflow.changes}
    files = {it.path for it in workflow.changes if it.change_id in keep.change_ids}
    if strange := next((it for it in keep.paths if it not in files), None):
        raise ProtocolError(f"None of these changes is of {strange!r}.")
    for it in keep.change_ids:
        if it not in there:
            raise ProtocolError(f"There is no change {it!r} in this session.")
        if it in workflow.undone:
            raise ProtocolError("That change was taken back.", "There is nothing left of it to keep.")
    new = tuple(it for it in dict.fromkeys(keep.change_ids) if it not in workflow.kept)
    if keep.paths:
        known = {*workflow.kept_files}
        new = tuple(it for it in new if any((it, path) not in known for path in keep.paths))
    if new:
        await emitter.emit(ChangesKept(change_ids=new, paths=keep.paths, face=keep.face), sync=True)
