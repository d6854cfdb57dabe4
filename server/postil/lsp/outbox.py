"""What a client of ours is sent of its sessions: every durable event once and in order, deltas merged.

A client that reads more slowly than we publish is sent nothing more until it has caught up; then it gets the
durable events that it missed, from the journal, and the running reply as one piece.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Protocol

from postil.core.ephemeral import (
    CallProgress,
    ModelRetrying,
    SessionHalted,
    StageChanged,
    TextDelta,
    ThinkingDelta,
)
from postil.core.event_codec import encode
from postil.core.events import Publication, Recorded
from postil.lsp.methods import UPDATE
from postil.lsp.values.session_methods import Update

log = logging.getLogger(__name__)

MERGE_SECONDS = 0.05
"""Pieces of a reply that come within this time are sent as one: a screen needs no more than twenty a second."""

KEPT_OUTPUT = 64_000
"""Characters of a running command's output that are held back for a client; its result has all of it."""

MERGED = (TextDelta, ThinkingDelta, CallProgress)
Merged = TextDelta | ThinkingDelta | CallProgress


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
    """What one client is sent of one session. `after` is what it has already."""

    def __init__(self, session_id: str, line: Line, read: ReadEvents, after: int = 0) -> None:
        self._session_id = session_id
        self._line = line
        self._read = read
        self._sent = after
        self._newest = after
        """The newest durable event that was published."""
        self._pending: list[Publication] = []
        self._timer: asyncio.TimerHandle | None = None
        self._catching_up: asyncio.Task[None] | None = None
        self._holds = 0

    def put(self, publication: Publication) -> None:
        """Send a publication, now or merged with those that follow."""
        if publication.seq is not None:
            self._put_durable(publication, publication.seq)
        elif self._waiting or self._line.congested:
            self._keep(publication)
            self._fall_behind()
        elif isinstance(publication.event, MERGED):
            self._keep(publication)
            self._timer = self._timer or asyncio.get_running_loop().call_later(MERGE_SECONDS, self._flush)
        else:
            self._flush()
            self._send(publication)

    async def attach(self, after: int) -> Sequence[Recorded]:
        """Return the durable events after `after`. Those that come later are sent, and not before they are returned."""
        self._holds += 1
        try:
            events = await self._read(self._session_id, after)
            self._sent = max(self._sent, events[-1].seq if events else 0)
            return events
        finally:
            # The answer goes out as soon as this returns.
            asyncio.get_running_loop().call_later(MERGE_SECONDS, self._let_go)

    @property
    def sent(self) -> int:
        """The newest durable event that the client has, or is about to be answered."""
        return self._sent

    def overtake(self, before: int) -> None:
        """Make way for an answer to `attach` that has the running reply so far: none of it is sent after that answer.

        What goes on from events that the client had `before` is sent at once, for whoever follows without having asked. What
        goes on from later ones makes sense only with the answer, which has it.
        """
        pending, self._pending = self._pending, []
        for publication in pending:
            if not isinstance(publication.event, TextDelta | ThinkingDelta):
                self._pending.append(publication)
            elif publication.after == before:
                self._line.notify(UPDATE, wire(publication))

    def close(self) -> None:
        """Send nothing more."""
        self._holds += 1
        self._pending.clear()
        if self._timer is not None:
            self._timer.cancel()
        if self._catching_up is not None:
            self._catching_up.cancel()

    @property
    def _waiting(self) -> bool:
        return self._holds > 0 or self._catching_up is not None

    def _put_durable(self, publication: Publication, seq: int) -> None:
        self._newest = max(self._newest, seq)
        if seq <= self._sent:
            return
        if self._waiting or self._line.congested or seq > self._sent + 1:
            self._fall_behind()
        else:
            self._flush()
            self._send(publication)

    def _keep(self, publication: Publication) -> None:
        """Hold a passing event back, as one with those before it that it goes on from or takes the place of."""
        event = publication.event
        if isinstance(event, StageChanged):
            self._pending = [it for it in self._pending if not isinstance(it.event, StageChanged)]
        elif isinstance(event, ModelRetrying):
            self._pending = [
                it for it in self._pending if not isinstance(it.event, TextDelta | ThinkingDelta)
            ]
        elif (
            isinstance(event, MERGED)
            and self._pending
            and (joined := _joined(self._pending[-1].event, event))
        ):
            event = joined
            self._pending.pop()
        self._pending.append(Publication(publication.session_id, None, publication.after, event))

    def _flush(self) -> None:
        """Send what was held back, but not what later events have made old."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._waiting:
            return
        pending, self._pending = self._pending, []
        for publication in pending:
            if publication.after >= self._sent or isinstance(publication.event, SessionHalted):
                self._send(publication)

    def _send(self, publication: Publication) -> None:
        self._line.notify(UPDATE, wire(publication))
        self._sent = publication.seq or self._sent

    def _let_go(self) -> None:
        self._holds -= 1
        if not self._holds and (self._pending or self._newest > self._sent):
            self._fall_behind()

    def _fall_behind(self) -> None:
        if not self._waiting:
            self._catching_up = asyncio.create_task(self._catch_up())

    async def _catch_up(self) -> None:
        """Wait for the client, then send what it missed; while new events keep coming, go on reading."""
        try:
            await self._line.drained()
            while self._sent < self._newest:
                missed = await self._read(self._session_id, self._sent)
                if not missed:
                    break  # they cannot be read; the next one that is published brings another try
                for record in missed:
                    self._send(
                        Publication(self._session_id, record.seq, record.seq, record.event, at=record.at)
                    )
                    if self._line.congested:
                        await self._line.drained()
        except Exception:
            log.exception("could not catch a client up on %s", self._session_id)
        finally:
            self._catching_up = None
            self._flush()


def _joined(before: object, event: Merged) -> Merged | None:
    """Return both as one, where the one goes on from the other."""
    match before, event:
        case (TextDelta(), TextDelta()) | (ThinkingDelta(), ThinkingDelta()) if before.step == event.step:
            return event.model_copy(update={"text": before.text + event.text})
        case CallProgress(), CallProgress() if before.call_id == event.call_id:
            return event.model_copy(update={"text": (before.text + event.text)[-KEPT_OUTPUT:]})
        case _:
            return None


def wire(publication: Publication) -> dict[str, Any]:
    """Return a publication as the params of `postil/session/update`."""
    return Update(
        session_id=publication.session_id,
        seq=publication.seq,
        after=publication.after,
        event=encode(publication.event),
        at=publication.at,
    ).model_dump(mode="json", by_alias=True)
