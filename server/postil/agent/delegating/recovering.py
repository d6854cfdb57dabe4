"""What became of sub-agents whose process ended: their own journals say it. None of them goes on."""

from __future__ import annotations

import logging

from postil.agent.delegating.ending import Left, call_finished, left_by, lost
from postil.agent.delegating.passing import pass_missing
from postil.agent.emitter import Emitter
from postil.agent.parts import Parts
from postil.core.delegation import SubagentStarted
from postil.core.errors import JournalError
from postil.core.state import CallState, Workflow

log = logging.getLogger(__name__)


async def recover_left(emitter: Emitter, parts: Parts, face: str) -> None:
    """Write the end of every sub-agent that an earlier process left at work, and of the call that it worked for.

    One that had come to its end is read; any other is ended as interrupted. Nothing is run again.
    """
    workflow = emitter.state.workflow
    for started in unsettled(workflow):
        left = await _left(started, emitter, parts, face)
        if any(it.started is started and it.finished is None for it in workflow.subagents):
            await emitter.emit(left.finished, sync=True)
        call = _waiting_call(workflow, started)
        if call is not None:
            await emitter.emit(call_finished(left, left.outcome, call.call.name), sync=True)


def unsettled(workflow: Workflow) -> list[SubagentStarted]:
    """Return the sub-agents of which no end is on record, or none of the call that they worked for."""
    return [
        it.started
        for it in workflow.subagents
        if it.finished is None or _waiting_call(workflow, it.started) is not None
    ]


def _waiting_call(workflow: Workflow, started: SubagentStarted) -> CallState | None:
    call = workflow.calls.get(started.call_id)
    waits = (
        call is not None and call.turn_id == started.turn_id and call.status == "started" and not call.lost
    )
    return call if waits else None


async def _left(started: SubagentStarted, emitter: Emitter, parts: Parts, face: str) -> Left:
    try:
        state = await parts.sub_sessions.settle(started.session_id, parts, face)
    except JournalError as error:
        log.warning("sub-agent %s cannot be settled: %s", started.session_id, error)
        return lost(started, "interrupted", f"Its record cannot be used. {error}", doubtful=True)
    if state is None:
        return lost(started, "not_begun", "", doubtful=False)
    await pass_missing(emitter, started, state)
    return left_by(started, state, parts.workspace.display)
