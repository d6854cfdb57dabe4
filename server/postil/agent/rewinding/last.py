"""The rewind that was the last to change files, to be taken back itself."""

from __future__ import annotations

from postil.core.state import State
from postil.core.trail import Change

BEFORE = "Rewind to before: "
"""How the label of a rewind to before a turn begins."""


def last_rewind(state: State) -> Change | None:
    """Return a change of the rewind to before a turn that was the last to change files; None where something newer was.

    Under its change id the rewind itself can be taken back.
    """
    last = state.workflow.changes[-1] if state.workflow.changes else None
    if last is None or last.rewind_id is None or not last.label.startswith(BEFORE):
        return None
    return None if last.change_id in state.workflow.undone else last
