"""The sessions' own methods: new, list, attach, prompt, answer, cancel, resume, close, mode, model, keep. Kind: submitting."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from postil.core.errors import JournalError
from postil.core.events import Publication, Recorded
from postil.core.submissions import Answer, Cancel, Keep, Prompt, Resume, SetMode, SetModel
from postil.lsp.face import Face
from postil.lsp.features.resuming import tell_found
from postil.lsp.outbox import SessionOutbox, wire
from postil.lsp.server import PostilServer
from postil.lsp.values.session_methods import (
    AnswerParams,
    AttachParams,
    AttachResult,
    CancelResult,
    KeepParams,
    ListResult,
    ModelParams,
    ModeParams,
    NewParams,
    PromptParams,
    SessionParams,
    SessionResult,
    SessionRow,
    TurnResult,
    Update,
)
from postil.lsp.wire import Nothing

_TRIES = 5
"""How often events are read that came while others were: it is a moment each, and few come in one."""

if TYPE_CHECKING:
    from postil.agent.session import Session
    from postil.agent.sessions import Sessions as OpenSessions


def register(server: PostilServer) -> None:
    """Serve the methods, and send updates to a client that uses them."""
    Sessions(server)


class Sessions:
    """The handlers, and an outbox for each session that the client is attached to."""

    def __init__(self, server: PostilServer) -> None:
        self._server = server
        self._outboxes: dict[str, SessionOutbox] = {}
        server.on_face.append(lambda face: face.listen(self._publish, below=True))
        server.on_end.append(self._end)
        server.serve_row("session/new", self.new)
        server.serve_row("session/list", self.list)
        server.serve_row("session/attach", self.attach)
        server.serve_row("session/prompt", self.prompt)
        server.serve_row("session/answer", self.answer)
        server.serve_row("session/cancel", self.cancel)
        server.serve_row("session/resume", self.resume)
        server.serve_row("session/close", self.close)
        server.serve_row("session/mode", self.mode)
        server.serve_row("session/model", self.model)
        server.serve_row("session/keep", self.keep)

    async def new(self, face: Face, params: NewParams) -> SessionResult:
        """Create a session."""
        session = await face.new_session(params.agent, params.mode)
        return SessionResult(session_id=session.id, seq=session.state.seq)

    async def list(self, face: Face, _: Nothing) -> ListResult:
        """List the sessions from disk, with what is known of those that are open."""
        app = await face.app()
        here = {it.id: it for it in app.sessions.open_sessions}
        rows: list[SessionRow] = []
        for found in await app.sessions.list():
            session = here.get(found.session_id)
            workflow = session.state.workflow if session is not None else None
            rows.append(
                SessionRow(
                    session_id=found.session_id,
                    title=workflow.title if workflow is not None else found.title,
                    updated_at=workflow.updated_at if workflow is not None else found.updated_at,
                    turns=workflow.turn_count if workflow is not None else found.turns,
                    open=session is not None,
                    busy=session is not None and session.working,
                    questions=len(workflow.questions) if workflow is not None else found.questions,
                    status=found.status,
                )
            )
        return ListResult(sessions=rows)

    async def attach(self, face: Face, params: AttachParams) -> AttachResult:
        """Open the session and return its events; what comes after them arrives as updates.

        One that cannot be written here, such as while another window has it open, is opened to read only.
        """
        try:
            session = await face.session(params.session_id)
        except JournalError as error:
            app = await face.app()
            view = await app.sessions.view(params.session_id, error)
            attached = await self._attached(view.id, view.seq, params.after)
            if not view.following:
                view.follow(self._publish)
            return attached.model_copy(update={"note": view.note, "read_only": True})
        outbox = self._outbox(session.id, session.state.seq)
        before = outbox.sent
        attached = await self._up_to_now(session, params.after)
        sessions = (await face.app()).sessions
        # Nothing comes between the look at what holds now and the answer that tells of it.
        passing = [Update.model_validate(wire(it)) for it in _passing(session, sessions, attached.seq)]
        if attached.seq == session.state.seq:
            outbox.overtake(before)
        return attached.model_copy(
            update={"suspended": session.suspended, "note": face.note(session.id), "passing": passing},
        )

    async def _up_to_now(self, session: Session, after: int) -> AttachResult:
        """Return the events after `after` to the last: what is said at this moment goes on from that one."""
        attached = await self._attached(session.id, session.state.seq, after)
        for _ in range(_TRIES):
            if attached.seq >= session.state.seq:
                break
            more = await self._attached(session.id, session.state.seq, attached.seq)
            attached = more.model_copy(update={"events": [*attached.events, *more.events]})
        return attached

    async def _attached(self, session_id: str, seq: int, after: int) -> AttachResult:
        records = await self._outbox(session_id, seq).attach(after)
        return AttachResult(
            session_id=session_id,
            seq=records[-1].seq if records else min(after, seq),
            events=[
                Update.model_validate(wire(Publication(session_id, it.seq, it.seq, it.event, at=it.at)))
                for it in records
            ],
        )

    async def prompt(self, face: Face, params: PromptParams) -> TurnResult:
        """Hand a prompt to its session."""
        agent = params.agent or await _type_wanted(face, params)
        session = await (
            face.new_session(agent)
            if agent is not None
            else face.session(params.session_id, new=params.new_session)
        )
        prompt = Prompt(params.text, params.context, params.anchor, face.name, steers=params.steer)
        turn_id = await session.prompt(prompt)
        waits = session.state.workflow.waiting(turn_id) is not None
        return TurnResult(session_id=session.id, turn_id=turn_id, queued=waits)

    async def answer(self, face: Face, params: AnswerParams) -> Nothing:
        """Hand an answer to its session."""
        session = await face.session(params.session_id)
        await session.answer(Answer(params.question_id, params.option_id, params.text, face.name))
        return Nothing()

    async def cancel(self, face: Face, params: SessionParams) -> CancelResult:
        """Stop the session's turn."""
        session = await face.session(params.session_id)
        return CancelResult(cancelled=await session.cancel(Cancel("You stopped it.")))

    async def resume(self, face: Face, params: SessionParams) -> TurnResult:
        """Go on with the turn that was left open."""
        here = {it.id: it for it in face.open_sessions}
        session = await face.session(params.session_id)
        if here.get(session.id) is not session:
            tell_found(self._server, session, face.note(session.id))
        return TurnResult(session_id=session.id, turn_id=await session.resume(Resume(face.name)))

    async def close(self, face: Face, params: SessionParams) -> Nothing:
        """Close the session."""
        await face.forget(params.session_id)
        outbox = self._outboxes.pop(params.session_id, None)
        if outbox is not None:
            outbox.close()
        return Nothing()

    async def mode(self, face: Face, params: ModeParams) -> Nothing:
        """Change the permission mode."""
        session = await face.session(params.session_id)
        await session.set_mode(SetMode(params.mode, face.name))
        return Nothing()

    async def model(self, face: Face, params: ModelParams) -> Nothing:
        """Change the model."""
        session = await face.session(params.session_id)
        await (await face.app()).sessions.set_model(session.id, SetModel(params.model, face.name))
        return Nothing()

    async def keep(self, face: Face, params: KeepParams) -> Nothing:
        """Keep changes."""
        session = await face.session(params.session_id)
        await session.keep(Keep(params.change_ids, face.name, params.paths))
        return Nothing()

    def _outbox(self, session_id: str, after: int) -> SessionOutbox:
        if session_id not in self._outboxes:
            self._outboxes[session_id] = SessionOutbox(session_id, self._server, self._events, after)
        return self._outboxes[session_id]

    async def _events(self, session_id: str, after: int) -> Sequence[Recorded]:
        """Return what was published after `after`; the journal may be one event ahead of that."""
        app = await self._server.face.app()
        session = next((it for it in app.sessions.open_sessions if it.id == session_id), None)
        newest = session.state.seq if session is not None else sys.maxsize
        return [it for it in await app.sessions.events(session_id, after) if it.seq <= newest]

    def _end(self) -> None:
        for outbox in self._outboxes.values():
            outbox.close()

    def _publish(self, publication: Publication) -> None:
        face = self._server.face
        outbox = self._outboxes.get(publication.session_id)
        if outbox is None and face.capabilities.takes_updates:
            # What the client has begun it gets from its first event; of an older session, what comes from now on.
            before = publication.after if publication.seq is None else publication.after - 1
            after = 0 if publication.session_id in face.begun else before
            outbox = self._outbox(publication.session_id, after)
        if outbox is not None:
            outbox.put(publication)


def _passing(session: Session, sessions: OpenSessions, seq: int) -> Iterator[Publication]:
    """Yield what the session's model has said of the reply in progress, and the waits for a next try, of it and of those that work for it.

    `seq` is the last event that the client has: what was said after a later one comes to it as updates.
    """
    if seq == session.state.seq:
        for said in session.saying.now:
            yield Publication(session.id, None, seq, said)
    for it, _ in sessions.working_for(session):
        if (waits := it.retries.now) is not None:
            yield Publication(it.id, None, it.state.seq, waits)


async def _type_wanted(face: Face, params: PromptParams) -> str | None:
    """Return the agent type of a new session that a prompt's slash command is for; None where the session in use will do."""
    if params.session_id is not None or params.text.lstrip()[:1] != "/":
        return None
    from postil.agent.commanding.giving import type_wanted  # noqa: PLC0415 - loaded with the first

    app, here = await face.app(), None if params.new_session else face.in_use
    wanted = await asyncio.to_thread(type_wanted, params.text, app.commands, trusted=app.trust.now.trusted)
    now = here.state.workflow.configuration if here is not None else None
    return None if now is not None and now.agent_type == wanted else wanted
