"""What became of sub-agents whose process ended: their own journals say it. None of them goes on."""

from __future__ import annotations

import logging

from postil.agent.delegating.ending import Left, call_finished, left_by, lost, running
from postil.agent.emitter import Emitter
from postil.agent.parts import Parts
from postil.core.delegation import SubagentStarted
from postil.core.errors import JournalError

log = logging.getLogger(__name__)


async def recover_left(emitter: Emitter, parts: Parts, face: str) -> None:
    """Write the end of every sub-agent that an earlier process left at work, and of the call that it worked for.

    One that had come to its end is read; any other is ended as interrupted. Nothing is run again.
    """
    for started in running(emitter.state.workflow.subagents):
        left = await _left(started, parts, face)
        await emitter.emit(left.finished, sync=True)
        call = emitter.state.workflow.calls.get(started.call_id)
        if call is None or call.turn_id != started.turn_id or call.status != "started" or call.lost:
            continue
        await emitter.emit(call_finished(left, left.outcome, call.call.name), sync=True)


async def _left(started: SubagentStarted, parts: Parts, face: str) -> Left:
    try:
        state = await parts.sub_sessions.settle(started.session_id, parts, face)
    except JournalError as error:
        log.warning("sub-agent %s cannot be settled: %s", started.session_id, error)
        return lost(started, "interrupted", f"Its record cannot be used. {error}", doubtful=True)
    if state is None:
        return lost(started, "not_begun", "", doubtful=False)
    return left_by(started, state, parts.workspace.display)
