"""What a turn has edited: the files whose text it left another one, by their paths."""

from __future__ import annotations

from postil.core.state import State, TurnState
from postil.core.trail import Change


def changes_of(state: State, turn: TurnState) -> list[Change]:
    """Return the turn's changes, in order; of one that only checks, all of the session that stand."""
    workflow = state.workflow
    if turn.prompt.checks:
        return [it for it in workflow.changes if it.rewind_id is None and it.change_id not in workflow.undone]
    mark = next((it for it in reversed(workflow.marks) if it.turn_id == turn.id), None)
    since = workflow.changes.since(mark.seq if mark is not None else 0)
    return [it for it in since if it.turn_id == turn.id]


def edited_paths(state: State, turn: TurnState) -> list[str]:
    """Return the paths of the files that the turn has edited, made, moved or removed, sorted."""
    found: set[str] = set()
    for it in changes_of(state, turn):
        found.add(it.path)
        if it.renamed_from is not None:
            found.add(it.renamed_from)
    return sorted(found)
