"""A session that cannot be written here, most often because another window does: what is added to it, to read only."""

from __future__ import annotations

import asyncio
import logging

from postil.agent.emitter import Subscriber
from postil.core.errors import JournalError
from postil.core.events import Publication
from postil.journal.store import Viewer

log = logging.getLogger(__name__)

POLL_SECONDS = 0.25
"""How long a new event waits to be seen at most: the journal's size is looked at that often, and nothing else."""


class View:
    """The events of one session, from where it was opened on."""

    def __init__(self, session_id: str, seq: int, viewer: Viewer) -> None:
        self.id = session_id
        self.seq = seq
        """Of the last event that is known here."""
        self.note = ""
        """Why it can only be read, for the person."""
        self._viewer = viewer
        self._following: asyncio.Task[None] | None = None

    @property
    def following(self) -> bool:
        """Whether events that are added are still told of."""
        return self._following is not None and not self._following.done()

    def follow(self, subscriber: Subscriber) -> None:
        """Tell `subscriber` of every event that is added from now on, until the view is closed."""
        self.close()
        self._following = asyncio.create_task(self._follow(subscriber), name=f"postil-view-{self.id}")

    def close(self) -> None:
        """Tell of nothing more."""
        if self._following is not None:
            self._following.cancel()

    async def _follow(self, subscriber: Subscriber) -> None:
        try:
            while True:
                for record in await self._viewer.news():
                    self.seq = record.seq
                    subscriber(Publication(self.id, record.seq, record.seq, record.event, at=record.at))
                await asyncio.sleep(POLL_SECONDS)
        except JournalError as error:
            log.info("the view of %s ends: %s", self.id, error)
        except Exception:
            log.exception("the view of %s", self.id)
