"""What a sub-agent changes stands on the record of the session above as well, so that it is verified and taken back there.

Each change is passed up, synced, before the sub-agent lets another one write: the order above is that in which files were
changed. What a crash kept from being passed up is told by the sub-agent's own journal.
"""

from __future__ import annotations

from collections.abc import Sequence

from postil.agent.emitter import Emitter
from postil.core.changes import FileChanged
from postil.core.delegation import SubagentStarted
from postil.core.event import Event
from postil.core.state import State
from postil.core.trail import Change

_SAME = (
    "change_id", "label", "path", "before", "after", "where", "form", "renamed_from", "mode", "doubtful",
)  # fmt: skip


class PassedUp:
    """Where the emitter of a sub-agent hands its changes."""

    def __init__(self, above: Emitter, started: SubagentStarted) -> None:
        self._above = above
        self._started = started

    async def keep(self, texts: Sequence[str]) -> None:
        """Keep texts above as well, before the files are changed. Raises JournalError."""
        await self._above.keep(texts)

    async def changed(self, change: Change, event: Event) -> None:
        """Put on record above what an event below has changed. Raises JournalError."""
        passed = _passed(change, self._started)
        if isinstance(event, FileChanged):
            passed = passed.model_copy(update={"added": event.added, "removed": event.removed})
        await self._above.emit(passed, sync=True)


async def pass_missing(emitter: Emitter, started: SubagentStarted, below: State) -> None:
    """Put on record what a sub-agent changed and is not there yet. Raises JournalError."""
    known = {_key(it) for it in emitter.state.workflow.changes if it.subagent}
    for change in below.workflow.changes:
        if _key(change) not in known:
            await emitter.emit(_passed(change, started), sync=True)


def _passed(change: Change, started: SubagentStarted) -> FileChanged:
    """Return a change of a sub-agent as the session above records it; of whom it is stays what it was below."""
    same = {name: getattr(change, name) for name in _SAME}
    by = change.subagent or started.session_id
    return FileChanged(
        turn_id=started.turn_id, call_id=started.call_id, added=0, removed=0, subagent=by, **same
    )


def _key(change: Change) -> tuple[str, str, str | None, bool]:
    """Return what tells the steps of one change apart."""
    return change.change_id, change.path, change.renamed_from, change.after is None
