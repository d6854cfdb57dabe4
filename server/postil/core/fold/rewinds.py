"""How going back to before a turn changes the state, and keeping what a turn changed."""

from __future__ import annotations

from postil.core import events as ev
from postil.core.fold.findings import cut_findings
from postil.core.fold.found import cut_found
from postil.core.fold.shown import cut_shown
from postil.core.fold.skills import forget_since
from postil.core.lost import NOTE
from postil.core.messages import UserMessage
from postil.core.state import State


def rewind_started(state: State, event: ev.RewindStarted, _: ev.Recorded) -> None:
    """Note that a rewind has begun."""
    state.workflow.rewind = event


def rewound(state: State, event: ev.Rewound, _: ev.Recorded) -> None:
    """Take back what a rewind took back."""
    workflow, messages = state.workflow, state.conversation.messages
    undone = event.undone
    if undone is None and workflow.rewind is not None and event.outcome == "completed":
        undone = workflow.rewind.undoes
    workflow.undone = list(dict.fromkeys((*workflow.undone, *(undone or ()))))
    workflow.rewind = None
    number, mark = next(
        ((number, it) for number, it in enumerate(workflow.marks) if it.turn_id == event.turn_id), (0, None)
    )
    if mark is not None:
        messages.cut(mark.messages)
        workflow.seen, workflow.showing = {}, {}
        cut_shown(state, mark.messages, mark.seq)
        cut_found(state, mark.seq)
        cut_findings(state, mark.seq)
        if mark.seq < workflow.lost_at:
            messages.append(UserMessage(text=NOTE, note=True))
        workflow.todo = mark.todo
        forget_since(workflow, mark.seq)
        workflow.read = tuple(it for it in workflow.read if it.seq < mark.seq)
        workflow.marks.cut(number)
        workflow.calls = {}
    elif event.note:
        messages.append(UserMessage(text=event.note, note=True))


def kept(state: State, event: ev.ChangesKept, _: ev.Recorded) -> None:
    """Note which changes a person keeps: one is kept once all of its files are."""
    workflow, whole = state.workflow, event.change_ids
    if event.paths:
        pairs = ((it, path) for it in event.change_ids for path in event.paths)
        workflow.kept_files = list(dict.fromkeys((*workflow.kept_files, *pairs)))
        left = {it.change_id for it in workflow.changes if (it.change_id, it.path) not in workflow.kept_files}
        whole = tuple(it for it in whole if it not in left)
    workflow.kept = list(dict.fromkeys((*workflow.kept, *whole)))
    workflow.kept_files = [it for it in workflow.kept_files if it[0] not in workflow.kept]
