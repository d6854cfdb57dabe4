"""Has sub-agents work for the calls of a turn: begins their sessions, waits for them, stops them, and brings back what they leave."""

from __future__ import annotations

import asyncio
from dataclasses import replace

from postil import __version__
from postil.agent.delegating.above import Above, Means
from postil.agent.delegating.birth import Birth
from postil.agent.delegating.ending import Left, details, left_by, lost
from postil.agent.delegating.handing import grants_of, parent_of
from postil.agent.delegating.lane import Lane
from postil.agent.delegating.passing import PassedUp
from postil.agent.emitter import Emitter
from postil.agent.parts import Parts, SubSession
from postil.agent.questions import Questions
from postil.agent.whole import whole
from postil.core.agent_types import AgentTypeInForce
from postil.core.delegation import SubagentStarted, Task
from postil.core.effects import Result
from postil.core.ephemeral import StageChanged
from postil.core.errors import InvalidInput, JournalError, UsageError
from postil.core.events import (
    CallStarted,
    ConfigurationInForce,
    Publication,
    SessionCreated,
)  # fmt: skip
from postil.core.state import CallState, State
from postil.core.submissions import Cancel, Close, Prompt

AT_ONCE = 8
"""Sub-agents of a session that work at the same time. Those of a sub-agent work one after another, in its place."""
GRACE = 15.0
"""Seconds that the session of one is given to close."""


class Delegating:
    """The sub-agents of one turn."""

    def __init__(self, emitter: Emitter, parts: Parts, questions: Questions, means: Means) -> None:
        self._emitter = emitter
        self._parts = parts
        self._questions = questions
        self._means = means
        self._lane = parts.above.lane if parts.above is not None else Lane()
        self._places = asyncio.Semaphore(AT_ONCE if parts.above is None else 1)

    async def run(self, call: CallState, task: Task) -> Result:
        """Have a task done, and return what came of it. A stop ends the sub-agent first, and then says what it had done.

        Raises InvalidInput for an agent type that cannot be had, and JournalError where this session cannot be recorded.
        """
        try:
            async with self._places:
                return await self._run(call, task)
        except UsageError as error:
            raise InvalidInput(error.message, error.mend) from None

    async def _run(self, call: CallState, task: Task) -> Result:
        depth = self._parts.depth + 1
        agent_type, configuration = await self._parts.sub_sessions.types(
            task.agent, self._emitter.state.workflow, depth
        )
        started = SubagentStarted(
            turn_id=call.turn_id, call_id=call.call.id, session_id=self._parts.ids.new("session"),
            agent_type=agent_type.name, title=task.title, depth=depth,
        )  # fmt: skip
        await self._emitter.emit(started, sync=True)
        work = _Work(started, self._emitter, self._parts)
        try:
            session = await work.begin(agent_type, self._limited(configuration), self._above(depth))
            await session.prompt(Prompt(task.text, face=self._face(call)))
            await session.idle()
        except asyncio.CancelledError:
            return await whole(self._end(work, stopped=True))
        except JournalError as error:
            if self._emitter.failure is not None:
                raise
            return await whole(self._end(work, str(error)))
        return await whole(self._end(work))

    async def _end(self, work: _Work, message: str = "", *, stopped: bool = False) -> Result:
        left = await work.end(message, stopped=stopped)
        await self._emitter.emit(left.finished, sync=True)
        return Result(
            left.content, is_error=not left.done, details={**details(left.finished)}, sources=left.sources
        )

    def _limited(self, configuration: ConfigurationInForce) -> ConfigurationInForce:
        """Return the configuration with no more time than its parent's turn has left."""
        seconds = max(1.0, min(configuration.limits.seconds, self._means.seconds_left()))
        return configuration.model_copy(
            update={"limits": configuration.limits.model_copy(update={"seconds": seconds})}
        )

    def _above(self, depth: int) -> Above:
        return Above(
            self._emitter.session_id,
            self._emitter.state,
            depth,
            self._means,
            self._lane,
            self._questions.waiting,
            self._parts.above,
        )

    def _face(self, call: CallState) -> str:
        turn = self._emitter.state.workflow.turn_of(call.turn_id)
        return turn.prompt.face if turn is not None else ""


class _Work:
    """One sub-agent, from its beginning to its end."""

    def __init__(self, started: SubagentStarted, above: Emitter, parts: Parts) -> None:
        self._started = started
        self._above = above
        self._parts = parts
        self._session: SubSession | None = None

    async def begin(
        self, agent_type: AgentTypeInForce, configuration: ConfigurationInForce, above: Above
    ) -> SubSession:
        """Make its session, with what is handed down to it."""
        started, workflow, roots = self._started, self._above.state.workflow, self._parts.workspace.roots
        grants = grants_of(workflow, roots)
        created = SessionCreated(
            session_id=started.session_id,
            roots=workflow.roots,
            face=workflow.turn.prompt.face if workflow.turn is not None else "",
            postil=__version__,
            parent=parent_of(started, workflow, self._above.session_id, grants, roots),
        )
        birth = Birth(
            created, agent_type, configuration, grants, workflow.memory,
            f"the sub-agent {started.agent_type}: {started.title}", (self._above.relay, self._seen),
            PassedUp(self._above, started),
        )  # fmt: skip
        compacting = replace(self._parts.compacting, between_turns=False)
        parts = replace(self._parts, above=above, compacting=compacting, shelve=_on_no_shelf)
        self._session = await self._parts.sub_sessions.begin(birth, parts)
        return self._session

    async def end(self, message: str, *, stopped: bool) -> Left:
        """Stop it where it still works, close its session, and return what it leaves."""
        session, display = self._session, self._parts.workspace.display
        if session is None:
            return lost(self._started, "cancelled" if stopped else "not_begun", message, doubtful=False)
        try:
            if stopped and session.busy:
                await session.cancel(Cancel("Stopped with the turn that it worked for."))
                await session.idle()
            failed = message or (str(session.halted) if session.halted is not None else "")
            await session.close(Close("its task has ended", GRACE))
            await asyncio.to_thread(session.state.conversation.messages.read)
        finally:
            self._parts.sub_sessions.forget(session.id)
        if session.state.workflow.turns:
            return lost(self._started, "failed", failed, doubtful=True)
        return left_by(self._started, session.state, display, failed)

    def _seen(self, publication: Publication) -> None:
        """Say above what it does now."""
        event = publication.event
        turn = self._above.state.workflow.turn_of(self._started.turn_id)
        if isinstance(event, CallStarted) and turn is not None:
            detail = f"{self._started.agent_type}: {event.title}"
            stage = StageChanged(turn_id=turn.id, stage="running", detail=detail, step=turn.steps)
            self._above.show(stage)


async def _on_no_shelf(state: State) -> None:
    """What a sub-agent came to is in the session above."""
    del state
