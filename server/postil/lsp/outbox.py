"""What a client of ours is sent of its sessions: every durable event once and in order, deltas merged.

A client that reads more slowly than we publish is sent nothing more until it has caught up; then it gets the
durable events that it missed, from the journal, and the running reply as one piece.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Protocol

from postil.core.ephemeral import TextDelta, ThinkingDelta
from postil.core.events import Publication, Recorded, encode
from postil.lsp.methods import UPDATE, Update

log = logging.getLogger(__name__)

MERGE_SECONDS = 0.05
"""Pieces of a reply that come within this time are sent as one: a screen needs no more than twenty a second."""


class Line(Protocol):
    """The way to the client."""

    @property
    def congested(self) -> bool:
        """Whether the client is behind."""
        ...

    async def drained(self) -> None:
        """Wait until it has caught up."""
        ...

    def notify(self, method: str, params: Any | None = None) -> None:
        """Send a notification."""
        ...


ReadEvents = Callable[[str, int], Awaitable[Sequence[Recorded]]]
"""The durable events of a session after a sequence number."""


class SessionOutbox:
    """What one client is sent of one session."""

    def __init__(self, session_id: str, line: Line, read: ReadEvents) -> None:
        self._session_id = session_id
        self._line = line
        self._read = read
        self._sent = 0
        self._pending: Publication | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._catching_up: asyncio.Task[None] | None = None

    def start_after(self, seq: int) -> None:
        """Say that the client has everything up to `seq`."""
        self._sent = max(self._sent, seq)

    def put(self, publication: Publication) -> None:
        """Send a publication, now or merged with those that follow."""
        if self._catching_up is not None:
            self._merge(publication)
            return
        if isinstance(publication.event, TextDelta | ThinkingDelta):
            self._merge(publication)
            self._timer = self._timer or asyncio.get_running_loop().call_later(MERGE_SECONDS, self._flush)
            return
        self._flush()
        self._send(publication)

    def close(self) -> None:
        """Send nothing more."""
        if self._timer is not None:
            self._timer.cancel()
        if self._catching_up is not None:
            self._catching_up.cancel()

    def _merge(self, publication: Publication) -> None:
        event = publication.event
        if not isinstance(event, TextDelta | ThinkingDelta):
            return
        before = self._pending.event if self._pending is not None else None
        if (
            isinstance(before, TextDelta | ThinkingDelta)
            and type(before) is type(event)
            and before.step == event.step
        ):
            event = event.model_copy(update={"text": before.text + event.text})
        elif self._catching_up is None:
            self._flush()
        self._pending = Publication(publication.session_id, None, publication.after, event)

    def _flush(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._pending is not None and self._catching_up is None:
            pending, self._pending = self._pending, None
            self._send(pending)

    def _send(self, publication: Publication) -> None:
        if publication.seq is not None and publication.seq <= self._sent:
            return
        if self._line.congested or self._catching_up is not None:
            self._fall_behind()
            return
        self._line.notify(UPDATE, wire(publication))
        self._sent = publication.seq or self._sent

    def _fall_behind(self) -> None:
        if self._catching_up is None:
            self._catching_up = asyncio.create_task(self._catch_up())

    async def _catch_up(self) -> None:
        """Wait for the client, then send what it missed; while new events keep coming, go on reading."""
        try:
            while True:
                await self._line.drained()
                missed = await self._read(self._session_id, self._sent)
                if not missed:
                    break
                for record in missed:
                    publication = Publication(self._session_id, record.seq, record.seq, record.event)
                    self._line.notify(UPDATE, wire(publication))
                    self._sent = record.seq
                    if self._line.congested:
                        await self._line.drained()
        except Exception:
            log.exception("could not catch a client up on %s", self._session_id)
        finally:
            self._catching_up = None
            self._flush()


def wire(publication: Publication) -> dict[str, Any]:
    """Return a publication as the params of `postil/session/update`."""
    return Update(
        session_id=publication.session_id,
        seq=publication.seq,
        after=publication.after,
        event=encode(publication.event),
    ).model_dump(mode="json", by_alias=True)
