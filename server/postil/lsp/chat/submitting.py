"""Sending and answering from chat documents: what is written below the last heading is used by one request at a time."""

from __future__ import annotations

import asyncio
import logging
from collections import defaultdict
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Protocol
from urllib.parse import unquote

from postil.core.errors import EditRefused, ProtocolError
from postil.core.question import Anchor
from postil.core.submissions import Answer, Prompt
from postil.lsp.chat.commands import carry_out, chosen
from postil.lsp.chat.drafts import put_back, take_out
from postil.lsp.chat.form import YOU, Section
from postil.lsp.chat.glance import Glance
from postil.lsp.chat.passage import Passage
from postil.lsp.chat.sent import refuse_twice
from postil.lsp.values.chat_methods import ChatSent

if TYPE_CHECKING:
    from postil.agent.session import Session
    from postil.lsp.chat.beside import Beside
    from postil.lsp.chat.document import ChatDocument
    from postil.lsp.chat.pages import Pages
    from postil.lsp.face import Face

log = logging.getLogger(__name__)


class Room(Protocol):
    """Where the documents are that are sent from."""

    pages: Pages
    besides: Beside

    async def readied(self, uri: str) -> tuple[ChatDocument, str]:
        """Return a document that is sent from, and what it says."""
        ...

    async def session_of(self, document: ChatDocument, uri: str) -> Session:
        """Return the session that a document shows, begun where it shows none yet."""
        ...

    def note_state(self, document: ChatDocument) -> None:
        """Have a document know what its session is doing, and its mode."""
        ...


class Submitting:
    """What the documents of a room are used for, one request at a time in each."""

    def __init__(self, room: Room, face: Face) -> None:
        self._room = room
        self._face = face
        self._hands: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)

    def is_busy(self, uri: str) -> bool:
        """Whether what is written in a document is being used."""
        return self._hands[unquote(uri)].locked()

    def glance(self, uri: str) -> Glance:
        """See what a document says when something is asked for."""
        return Glance(self._room.pages.shown(uri))

    async def send(self, uri: str, seen: Glance, *, steer: bool) -> ChatSent:
        """Send what is written below the last heading: once, however often that is asked for."""
        async with self._draft(uri, seen) as used:
            return await self._send(*used, steer=steer)

    async def answer(self, uri: str, seen: Glance, question_id: str, option_id: str) -> None:
        """Answer a question in the words that are written below the last heading, and take them out there."""
        async with self._draft(uri, seen) as (document, draft, passage):
            holders = [it for it in self._face.open_sessions if question_id in it.state.workflow.questions]
            if not holders:
                raise ProtocolError("That question is not open: it was answered, or its turn has ended.")
            await holders[0].answer(Answer(question_id, option_id, draft.prompt, self._face.name))
            await take_out(document, draft, passage)

    async def put_back(self, document: ChatDocument, words: str) -> None:
        """Put words back that were taken out and not sent."""
        async with self._hands[unquote(document.uri)]:
            await put_back(document, words)

    async def _send(
        self, document: ChatDocument, draft: Section, passage: Passage, *, steer: bool
    ) -> ChatSent:
        uri, words, room = document.uri, draft.prompt, self._room
        session = await room.session_of(document, uri)
        refuse_twice(document, session, words, closed=room.besides.is_closed(uri))
        if (command := chosen(words)) is not None:
            await carry_out(self._face, session, *command)
            room.note_state(document)
            await take_out(document, draft, passage)
            return ChatSent(session_id=session.id)
        room.note_state(document)
        if room.besides.is_closed(uri):
            await room.besides.write(document)
        here = Anchor(uri=uri, line=draft.line, end_line=draft.line)
        prompt = Prompt(words, (), here, self._face.name, steers=steer)
        try:
            turn_id = await document.send(draft, lambda: session.prompt(prompt))
            if document.telling.of_turn(turn_id) is None:
                await take_out(document, draft, passage)  # It waits, and is put in with its turn.
        except EditRefused as error:
            document.spent = words
            log.info("not written into a chat document: %s", error)
            turn_id = document.telling.replies[-1].turn_id if document.telling.replies else None
        return ChatSent(session_id=session.id, turn_id=turn_id)

    @asynccontextmanager
    async def _draft(self, uri: str, seen: Glance) -> AsyncGenerator[tuple[ChatDocument, Section, Passage]]:
        """Use what is written below the last heading: nobody else does meanwhile, and it is followed wherever typing moves it."""
        hand = self._hands[unquote(uri)]
        busy = hand.locked()
        async with hand:
            document, text = await self._room.readied(uri)
            draft = seen.draft(text, busy=busy)
            if draft is None or not draft.prompt.strip():
                raise ProtocolError(f"Nothing is written below the last “{YOU}”.", "Write there, then send.")
            passage = Passage(draft)
            passage.note(text)
            document.following = passage.note
            try:
                yield document, draft, passage
            finally:
                document.following = None
