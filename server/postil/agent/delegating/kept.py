"""The sessions of sub-agents: made, found by faces while they work, and settled where an earlier process left them."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from postil import __version__
from postil.agent.delegating.birth import Birth
from postil.agent.emitter import Emitter
from postil.agent.parts import Parts
from postil.agent.session import Session
from postil.agent.types.beginning import Beginning
from postil.agent.whole import whole
from postil.core.agent_types import AgentTypeInForce
from postil.core.errors import JournalError, ProtocolError
from postil.core.events import ConfigurationInForce, GrantAdded, SessionResumed
from postil.core.ports import Journal
from postil.core.state import State, Workflow
from postil.core.submissions import Close


class Ending(Protocol):
    """What is known of how a session's last process ended."""

    @property
    def ending(self) -> str:
        """One or two sentences; nothing where it was clean."""
        ...


class Store(Protocol):
    """Where journals are."""

    def create(self, root: Path, session_id: str) -> Awaitable[Journal]:
        """Make one. Raises JournalError."""
        ...

    def open(self, session_id: str) -> Awaitable[tuple[State, Journal, Ending]]:
        """Open one for writing. Raises ProtocolError where there is none, and JournalError."""
        ...


@dataclass(frozen=True, slots=True)
class KeptSubSessions:
    """An `agent.parts.SubSessions`: their journals lie beside all others of the workspace."""

    store: Store
    root: Path
    beginning: Beginning
    working: dict[str, Session] = field(default_factory=dict[str, Session])
    """Those that work now, by id."""

    async def types(
        self, agent: str, above: Workflow, depth: int
    ) -> tuple[AgentTypeInForce, ConfigurationInForce]:
        """Return what a sub-agent of a type begins with below a session. Raises UsageError for a type that cannot be had."""
        return await self.beginning.below(agent, above, depth)

    async def begin(self, birth: Birth, parts: Parts) -> Session:
        """Make a session, with what is handed down to it on its record. Raises JournalError."""
        session_id = birth.created.session_id
        journal = await self.store.create(self.root, session_id)
        emitter = Emitter(session_id, journal, State.empty(), birth.asker, birth.passing)
        for subscriber in birth.subscribers:
            emitter.subscribe(subscriber)
        try:
            await emitter.emit(birth.created)
            session = Session(emitter, parts)
            await session.begin(birth.configuration, birth.agent_type)
            for it in birth.grants:
                await emitter.emit(GrantAdded(grant_id=it.id, rule=it.rule, scope="session"))
            if birth.memory is not None:
                await emitter.emit(birth.memory)
        except BaseException:
            with suppress(JournalError):
                await whole(emitter.close())
            raise
        self.working[session_id] = session
        return session

    def forget(self, session_id: str) -> None:
        """Let faces find it no more."""
        self.working.pop(session_id, None)

    async def settle(self, session_id: str, parts: Parts, face: str) -> State | None:
        """Settle what a sub-agent had begun that an earlier process left, its own sub-agents included, and end its turn.

        Returns what it came to; None where it had not come so far that there is a record. Raises JournalError.
        """
        try:
            state, journal, report = await self.store.open(session_id)
        except ProtocolError:
            return None
        emitter = Emitter(session_id, journal, state)
        try:
            if not state.workflow.session_id:
                return None
            if state.workflow.turns or not state.workflow.closed:
                session = Session(emitter, parts)
                clean = state.workflow.closed
                resumed = SessionResumed(face=face, postil=__version__, clean=clean, reason=report.ending)
                await session.recover(resumed)
                await session.end_left("Postil ended while it worked. It was not run again.")
                await session.close(Close("the session that it worked for was opened again"))
            await asyncio.to_thread(state.conversation.messages.read)
        finally:
            with suppress(JournalError):
                await whole(emitter.close())
        return state
