"""One chat document: its session's turns as text, and the replies that are on their way into it."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from postil.core.ephemeral import SessionHalted
from postil.core.errors import EditRefused
from postil.core.events import PromptReceived, Publication, Recorded, Rewound
from postil.core.meter import dollars, meter, short
from postil.lsp.chat.form import HEADER, MARKER, Section, parse
from postil.lsp.chat.page import gone_on, header
from postil.lsp.chat.pages import Make, Pages
from postil.lsp.chat.reply import Reply
from postil.lsp.chat.sending import begun, elsewhere, has_marker, headed, is_marked, marked
from postil.lsp.chat.stream import Stream
from postil.lsp.chat.telling import Telling
from postil.lsp.chat.waits import Waits
from postil.lsp.chat.writing import Pace, Try, Writing

if TYPE_CHECKING:
    from postil.core.state import Workflow
    from postil.workspace.texts.changes import TextChange

log = logging.getLogger(__name__)

ReadEvents = Callable[[str], Awaitable[Sequence[Recorded]]]
"""Returns what a session has on record."""
TRIES = 100
"""How often the beginning of a reply is tried to be put into a document that somebody types in."""


class ChatDocument:
    """What is known of one document."""

    def __init__(self, pages: Pages, uri: str, telling: Telling, pace: Pace) -> None:
        self.uri = uri
        self.telling = telling
        self.session_id: str | None = None
        self.shown = False
        """Whether the editor has it open, as far as was looked."""
        self.refused: Callable[[], None] = lambda: None
        """Told where the editor takes no edits, so that a reply has to be written elsewhere."""
        self.turned: Callable[[], None] = lambda: None
        """Told when a reply pauses since it was undone, and when it goes on."""
        self.streams: dict[int, Stream] = {}
        """Replies on their way, by the numbers of their turns."""
        self.title, self.status = "", ""
        self.spent = ""
        """The draft that was sent, carried out, or used as an answer, and stands there still."""
        self.waits = Waits(uri)
        self.following: Callable[[str], None] | None = None
        """Told the text after each change, while what is written below the last heading is being used or put back."""
        self._pages = pages
        self._pace: Pace = pace
        self._headers: set[str] = set()
        """Those that were read or written here: nobody else's words."""
        self._missed: list[Publication] | None = None
        """What was published while the record is read."""
        self._sending = asyncio.Lock()
        self._said = False
        """Whether the header was seen to say which session it is."""
        self._unclaimed: list[Reply] = []
        """Turns that began while one was being sent from here."""
        self._tasks: set[asyncio.Task[None]] = set()

    async def attach(self, session_id: str, read: ReadEvents, said: Sequence[Publication] = ()) -> None:
        """Take what a session has on record, and what is published meanwhile; `said` is of the reply that is on its way."""
        if self.session_id == session_id:
            return
        self.session_id, self._missed = session_id, [*said]
        records: Sequence[Recorded] = ()
        try:
            records = await read(session_id)
        finally:
            missed, self._missed = self._missed, None
            own = [it for it in missed if it.session_id == session_id]
            for it in sorted([*records, *own], key=_place):
                if isinstance(it, Recorded):
                    self.telling.apply(it.event, it.at, it.seq)
                    self.waits.note(it.event)
                else:
                    self.publish(it)
            for it in missed:
                if it.session_id != session_id:
                    self.publish(it)

    def publish(self, publication: Publication) -> None:
        """Take what is published of the session, or of a sub-agent below it."""
        if self._missed is not None:
            self._missed.append(publication)
            return
        event, at = publication.event, publication.at or time.time()
        if isinstance(event, SessionHalted):
            return
        if publication.session_id != self.session_id:
            reply = self.telling.below(event, at)
        else:
            reply = self.telling.apply(event, at, publication.seq)
        if reply is None:
            return
        if isinstance(event, Rewound):
            self._later(self._mark())
        elif isinstance(event, PromptReceived):
            if self._sending.locked():
                self._unclaimed.append(reply)
            else:
                self._later(self._begin_elsewhere(reply))
        elif (stream := self.streams.get(reply.number)) is not None and not stream.broken:
            stream.wake()
        elif publication.seq is not None:
            self._later(self._take_up(reply))

    @property
    def is_of_session(self) -> bool:
        """Whether its text is known to say which session it is."""
        return self._said

    @property
    def is_free(self) -> bool:
        """Whether it is open in the editor and shows no session yet."""
        text = self._pages.shown(self.uri)
        return self.session_id is None and text is not None and parse(text).session_id is None

    def is_other(self, session_id: str | None) -> bool:
        """Whether a document whose header says so shows another session, or none, instead of this one."""
        if self.session_id is None or self.session_id == session_id:
            return False
        return session_id is not None or (self._said and not self._sending.locked())

    async def send(self, sent: Section, prompt: Callable[[], Awaitable[str]]) -> str:
        """Hand over a prompt that was written in the document, and have its reply begin below it."""
        async with self._claiming():
            turn_id = await prompt()
            unclaimed, self._unclaimed = self._unclaimed, []
            for it in unclaimed:
                if it.turn_id != turn_id:
                    await self._begin_elsewhere(it)
            reply = self.telling.of_turn(turn_id)
            if reply is not None:
                await self._begin(reply, lambda text: [*self.head(text), *begun(text, sent, reply)])
            return turn_id

    @asynccontextmanager
    async def _claiming(self) -> AsyncGenerator[None]:
        """Let turns that begin meanwhile wait until it is known which of them was sent from here."""
        async with self._sending:
            try:
                yield
            finally:
                unclaimed, self._unclaimed = self._unclaimed, []
                for it in unclaimed:
                    self._later(self._begin_elsewhere(it))

    async def repair(self) -> None:
        """Have the document say what the record says: replies that broke off go on, and turns that are missing are put in."""
        async with self._claiming():
            text = await self._pages.text(self.uri)
            if text is None:
                return
            chat = parse(text)
            found = HEADER.search(chat.sections[0].text)
            self._headers |= {found[0]} if found is not None else set()
            self._said = True
            for section in chat.replies:
                self._take_up_marker(section)
            last = max((it.turn for it in chat.replies if it.turn is not None), default=0)
            for reply in self.telling.replies[last:]:
                await self._begin_elsewhere(reply)
        await self._mark()

    async def claim(self) -> None:
        """Have the header say which session it shows, where it says none."""
        await self.change(self.head, lambda text: parse(text).session_id is not None or not self.head(text))

    def note_change(self) -> None:
        """Take note that the text may be another."""
        text = self._pages.shown(self.uri) if self.following is not None else None
        if text is not None and self.following is not None:
            self.following(text)
        for stream in self.streams.values():
            stream.wake()

    def note_moved(self) -> None:
        """Take note that the document was opened or closed."""
        for stream in self.streams.values():
            stream.note_moved()

    async def go_on(self) -> bool:
        """Have everything written that was undone or deleted; returns whether there was something."""
        text = await self._pages.text(self.uri)
        undone = [it for it in parse(text).replies if self.is_undone(it)] if text is not None else []
        for section in undone:
            self._take_up_marker(section)
        paused = [it for it in self.streams.values() if it.paused]
        for stream in paused:
            stream.go_on()
        return bool(paused or undone)

    def is_undone(self, section: Section) -> bool:
        """Whether a reply has its marker again though all of it was written: somebody has undone since."""
        reply = self.telling.numbered(section.turn)
        if reply is None or not reply.end or section.ended:
            return False
        stream = self.streams.get(reply.number)
        return (stream is None or stream.done) and MARKER.search(section.text) is not None

    async def text(self) -> str | None:
        """Return what it says by now; None where there is none."""
        return await self._pages.text(self.uri)

    async def change(self, make: Make, is_in: Callable[[str], bool]) -> bool:
        """Make a change of the document, however often somebody types meanwhile; returns whether it is in."""
        for number in range(TRIES):
            text = await self._pages.text(self.uri)
            if text is None or is_in(text):
                return text is not None
            if number and number % 3 == 0:
                await self._pages.quiet(self.uri)
            await self._pages.offer(self.uri, make)
        return False

    def state(self, workflow: Workflow, mode: str) -> None:
        """Keep how the session stands, for the header."""
        self.title = workflow.title
        found = meter(workflow)
        now = workflow.configuration
        parts = [mode, now.model if now is not None else ""]
        if found is not None:
            parts.append(f"{short(found.filled)} of {short(found.window)}" if found.window else "")
            parts += found.used()[:1] or [dollars(workflow.cost or 0.0)]
        self.status = " · ".join(it.replace("-->", "") for it in parts if it)

    def close(self) -> None:
        """Write nothing more."""
        for it in (*self.streams.values(), *self._tasks):
            it.close() if isinstance(it, Stream) else it.cancel()

    async def _mark(self) -> None:
        """Say of turns that were taken back that they were, where they stand in the document as they ended."""
        for it in self.telling.replies:
            if it.taken_back:
                await self.change(
                    lambda text, it=it: marked(text, it), lambda text, it=it: is_marked(text, it)
                )

    async def _begin_elsewhere(self, reply: Reply) -> None:
        await self._begin(reply, lambda text: elsewhere(text, reply))

    async def _begin(self, reply: Reply, make: Make) -> None:
        """Put the beginning of a reply in, and write it from there."""
        if await self.change(make, lambda text: has_marker(text, reply.number)):
            self._said = True
            self._stream(reply, Writing(reply))

    async def _take_up(self, reply: Reply) -> None:
        """Write a reply that goes on, of which the document has the beginning."""
        text = await self._pages.text(self.uri)
        for section in parse(text).replies if text is not None else ():
            if section.turn == reply.number:
                self._take_up_marker(section)

    def _take_up_marker(self, section: Section) -> None:
        found = MARKER.search(section.text)
        reply = self.telling.numbered(int(found[1])) if found is not None else None
        stream = self.streams.get(reply.number) if reply is not None else None
        if found is None or reply is None or (stream is not None and not stream.done):
            return
        upto, pending = gone_on(section.text[: found.start()], reply.text, reply.pending)
        self._stream(reply, Writing(reply, int(found[2]), Try(upto, pending)))

    def _stream(self, reply: Reply, writing: Writing) -> None:
        self.streams = {number: it for number, it in self.streams.items() if not it.done}
        if reply.number not in self.streams:
            stream = Stream(self._pages, self.uri, writing, self._pace, self.head)
            stream.refused, stream.turned = self.refused, self.turned
            self.streams[reply.number] = stream

    def head(self, text: str) -> list[TextChange]:
        """Return what brings the title and the header up to date."""
        if self.session_id is None or not self.status:
            return []  # What is not known now is no reason to take out what stands there.
        self._headers.add(header(self.session_id, self.status))
        return headed(text, self.session_id, self.title, self.status, self._headers)

    def _later(self, work: Awaitable[None]) -> None:
        task = asyncio.ensure_future(_quietly(work))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


def _place(it: Recorded | Publication) -> tuple[int, bool]:
    """Return where an event comes among those of its session: what is on no record comes after what was last on it."""
    return (it.seq, False) if it.seq is not None else (it.after, True)


async def _quietly(work: Awaitable[None]) -> None:
    try:
        await work
    except EditRefused as error:
        log.info("not written into a chat document: %s", error)
    except Exception:
        log.exception("a chat document")
