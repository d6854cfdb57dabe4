"""How what hooks want changes the state."""

from __future__ import annotations

from collections.abc import Callable

from postil.core import events as ev
from postil.core.fold.sources import note_read
from postil.core.hooks import HookMark
from postil.core.messages import Remark, ToolMessage, UserMessage
from postil.core.origin import remarked
from postil.core.state import State, TurnState, Workflow


def hook_started(state: State, event: ev.HookStarted, _: ev.Recorded) -> None:
    """Keep that it was begun: it is not begun again."""
    state.workflow.hooks[event.key] = HookMark(
        hook_id=event.hook_id,
        moment=event.moment,
        owner=event.owner,
        turn_id=event.turn_id,
        call_id=event.call_id,
    )


def hook_ended(state: State, event: ev.HookEnded, record: ev.Recorded) -> None:
    """Keep what it wants, where that is kept until it happens."""
    mark = state.workflow.hooks.get(event.key)
    if mark is not None:
        update = {"outcome": event.outcome, "why": event.why}
        state.workflow.hooks[event.key] = mark.model_copy(update=update)
    turn = state.workflow.turn_of(event.turn_id)
    if turn is None:
        return
    if event.ends_turn:
        turn.ended_by_hook = event.why or "A hook ended the turn."
    if event.remark is not None:
        note_read(state, event.remark.sources, record)
    match event.moment:
        case "PreToolUse":
            _before_call(state, event)
        case "PostToolUse":
            _after_call(state, event)
        case "UserPromptSubmit" | "SessionStart" | "SubagentStart":
            if event.remark is not None and not turn.routed:
                turn.remarks = (*turn.remarks, event.remark)
            elif event.remark is not None:
                turn.joining = (*turn.joining, event.remark)
        case "Stop" | "SubagentStop":
            _at_the_end(state, turn, event)
        case _:
            pass


def forget_calls(workflow: Workflow, turn_id: str) -> None:
    """Forget the hooks of calls of an earlier step."""
    _keep(workflow, lambda it: it.turn_id != turn_id or it.call_id is None)


def forget_turn(workflow: Workflow, turn_id: str) -> None:
    """Forget the hooks of a turn that has ended, and not that the session has begun."""
    _keep(workflow, lambda it: it.turn_id != turn_id or it.moment == "SessionStart")


def forget_unbound(workflow: Workflow) -> None:
    """Forget that the session has begun: it begins anew in another process. What a turn goes on with, and what is open, stays."""
    _keep(
        workflow,
        lambda it: (
            it.outcome is None or (it.turn_id is not None and workflow.turn_of(it.turn_id) is not None)
        ),
    )


def _before_call(state: State, event: ev.HookEnded) -> None:
    call = state.workflow.calls.get(event.call_id or "")
    if call is None or call.turn_id != event.turn_id or call.status == "finished":
        return
    if event.input is not None:
        call.input, call.inputs = event.input, call.inputs + 1
    if event.remark is not None:
        call.remarks = (*call.remarks, event.remark)


def _after_call(state: State, event: ev.HookEnded) -> None:
    messages, call_id = state.conversation.messages, event.call_id or ""
    last = messages[-1] if messages else None
    if event.remark is None or not isinstance(last, ToolMessage) or call_id not in last.results:
        return
    result = last.results[call_id]
    last.results[call_id] = result.model_copy(update={"remarks": (*result.remarks, event.remark)})


def _at_the_end(state: State, turn: TurnState, event: ev.HookEnded) -> None:
    """Have the turn go on, where a hook wants that: what it says is the next message."""
    if event.outcome != "blocks" or event.ends_turn:
        return
    said: tuple[Remark, ...] = (event.remark,) if event.remark is not None else ()
    text = remarked("A hook wants the work to go on before it ends.", said, event.hook_id)
    state.conversation.messages.append(UserMessage(text=text, note=True))
    turn.last_stop, turn.continued = None, turn.continued + 1
    state.workflow.calls.clear()


def _keep(workflow: Workflow, wanted: Callable[[HookMark], bool]) -> None:
    if workflow.hooks:
        workflow.hooks = {key: it for key, it in workflow.hooks.items() if wanted(it)}
