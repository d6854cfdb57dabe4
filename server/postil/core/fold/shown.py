"""What the model is shown of the conversation, as events change it: results fade, a beginning is compacted, a rewind goes back."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable

from postil.core import events as ev
from postil.core.compaction import Compaction, Decided
from postil.core.fold.spending import count_failed_summary, count_summary
from postil.core.question import Question
from postil.core.seen import SeenPart, SeenText, ShownPart
from postil.core.state import State, Workflow

_MOST_PARTS = 16
"""Parts of one file that are known."""


def note_shown(workflow: Workflow, part: SeenPart, message: int, call_id: str) -> None:
    """Keep where a part of a file's text stands; one that is said to stand further up was used again."""
    parts = workflow.shown.get(part.path, ())
    if part.again:
        parts = tuple(it.model_copy(update={"used": message}) if it.covers(part) else it for it in parts)
    else:
        new = ShownPart(
            hash=part.hash, first=part.first, last=part.last, message=message, call_id=call_id, used=message
        )
        parts = (*parts, new)[-_MOST_PARTS:]
    workflow.shown = {**workflow.shown, part.path: parts}


def faded(state: State, event: ev.ResultsFaded, _: ev.Recorded) -> None:
    """Show these results by reference."""
    conversation, workflow = state.conversation, state.workflow
    conversation.faded = (*conversation.faded, *event.results)
    gone = {(it.message, it.call_id) for it in event.results}
    _forget(workflow, lambda it: (it.message, it.call_id) in gone)
    workflow.last_read = 0


def started(state: State, event: ev.CompactionStarted, _: ev.Recorded) -> None:
    """Note that a compaction has begun."""
    state.workflow.compaction = event


def compacted(state: State, event: ev.Compacted, record: ev.Recorded) -> None:
    """Show its text in place of the messages before `upto`. What they said of files is not seen any more."""
    count_summary(state, event)
    conversation, workflow = state.conversation, state.workflow
    workflow.compaction = None
    if event.upto > len(conversation.messages) or event.upto < conversation.start:
        return
    new = Compaction(
        compaction_id=event.compaction_id, upto=event.upto, text=event.text,
        before=event.before, after=event.after, at=record.at, seq=record.seq,
    )  # fmt: skip
    conversation.compactions = (*conversation.compactions, new)
    _forget(workflow, lambda it: it.message < event.upto)
    for path in [it for it in workflow.seen if it not in workflow.shown]:
        _demote(workflow, path)


def failed(state: State, event: ev.CompactionFailed, _: ev.Recorded) -> None:
    """Everything is as it was, but for what was spent."""
    count_failed_summary(state, event)
    state.workflow.compaction = None


def cut_shown(state: State, messages: int, seq: int) -> None:
    """Go back to before an event, with so many messages left: what was shown otherwise since is not."""
    conversation, workflow = state.conversation, state.workflow
    conversation.faded = tuple(it for it in conversation.faded if it.message < messages)
    # One that was made since tells of edits, plans and answers that are taken back, however little it stands for.
    conversation.compactions = tuple(it for it in conversation.compactions if it.seq < seq)
    workflow.shown = {}
    workflow.decisions.cut(bisect_left(workflow.decisions, seq, key=lambda it: it.seq))


def note_decision(state: State, question: Question, chosen: str, text: str, record: ev.Recorded) -> None:
    """Keep what a person answered."""
    answer = "\n".join(it for it in (chosen, text) if it)
    new = Decided(seq=record.seq, question=f"{question.title} {question.subject}".strip(), answer=answer)
    state.workflow.decisions.append(new)


def _forget(workflow: Workflow, gone: Callable[[ShownPart], bool]) -> None:
    shown: dict[str, tuple[ShownPart, ...]] = {}
    for path, parts in workflow.shown.items():
        left = tuple(it for it in parts if not gone(it))
        if left:
            shown[path] = left
        known = workflow.seen.get(path)
        whole = known is not None and any(
            it.hash == known.hash and it.first == 1 and it.last is None for it in left
        )
        if len(left) < len(parts) and not whole:
            _demote(workflow, path)
    workflow.shown = shown


def _demote(workflow: Workflow, path: str) -> None:
    """Note that the model has seen nothing of a text, but that there is one and which."""
    workflow.seen, workflow.showing = _without(workflow.seen, path), _without(workflow.showing, path)


def _without(seen: dict[str, SeenText], path: str) -> dict[str, SeenText]:
    known = seen.get(path)
    return seen if known is None else {**seen, path: known.model_copy(update={"upto": 0})}
