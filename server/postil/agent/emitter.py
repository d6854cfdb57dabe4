"""The one way out of a session: the journal acknowledges, the state folds, the faces are told, one at a time."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Protocol

from postil.agent.intake import asked_by, taken_in
from postil.agent.saying import Saying
from postil.agent.whole import whole
from postil.core.ephemeral import SessionHalted
from postil.core.errors import JournalError
from postil.core.event import Event
from postil.core.events import Durable, Ephemeral, Publication, Recorded
from postil.core.fold import apply
from postil.core.ports import Journal
from postil.core.state import State
from postil.core.trail import Change

log = logging.getLogger(__name__)

Subscriber = Callable[[Publication], None]


class Passing(Protocol):
    """Where a sub-agent's changes are handed to the session above."""

    async def keep(self, texts: Sequence[str]) -> None:
        """Keep texts there as well. Raises JournalError."""
        ...

    async def changed(self, change: Change, event: Event) -> None:
        """Put on record there what an event here has changed. Raises JournalError."""
        ...


class Emitter:
    """Owns a session's state; nothing else changes it."""

    def __init__(
        self,
        session_id: str,
        journal: Journal,
        state: State,
        asker: str = "",
        passing: Passing | None = None,
    ) -> None:
        """`asker` is whose questions its questions are, and `passing` hands its changes up, where that is a sub-agent."""
        self.session_id = session_id
        self._asker = asker
        self._passing = passing
        self.state = state
        self.failure: JournalError | None = None
        """Why nothing more can be recorded, once that has happened."""
        self.saying = Saying()
        """The running reply of the model."""
        self._journal = journal
        self._lock = asyncio.Lock()
        self._subscribers: list[Subscriber] = []
        self._stopped: list[Callable[[], None]] = []

    def on_halt(self, stopped: Callable[[], None]) -> None:
        """Call `stopped` when nothing more can be recorded."""
        self._stopped.append(stopped)

    def halt(self, failure: JournalError) -> None:
        """Record nothing more because of `failure`, and say so, once."""
        if self.failure is None:
            self.failure = failure
            self.show(SessionHalted(message=failure.message, mend=failure.mend))
            for stopped in self._stopped:
                stopped()

    def subscribe(self, subscriber: Subscriber) -> Callable[[], None]:
        """Tell `subscriber` of everything from now on; returns what ends that."""
        self._subscribers.append(subscriber)
        return lambda: self._subscribers.remove(subscriber) if subscriber in self._subscribers else None

    async def emit(
        self, event: Durable, *, sync: bool = False, check: Callable[[], None] | None = None
    ) -> Recorded:
        """Record, fold and publish a durable event. Raises JournalError; then nothing was published here, or not what it changed above.

        `check` runs when nothing can come between it and the event; what it raises, this raises. Cancelling
        the caller does not undo an event: it is written, folded and published, and then the caller is cancelled.
        """
        return await whole(self._emit(asked_by(await taken_in(event), self._asker), sync, check))

    async def keep(self, texts: Sequence[str]) -> None:
        """Keep texts of files, so that what is about to be done can be taken back. Raises JournalError."""
        if texts:
            await whole(self._keep(texts))

    async def kept(self, key: str) -> str | None:
        """Return the text that is kept under a hash; None where it is not kept any more."""
        return await self._journal.kept(key)

    def keep_output(self, turn_id: str, call_id: str, text: str) -> None:
        """Keep a piece of what a running call prints, for whoever opens the session after a crash."""
        self._journal.keep_output(turn_id, call_id, text)

    async def kept_output(self, turn_id: str, call_id: str) -> str:
        """Return the end of what an unfinished call has printed."""
        return await self._journal.kept_output(turn_id, call_id)

    def show(self, event: Ephemeral) -> None:
        """Publish an ephemeral event."""
        self._publish(Publication(self.session_id, None, self.state.seq, event))

    def relay(self, publication: Publication) -> None:
        """Tell those who follow this session of what a sub-agent's publishes."""
        self._publish(replace(publication, above=publication.above or self.session_id))

    async def snapshot(self, *, force: bool = False) -> None:
        """Keep the state beside the journal; without it, opening the session takes longer and nothing else."""
        async with self._lock:
            await self._journal.snapshot(self.state, force=force)

    async def close(self) -> None:
        """Close the journal after what is being written."""
        async with self._lock:
            await self._journal.close()

    async def _keep(self, texts: Sequence[str]) -> None:
        if self.failure is not None:
            raise self.failure
        if self._passing is not None:
            await self._passing.keep(texts)
        try:
            await self._journal.keep(texts)
        except JournalError as error:
            self.halt(error)
            raise

    async def _emit(self, event: Durable, sync: bool, check: Callable[[], None] | None) -> Recorded:
        record = await self._record(event, sync, check)
        if self._passing is not None:
            for change in self.state.workflow.changes.since(record.seq - 1):
                await self._passing.changed(change, record.event)
        return record

    async def _record(self, event: Durable, sync: bool, check: Callable[[], None] | None) -> Recorded:
        async with self._lock:
            if self.failure is not None:
                raise self.failure
            if check is not None:
                check()
            try:
                record = await self._journal.append(event, sync=sync)
            except JournalError as error:
                self.halt(error)
                raise
            apply(self.state, record)
            self._publish(Publication(self.session_id, record.seq, record.seq, record.event, at=record.at))
            return record

    def _publish(self, publication: Publication) -> None:
        if not publication.above:
            self.saying.note(publication.event)
        for subscriber in tuple(self._subscribers):
            try:
                subscriber(publication)
            except Exception:
                log.exception("a face failed on %s", type(publication.event).__name__)
