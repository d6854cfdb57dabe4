"""Writes one reply into one document while it comes: one try at a time, at the moment a change of the document was announced."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence

from postil.core.errors import EditRefused
from postil.lsp.chat.pages import Pages
from postil.lsp.chat.writing import Pace, Sight, Writing
from postil.workspace.texts.changes import TextChange

log = logging.getLogger(__name__)

BEAT = 0.05
"""Seconds between two edits at least: nobody reads more than twenty a second."""
STALE = 3
"""Tries in a row that somebody's typing made void, after which a pause of theirs is waited for."""


class Stream:
    """One reply on its way."""

    def __init__(
        self,
        pages: Pages,
        uri: str,
        writing: Writing,
        pace: Pace,
        beside: Callable[[str], Sequence[TextChange]],
    ) -> None:
        """`beside` says what else changes in the document with the last edit."""
        self.writing = writing
        self.sight: Sight = "ready"
        """What the last look at the document said."""
        self.refused: Callable[[], None] = lambda: None
        """Told once nothing can be written there."""
        self.turned: Callable[[], None] = lambda: None
        """Told when it pauses, and when it goes on."""
        self._pages = pages
        self._uri = uri
        self._pace: Pace = pace
        self._beside = beside
        self._news = asyncio.Event()
        self._wanted = False
        """Whether somebody wants what was undone or deleted to be written again."""
        self.broken = False
        """Whether it ended without having written all, for a fault of Postil's own."""
        self._moved = False
        """Whether the document was opened or closed: then an older text is nobody's undoing."""
        self._task = asyncio.create_task(self._run())
        self.wake()

    @property
    def done(self) -> bool:
        """Whether there is nothing more to write."""
        return self._task.done()

    @property
    def paused(self) -> bool:
        """Whether it waits for somebody to want the rest."""
        return not self.done and self.sight in ("undone", "gone")

    def wake(self) -> None:
        """Look whether there is something to write."""
        self._news.set()

    def note_moved(self) -> None:
        """Take note that the document's text may be another one, since it was opened or closed."""
        self._moved = True
        self.wake()

    def go_on(self) -> None:
        """Write what was undone or deleted again, and the rest."""
        self._wanted = True
        self.wake()

    def close(self) -> None:
        """Write nothing more."""
        self._task.cancel()

    async def _run(self) -> None:
        try:
            while self.sight != "written":
                await self._news.wait()
                self._news.clear()
                await self._write()
        except EditRefused as error:
            log.info("a reply is not written into its document: %s", error.message)
            self.refused()
        except Exception:
            self.broken = True
            log.exception("a reply could not be written into its document")

    async def _write(self) -> None:
        """Write until all is in that is to be written now, or somebody has to say something first."""
        void, writing = 0, self.writing
        while True:
            text = await self._pages.text(self._uri)
            if text is None:
                return
            self._see(text)
            if self.sight in ("written", "undone", "gone") and not self._anchors:
                return
            if self.sight == "ready" and not writing.wants(self._pace):
                return
            number = writing.number
            began = asyncio.get_running_loop().time()
            await self._pages.offer(self._uri, self._make)
            now = await self._pages.text(self._uri)
            if now is not None and writing.look(now) == "ready" and writing.number == number:
                void += 1
                if void % STALE == 0:
                    await self._pages.quiet(self._uri)
                continue
            void = 0
            await asyncio.sleep(max(0.0, began + BEAT - asyncio.get_running_loop().time()))

    def _see(self, text: str) -> None:
        paused = self.paused
        self.sight = self.writing.look(text)
        self._go_back(text)
        if self.paused != paused:
            self.turned()

    @property
    def _anchors(self) -> bool:
        """Whether the marker is to be put in anew."""
        return self.sight == "lost" or (self.sight == "gone" and self._wanted)

    def _go_back(self, text: str) -> None:
        if self.sight == "undone" and (self._moved or self._wanted):
            self.writing.go_back(text)
            self.sight = "ready"
        if self.sight != "gone":
            self._wanted = False
        self._moved = False

    def _make(self, text: str) -> list[TextChange]:
        sight = self.writing.look(text)
        if sight == "ready":
            changes = self.writing.changes(text, self._pace)
            return [*self._beside(text), *changes] if changes and self.writing.reply.end else changes
        if sight == "lost" or (sight == "gone" and self._wanted):
            return self.writing.anchor(text)
        return []
