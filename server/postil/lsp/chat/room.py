"""The chat documents of a connection, and what can be asked of them."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from postil.core.errors import EditRefused, PostilError, ProtocolError
from postil.core.events import Publication, Recorded
from postil.core.question import Anchor, Question
from postil.lsp.chat.beside import Beside
from postil.lsp.chat.document import ChatDocument
from postil.lsp.chat.faults import Faults
from postil.lsp.chat.form import parse
from postil.lsp.chat.lenses import Lenses
from postil.lsp.chat.new_page import empty_page, page_of
from postil.lsp.chat.next_tries import NextTries
from postil.lsp.chat.open_below import questions_below
from postil.lsp.chat.pages import Pages, of_workspace
from postil.lsp.chat.places import question_place
from postil.lsp.chat.reasons import FAULTS, OTHERWISE
from postil.lsp.chat.rows import Places
from postil.lsp.chat.search import find
from postil.lsp.chat.standing import Standing
from postil.lsp.chat.submitting import Submitting
from postil.lsp.chat.telling import Telling
from postil.lsp.chat.whose import Whose
from postil.lsp.face import Face
from postil.lsp.server import PostilServer
from postil.permissions.modes import choices

if TYPE_CHECKING:
    from collections.abc import Coroutine, Sequence

    from postil.agent.session import Session
    from postil.lsp.chat.writing import Pace

log = logging.getLogger(__name__)


class ChatRoom:
    """Every chat document that was opened or sent from."""

    def __init__(self, server: PostilServer, face: Face) -> None:
        self._server = server
        self._face = face
        self.pages = Pages(server)
        self._documents: dict[str, ChatDocument] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._lenses = Lenses(server, face)
        self._making = asyncio.Lock()
        self.besides = Beside(self, server, face)
        self.submitting = Submitting(self, face)
        self._faults = Faults(server, face)
        self._tries = NextTries(server, face)
        self._standing = Standing(server, face)
        self.whose = Whose(face, self._lenses.refresh)
        face.watch(self._look_whose)
        face.places.append(self.place_of)
        face.tells_faults.append(self._shows)
        face.listen(self.publish, below=True)

    def document(self, uri: str) -> ChatDocument | None:
        """Return what is known of a document; None where nothing is, or it is none of this workspace's."""
        key = unquote(uri)
        if key not in self._documents:
            root = of_workspace(self._face, uri)
            if root is None:
                return None
            found = ChatDocument(self.pages, uri, Telling(Places(root)), self._pace())
            found.refused = lambda: self._start(self.besides.write(found))
            found.turned = self._turned
            found.shown = self._server.open_document(uri) is not None
            self._documents[key] = found
        return self._documents[key]

    # What happens

    def publish(self, publication: Publication) -> None:
        """Hand on what is published to the documents that show it."""
        self._faults.publish(publication)
        whose = {publication.session_id, publication.above}
        for document in self._documents.values():
            if document.session_id in whose:
                self.note_state(document)
                document.publish(publication)
                if publication.session_id == document.session_id:
                    words = document.waits.note(publication.event)
                    if words:
                        self._start(self.submitting.put_back(document, words))
                if isinstance(publication.event, OTHERWISE):
                    self._lenses.refresh()
        if isinstance(publication.event, OTHERWISE):
            self._standing.tell(self._documents.values())
        if isinstance(publication.event, FAULTS):
            self._faults.tell(self._documents.values())
        if self._tries.concerned(publication) and self._tries.tell(self._documents.values()):
            self._lenses.refresh()

    def _shows(self, session_id: str) -> bool:
        """Whether a document of that session is open, so that what is wrong with it is said there."""
        return any(
            it.session_id == session_id and self.pages.shown(it.uri) is not None for it in self._documents.values()
        )  # fmt: skip

    def _start(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def look(self, uri: str) -> None:
        """Take note that a document was opened, changed, saved or closed."""
        key, there = unquote(uri), self._server.open_document(uri) is not None
        known = self._documents.get(key)
        if known is None and there:
            if self.document(uri) is not None:
                self._start(self._open(uri))
        elif known is not None and there != known.shown:
            known.shown = there
            known.note_moved()
            self._tell()
            if there:
                self._start(self._open(uri))
            elif known.is_of_session and not self._face.capabilities.can_apply_edits:
                self._start(known.repair())  # What could not be written while it was open.
        elif known is not None:
            known.note_change()
            self._standing.tell(self._documents.values())
            if self._tries.any:
                self._tries.tell(self._documents.values())
            if any(it.questions for it in known.telling.replies):
                self._face.look_again()

    def _tell(self) -> None:
        """Say of the documents that are open what is wrong, who waits, and how they stand."""
        for it in (self._faults, self._tries, self._standing):
            it.tell(self._documents.values())

    def _turned(self) -> None:
        """Take note that a reply pauses, or goes on."""
        self._standing.tell(self._documents.values())
        self._lenses.refresh()

    def place_of(self, question: Question) -> Anchor | None:
        """Return where a question is asked in a document; None where it is in none that is open."""
        return question_place(question.id, self._documents.values(), self.pages.shown)

    def end(self) -> None:
        """Write nothing more."""
        for it in self._documents.values():
            it.close()
        self._lenses.end()
        for task in self._tasks:
            task.cancel()

    # What is asked for

    async def new(self, words: str = "") -> str:
        """Make a document for a new session, in which `words` are written and wait to be sent; returns its URI."""
        if not self._face.roots:
            raise ProtocolError(
                "No folder is open.", "Open a folder: Postil works on the files of a workspace."
            )
        return await empty_page(self._face.roots[0], words, await self.besides.taken())

    async def written(self, session_id: str, empty: str | None = None) -> str:
        """Return the URI of a session's document: the one that there is, brought up to date, else one written from the record.

        Instead of that it is `empty`, where that is open in the editor and shows no session yet.
        """
        async with self._making:
            for it in [*self._documents.values()]:
                if it.session_id == session_id and await self.pages.text(it.uri) is not None:
                    return await self._by_title(it.uri, session_id)
            uri = await asyncio.to_thread(find, self._face.roots, session_id)
            if uri is None and empty is not None and await self._begun_in(empty, session_id):
                return empty
            if uri is None or self.document(uri) is None:
                return await self._new_page(session_id)
            await self._face.session(session_id)
            uri = await self._by_title(uri, session_id)
            if (document := self.document(uri)) is not None:
                await self.bring_up(document, session_id)
            return uri

    async def _by_title(self, uri: str, session_id: str) -> str:
        """Have a document called by its session's title, unless it is open or there is work on it; returns its URI."""
        session, known = self._open_session(session_id), self._documents.get(unquote(uri))
        if (
            session is None
            or session.working
            or session.state.workflow.queue
            or self.pages.shown(uri) is not None
        ):
            return uri
        place = await self.pages.called_by(uri, session.state.workflow.title)
        if place != uri and known is not None:
            known.close()
            del self._documents[unquote(uri)]
            if (document := self.document(place)) is not None:
                await self.bring_up(document, session_id)
        return place

    async def go_on(self, uri: str) -> None:
        """Write what was undone or deleted again."""
        document = self.document(uri)
        if document is None or not await document.go_on():
            raise ProtocolError("Nothing was undone there that could be written again.")

    # Documents of sessions

    async def other_page(self, document: ChatDocument, session_id: str) -> ChatDocument | None:
        """Return a document of a session that is not open in the editor, other than `document`, made where there is none."""
        async with self._making:
            others = [
                it for it in self._documents.values() if it.session_id == session_id and it is not document
            ]
            there = next((it for it in others if self.pages.shown(it.uri) is None), None)
            if there is None or await self.pages.text(there.uri) is None:
                there = self.document(await self._new_page(session_id))
        return there

    async def bring_up(self, document: ChatDocument, session_id: str) -> None:
        """Have a document say what a session's record says."""
        await self._attach(document, session_id)
        self.note_state(document)
        await document.claim()
        await document.repair()

    async def _begun_in(self, uri: str, session_id: str) -> bool:
        """Have a document that shows no session yet show that one; returns whether it does."""
        document = self.document(uri)
        if document is None or not document.is_free or self.besides.is_closed(uri):
            return False
        await self._face.session(session_id)
        try:
            await self.bring_up(document, session_id)
        except EditRefused:
            del self._documents[unquote(uri)]
            return False
        return True

    async def _new_page(self, session_id: str) -> str:
        session = await self._face.session(session_id)
        return await page_of(self._face.roots[0], session, await self._events(session_id))

    # Within

    def _showing(self, uri: str, session_id: str | None) -> ChatDocument | None:
        """Return a document of a session; what was known of another one's under the same name is forgotten."""
        known = self.document(uri)
        if known is not None and known.is_other(session_id):
            known.close()
            del self._documents[unquote(uri)]
            return self.document(uri)
        return known

    async def readied(self, uri: str) -> tuple[ChatDocument, str]:
        """Return a document that is sent from, and what it says; it says first what another window has added to its session."""
        known = self._documents.get(unquote(uri))
        if known is not None and self.whose.is_stale(known.session_id):
            await self._read_anew(known)
        text = await self.pages.text(uri) if self.document(uri) is not None else None
        document = self._showing(uri, parse(text).session_id if text is not None else None)
        if document is None or text is None:
            raise ProtocolError(
                "That is no chat document of this workspace.",
                "They are in .postil/chat and end with .md.",
            )
        self._start(self._look_for_key())
        return document, text

    async def session_of(self, document: ChatDocument, uri: str) -> Session:
        """Return the session that a document shows, begun where it shows none yet."""
        wanted = document.session_id
        if wanted is None:
            text = await self.pages.text(uri)
            wanted = parse(text).session_id if text is not None else None
        if wanted is None:
            wanted = await self.besides.session_of(uri)
        session = await self.whose.session(wanted)
        await self._attach(document, session.id)
        return session

    async def _attach(self, document: ChatDocument, session_id: str) -> None:
        """Have a document show a session, with what is open in it and below it."""
        sessions = (await self._face.app()).sessions
        session = next((it for it in sessions.open_sessions if it.id == session_id), None)
        said = (
            [Publication(session_id, None, session.state.seq, it) for it in session.saying.now]
            if session
            else ()
        )
        await document.attach(session_id, self._events, said)
        for it in questions_below(session, sessions) if session is not None else ():
            document.telling.ask(it)

    async def _open(self, uri: str) -> None:
        """Have a document that came into view say what its session's record says."""
        text = self.pages.shown(uri)
        session_id = parse(text).session_id if text is not None else None
        document = self._showing(uri, session_id)
        if document is None:
            return
        await self._look_for_key()
        if session_id is None:
            return
        try:
            app = await self._face.app()
            if session_id not in {it.session_id for it in await app.sessions.list()}:
                return
            await self.bring_up(document, session_id)
            await self.whose.look(session_id)
            self._tell()
        except PostilError as error:
            log.info("a chat document is left as it is: %s", error)
        except Exception:
            log.exception("a chat document")

    async def _look_for_key(self) -> None:
        """Find out whether there is a key, and say so."""
        await self._faults.look_for_key()
        self._faults.tell(self._documents.values())

    def _look_whose(self) -> None:
        """Have documents read anew whose sessions have come here from another window."""
        for it in [it for it in self._documents.values() if self.whose.is_back(it.session_id)]:
            if not self.submitting.is_busy(it.uri):
                self._start(self._read_anew(it))

    async def _read_anew(self, document: ChatDocument) -> None:
        self.whose.read(document.session_id)
        if self._documents.get(unquote(document.uri)) is document:
            document.close()
            del self._documents[unquote(document.uri)]
            if self.pages.shown(document.uri) is not None:
                await self._open(document.uri)

    async def _events(self, session_id: str) -> Sequence[Recorded]:
        app = await self._face.app()
        return await app.sessions.events(session_id, 0)

    def note_state(self, document: ChatDocument) -> None:
        """Have a document know what its session is doing, and its mode."""
        session = self._open_session(document.session_id)
        if session is not None:
            now = session.state.workflow.configuration
            document.state(session.state.workflow, _titled(now.modes) if now is not None else "")

    def _open_session(self, session_id: str | None) -> Session | None:
        return next((it for it in self._face.open_sessions if it.id == session_id), None)

    def _pace(self) -> Pace:
        options = self._face.options
        chosen = options.chat_streaming if options is not None else "auto"
        return self._face.capabilities.streaming if chosen == "auto" else chosen


def _titled(modes: str) -> str:
    """Return the mode in force by its title; several by their names, as they are said."""
    return next((title for name, title, _ in choices() if name == modes), modes)
