"""The sessions of one workspace: made, opened, listed and closed; each is open at most once in a process."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path

from postil import __version__
from postil.agent.delegating.kept import KeptSubSessions
from postil.agent.emitter import Emitter, Subscriber
from postil.agent.parts import Parts
from postil.agent.rewinding.past import Past
from postil.agent.session import Session
from postil.agent.types.beginning import Beginning
from postil.agent.viewing import View
from postil.agent.whole import whole
from postil.core.errors import Damaged, JournalError, OfSubAgent, OtherWorkspace, ProtocolError
from postil.core.events import ConfigurationInForce, Recorded, SessionCreated, SessionResumed, SkillsInForce
from postil.core.ids import Ids
from postil.core.renaming import named
from postil.core.skills import SKILL
from postil.core.state import State
from postil.core.submissions import Close, Rename, SetModel
from postil.journal.listing import Summary
from postil.journal.store import SessionStore


@dataclass(frozen=True, slots=True)
class Opened:
    """A session that was opened, and what a person should know of how it was found."""

    session: Session
    note: str = ""


class Sessions:
    """Where faces get their sessions from."""

    def __init__(
        self,
        store: SessionStore,
        roots: Sequence[Path],
        ids: Ids,
        parts: Callable[[], Parts],
        beginning: Beginning,
    ) -> None:
        self.store = store
        self._roots = tuple(roots)
        self._ids = ids
        self._parts = parts
        self._beginning = beginning
        self._below = KeptSubSessions(store, self._roots[0], beginning)
        self._open: dict[str, Session] = {}
        self._views: dict[str, View] = {}
        self._opening = asyncio.Lock()

    def get(self, session_id: str) -> Session:
        """Return an open session; raises ProtocolError for one that is not open here."""
        try:
            return self._below.working.get(session_id) or self._open[session_id]
        except KeyError:
            raise ProtocolError(f"No session {session_id!r} is open here.", "Attach to it first.") from None

    @property
    def open_sessions(self) -> tuple[Session, ...]:
        """The sessions that are open in this process, sub-agents at work among them."""
        return (*self._open.values(), *self._below.working.values())

    def working_below(self, session_id: str) -> Session | None:
        """Return the session of a sub-agent that works now; None where it is none."""
        return self._below.working.get(session_id)

    def working_for(self, session: Session, who: str = "") -> Iterator[tuple[Session, str]]:
        """Yield a session and the sub-agents that work for it now, at whatever depth, each with its type: each before its own."""
        yield session, who
        for it in session.state.workflow.subagents:
            below = self.working_below(it.started.session_id) if it.finished is None else None
            if below is not None:
                yield from self.working_for(below, it.started.agent_type)

    async def new(
        self,
        face: str,
        *subscribers: Subscriber,
        agent: str | None = None,
        mode: str | None = None,
        model: str | None = None,
        session_id: str | None = None,
    ) -> Session:
        """Create a session, durable on return; `subscribers` are told of everything from its first event on.

        Without an agent type, a mode and a model it has those of the settings; its id may have been `reserved` before.
        Raises UsageError for a type that cannot be had, before anything is made.
        """
        agent_type, configuration = await self._beginning.new(agent, mode, model)
        session_id = session_id or self.reserve()
        journal = await self.store.create(self._roots[0], session_id)
        emitter = Emitter(session_id, journal, State.empty())
        roots = tuple(str(root) for root in self._roots)
        created = SessionCreated(session_id=session_id, roots=roots, face=face, postil=__version__)
        for subscriber in subscribers:
            emitter.subscribe(subscriber)
        async with _let_go_on_error(emitter):
            await emitter.emit(created)
            parts = self._own_parts()
            session = Session(emitter, parts)
            await session.begin(configuration, agent_type)
            memory, skills = await asyncio.gather(parts.hot(), _skills(parts, configuration))
            for it in (memory, skills):
                if it is not None:
                    await emitter.emit(it, sync=True)
        self._open[session_id] = session
        return session

    def reserve(self) -> str:
        """Return the id of a session that is to be made later, once somebody asks for something in it."""
        return self._ids.new("session")

    async def open(self, session_id: str, face: str, *subscribers: Subscriber) -> Opened:
        """Return the session, opened if it is not, or has halted: calls in doubt are settled, nothing is run.

        `subscribers` are told of everything that opening brings to light, and of what follows.
        Raises ProtocolError for one that does not exist and JournalError for one that cannot be written.
        """
        async with self._opening:
            return await self._opened(session_id, face, *subscribers)

    async def rename(self, session_id: str, rename: Rename) -> str:
        """Call a session otherwise, and return how it is called; one that is not open is opened and closed again.

        Raises as `open` does, and UsageError for what is no title.
        """
        named(rename.title)
        async with self._opening:  # So that nobody takes it for open who comes while it is.
            kept = session_id in self._open or session_id in self._below.working
            session = (await self._opened(session_id, rename.face)).session
            try:
                return await session.rename(rename)
            finally:
                if not kept:
                    await self.close(session_id, "it was opened to be renamed")

    async def set_model(self, session_id: str, change: SetModel) -> None:
        """Change the model of an open session; raises UsageError for what is no name of one, ProtocolError while a turn runs."""
        await self.get(session_id).configure(
            lambda it: self._beginning.with_model(it, change.model, change.face), idle=True
        )

    async def view(self, session_id: str, why: JournalError) -> View:
        """Return a session to read only, because of `why` it cannot be opened for writing.

        Raises ProtocolError for one that does not exist and JournalError for one that cannot be read.
        """
        async with self._opening:
            view = self._views.get(session_id)
            if view is None or not view.following:
                state, viewer, _ = await self.store.view(session_id)
                self._check_home(state)
                view = self._views[session_id] = View(session_id, state.seq, viewer)
            mend = f" {why.mend}" if isinstance(why, Damaged) else ""
            view.note = f"{why.message} You can read it here.{mend}"
            return view

    async def past(self, session_id: str) -> Past:
        """Return what a session can be taken back to, for a person to decide; it is not opened, and stays as it is.

        What a crash left unsettled shows only once it is opened. Raises ProtocolError, Damaged, JournalError.
        """
        state, viewer, report = await self.store.view(session_id)
        self._check_home(state)
        if report.damage:
            raise Damaged(report.damage, report.mend)
        return Past(state, viewer.kept, self._parts().workspace)

    async def _opened(self, session_id: str, face: str, *subscribers: Subscriber) -> Opened:
        session = self._below.working.get(session_id) or self._open.get(session_id)
        if session is not None and (session.halted is None or session_id in self._below.working):
            return Opened(session)
        if session is not None:
            # What a halted one has on disk is known only to a reader that starts anew, as after a crash.
            await self.close(session_id, "its journal could not be written")
        state, journal, report = await self.store.open(session_id)
        emitter = Emitter(session_id, journal, state)
        for subscriber in subscribers:
            emitter.subscribe(subscriber)
        resumed = SessionResumed(face=face, postil=__version__, clean=report.clean, reason=report.ending)
        async with _let_go_on_error(emitter):
            self._check_home(state)
            if state.workflow.parent is not None:
                raise OfSubAgent(state.workflow.parent.session_id)
            session = Session(emitter, self._own_parts())
            await session.recover(resumed)
            await session.begin(self._beginning.again(session.state.workflow))
        self._open[session_id] = session
        self._close_view(session_id)
        return Opened(session, report.ending)

    def _own_parts(self) -> Parts:
        parts = self._parts()
        return replace(parts, sub_sessions=self._below, scripts=parts.scripts.anew())

    def _check_home(self, state: State) -> None:
        """Refuse a session of another workspace: its grants were given for that one."""
        home = state.workflow.roots
        if home and Path(home[0]) not in self._roots:
            raise OtherWorkspace(home[0])

    async def list(self) -> Sequence[Summary]:
        """Return the workspace's sessions, newest first, from disk."""
        return await self.store.list(self._roots[0])

    async def events(self, session_id: str, after: int) -> Sequence[Recorded]:
        """Return a session's durable events after a sequence number, from its journal."""
        record = await self.store.record(session_id)
        return [it for it in record.events if it.seq > after]

    async def close(self, session_id: str, reason: str) -> None:
        """Close one session; one that is not open is no error."""
        self._close_view(session_id)
        session = self._open.pop(session_id, None)
        if session is not None:
            await session.close(Close(reason))

    async def close_all(self, reason: str) -> None:
        """Close every session at once."""
        await asyncio.gather(*(self.close(session_id, reason) for session_id in {*self._open, *self._views}))

    def _close_view(self, session_id: str) -> None:
        view = self._views.pop(session_id, None)
        if view is not None:
            view.close()


async def _skills(parts: Parts, configuration: ConfigurationInForce) -> SkillsInForce | None:
    """Return the skills of a new session; none where it has no tool to load one."""
    return await parts.skills.begin(trusted=configuration.trusted) if SKILL in configuration.tools else None


@asynccontextmanager
async def _let_go_on_error(emitter: Emitter) -> AsyncGenerator[None]:
    """Close the journal where what is done with it fails: else this process would keep the session's lock."""
    try:
        yield
    except BaseException:
        with suppress(JournalError):
            await whole(emitter.close())
        raise
