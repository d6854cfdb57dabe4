"""How calls of the model change the state: what is spent, and how well it was estimated."""

from __future__ import annotations

from postil.core import events as ev
from postil.core.messages import Usage
from postil.core.question import Question
from postil.core.spending import END, RAISE, Calibration, Spent, raises, spent_by
from postil.core.state import LastCall, State


def prefix_changed(state: State, event: ev.PrefixChanged, _: ev.Recorded) -> None:
    """Keep what requests begin with; the service has nothing of it yet."""
    state.workflow.prefix = event
    state.workflow.last_read = 0


def called(state: State, event: ev.ModelCalled, record: ev.Recorded) -> None:
    """Count the worst case; what an earlier call had set aside and nobody saw the end of stays counted."""
    worst = event.projection.worst
    state.workflow.last_call = LastCall(event=event, at=record.at, spent=worst)
    _spend(state, event.turn_id, worst)


def broke_off(state: State, event: ev.ModelBrokeOff, _: ev.Recorded) -> None:
    """Count what the service said that it read, in the place of what it might have been."""
    last = _open(state, event.turn_id, event.step)
    if last is not None and last.event.number == event.number:
        _spend(state, event.turn_id, event.most - last.spent)
        state.workflow.last_call = last.model_copy(update={"spent": event.most, "open": False})


def count_reply(state: State, event: ev.ModelReplied, record: ev.Recorded) -> None:
    """Put what was used in the place of what was set aside."""
    workflow = state.workflow
    workflow.last_read, workflow.last_read_at = event.usage.total_input, record.at
    last = _used(state, event.turn_id, event.step, event.usage, event.cost)
    if last is None:
        return
    model, projection = last.event.model, last.event.projection
    known = workflow.calibration.get(model, Calibration())
    after = known.after(projection.estimated, event.usage.total_input)
    workflow.calibration = {**workflow.calibration, model: after}


def count_failure(state: State, event: ev.ModelFailed) -> None:
    """Give back what was set aside for a call that the service had not begun to answer."""
    _broken(state, event.turn_id, event.step, begun=event.begun)


def count_summary(state: State, event: ev.Compacted) -> None:
    """Count what a summary used, which is a call like others; the next request's conversation is read anew."""
    _count(state, event, event.usage)
    state.workflow.last_read = 0


def count_failed_summary(state: State, event: ev.CompactionFailed) -> None:
    """Count what a summary used that was of no use; give back what was set aside for one that was never begun."""
    if event.usage is not None:
        _count(state, event, event.usage)
    else:
        _broken(state, event.turn_id or event.compaction_id, event.step, begun=event.begun)


def _count(state: State, event: ev.Compacted | ev.CompactionFailed, usage: Usage) -> None:
    workflow = state.workflow
    _used(state, event.turn_id or event.compaction_id, event.step, usage, event.cost)
    workflow.usage += usage
    workflow.cost = added(workflow.cost, event.cost)
    turn = workflow.turn_of(event.turn_id)
    if turn is not None:
        turn.usage += usage
        turn.cost = added(turn.cost, event.cost)


def added(total: float | None, cost: float | None) -> float | None:
    """Return the sum; None where a part of it is not known."""
    return None if total is None or cost is None else total + cost


def halt_answered(state: State, question: Question, turn_id: str | None, option_id: str | None) -> None:
    """Raise the limits that the question names, or note that the turn is to end."""
    turn = state.workflow.turn_of(turn_id)
    if option_id == END and turn is not None:
        turn.ended_by_limit = question.subject
    if option_id != RAISE:
        return
    for it in raises(question.about):
        raised = state.workflow.raised
        if it.scope == "turn" and turn is not None:
            turn.raised = it.to if turn.raised is None else turn.raised.raised(it.to)
        elif it.scope != "turn":
            key = f"{it.scope} {it.day}".rstrip()
            state.workflow.raised = {**raised, key: raised[key].raised(it.to) if key in raised else it.to}


def settled(call: ev.ModelCalled, event: object) -> Spent | None:
    """Return what a call counts for once `event` has come after it; None where that is not its end."""
    if isinstance(event, ev.ModelBrokeOff):
        return event.most if event.number == call.number else None
    if isinstance(event, ev.ModelReplied | ev.ModelFailed):
        turn_id = event.turn_id
    elif isinstance(event, ev.Compacted | ev.CompactionFailed):
        turn_id = event.turn_id or event.compaction_id
    else:
        return None
    if (turn_id, event.step) != (call.turn_id, call.step):
        return None
    if not isinstance(event, ev.ModelFailed) and event.usage is not None:
        return spent_by(event.usage, event.cost)
    return call.projection.worst if event.begun else Spent()


def _used(state: State, turn_id: str, step: int, usage: Usage, cost: float | None) -> LastCall | None:
    """Put what a call used in the place of what was set aside for it; return it, None where it is not the last one."""
    used, last = spent_by(usage, cost), _open(state, turn_id, step)
    _spend(state, turn_id, used - last.spent if last is not None else used)
    if last is not None:
        state.workflow.last_call = last.model_copy(update={"spent": used, "open": False})
    return last


def _broken(state: State, turn_id: str, step: int, *, begun: bool) -> None:
    last = _open(state, turn_id, step)
    if last is None:
        return
    kept = last.spent if begun else Spent()
    _spend(state, turn_id, kept - last.spent)
    state.workflow.last_call = last.model_copy(update={"spent": kept, "open": False})


def _open(state: State, turn_id: str, step: int) -> LastCall | None:
    last = state.workflow.last_call
    fits = last is not None and last.open and (last.event.turn_id, last.event.step) == (turn_id, step)
    return last if fits else None


def _spend(state: State, turn_id: str, more: Spent) -> None:
    state.workflow.spent += more
    turn = state.workflow.turn_of(turn_id)
    if turn is not None:
        turn.spent += more
