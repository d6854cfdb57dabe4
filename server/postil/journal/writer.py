"""The `Journal` that a session writes to: one thread behind a queue, which writes and syncs for all who wait.

What queues up while the disk is busy is the next group: one write, and one sync where any of it asked for one.
What asked for none is synced within 50 ms. The event loop's thread only puts and awaits.
"""

from __future__ import annotations

import asyncio
import queue
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass

from postil.core.errors import WriteFailed
from postil.core.events import CallFinished, Durable, Recorded
from postil.core.state import State
from postil.journal.log import Log, write_failed
from postil.journal.outputs import Outputs
from postil.journal.snapshot import Snapshots, freeze
from postil.workspace.files.checkpoint import Checkpoint

FLUSH_SECONDS = 0.05
"""How long what nobody waits for may stay unsynced."""
SNAPSHOT_EVERY = 64
"""Events between two snapshots; replaying so many takes a few milliseconds."""

_Loop = asyncio.AbstractEventLoop
_Answer = Recorded | Exception | None


@dataclass(frozen=True, slots=True)
class _Item:
    event: Durable | None
    """None where only a sync is asked for."""
    sync: bool
    loop: _Loop
    future: asyncio.Future[Recorded | None]


_Chore = Callable[[], None]
"""Work on the session's folder that nobody waits for, in its place among the events."""


class FileJournal:
    """A session's journal on disk: a `core.ports.Journal`. Its methods are for one event loop."""

    def __init__(
        self,
        log: Log,
        snapshots: Snapshots,
        checkpoint: Checkpoint,
        outputs: Outputs,
        release: Callable[[], None],
    ) -> None:
        self._log = log
        self._outputs = outputs
        self._checkpoint = checkpoint
        self._keeping = asyncio.Lock()
        self._snapshots = snapshots
        self._release = release
        self._queue: queue.SimpleQueue[_Item | _Chore | None] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None
        self._closed = False
        self._snapshot_seq = snapshots.seq

    async def append(self, event: Durable, *, sync: bool) -> Recorded:
        """Write the event; with `sync`, return only once it and all before it survive a power cut.

        Raises WriteFailed, and ValueError or TypeError for an event that JSON cannot hold; the latter takes no
        number and spoils nothing. Cancelling the wait does not take the event back, so the caller shields it.
        """
        record = await self._enqueue(event, sync=sync)
        assert record is not None
        return record

    async def keep(self, texts: Sequence[str]) -> None:
        """Keep texts of files under their `text_hash`, durable on return. Raises WriteFailed."""
        if self._log.failed is not None:
            raise WriteFailed(self._log.failed.message, self._log.failed.mend)
        try:
            async with self._keeping:
                await asyncio.to_thread(self._checkpoint.keep, texts)
        except OSError as error:
            raise write_failed(error, "The text of a file could not be kept before its edit") from error

    async def kept(self, key: str) -> str | None:
        """Return the text that is kept under a hash; None where it is not kept any more."""
        async with self._keeping:
            return await asyncio.to_thread(self._checkpoint.text, key)

    def keep_output(self, turn_id: str, call_id: str, text: str) -> None:
        """Keep a piece of what a running call prints, until its `CallFinished` is written. Never raises."""
        if not self._closed:
            self._put(lambda: self._outputs.add(turn_id, call_id, text))

    async def kept_output(self, turn_id: str, call_id: str) -> str:
        """Return the end of what a call printed that has no `CallFinished`; empty where nothing is kept."""
        return await asyncio.to_thread(self._outputs.text, turn_id, call_id)

    async def snapshot(self, state: State, *, force: bool = False) -> bool:
        """Write the snapshots of `state` where enough happened since the last ones; return whether it did.

        The state is copied before the first await, so it may change meanwhile. Never raises: a snapshot saves
        time and nothing else.
        """
        mark = self._log.mark(state.seq)
        if mark is None or not (force or state.seq - self._snapshot_seq >= SNAPSHOT_EVERY):
            return False
        self._snapshot_seq = state.seq
        frozen = freeze(state)
        if self._log.durable < mark.seq:
            # A snapshot must not outlive a line before its own, which would then be missed by nobody.
            try:
                await self._enqueue(None, sync=True)
            except WriteFailed:
                return False
        return await asyncio.to_thread(self._snapshots.save, frozen, mark)

    async def close(self) -> None:
        """Sync and release the lock. Raises WriteFailed where that sync fails; closing twice is harmless."""
        if self._closed:
            return
        self._closed = True
        await asyncio.to_thread(self._finish)

    def _enqueue(self, event: Durable | None, *, sync: bool) -> asyncio.Future[Recorded | None]:
        if self._closed:
            raise WriteFailed("The session's journal is closed.", "Open the session again.")
        loop = asyncio.get_running_loop()
        item = _Item(event, sync, loop, loop.create_future())
        self._put(item)
        return item.future

    def _put(self, item: _Item | _Chore) -> None:
        self._queue.put(item)
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="postil-journal", daemon=True)
            self._thread.start()

    def _finish(self) -> None:
        try:
            if self._thread is not None:
                self._queue.put(None)
                self._thread.join()
            self._log.close()
        finally:
            self._checkpoint.close()
            self._release()

    def _run(self) -> None:
        flush_at: float | None = None
        while True:
            group, more = self._next_group(flush_at)
            if group:
                self._write(group)
            elif flush_at is not None:
                self._flush()
            if not more:
                return
            if self._log.durable == self._log.position.seq or self._log.failed is not None:
                flush_at = None
            elif flush_at is None:
                flush_at = time.monotonic() + FLUSH_SECONDS

    def _next_group(self, flush_at: float | None) -> tuple[list[_Item], bool]:
        """Wait for work; return all there is, nothing where it is time to flush, and whether more may come."""
        group: list[_Item] = []
        try:
            timeout = None if flush_at is None else max(0.0, flush_at - time.monotonic())
            item = self._queue.get(timeout=timeout)
            while item is not None:
                if isinstance(item, _Item):
                    group.append(item)
                else:
                    item()
                item = self._queue.get_nowait()
        except queue.Empty:
            return group, True
        return group, False

    def _write(self, group: Sequence[_Item]) -> None:
        events = [item.event for item in group if item.event is not None]
        failure: Exception | None = None
        written: list[Recorded | Exception] = []
        try:
            written = self._log.append(events, sync=any(item.sync for item in group))
        except Exception as error:  # noqa: BLE001 (whoever waits has to hear of it)
            failure = error
        else:
            self._drop_outputs(group)
        results = iter(written)
        answers: dict[_Loop, list[tuple[_Item, _Answer]]] = {}
        for item in group:
            result = failure or (None if item.event is None else next(results))
            answers.setdefault(item.loop, []).append((item, result))
        for loop, pairs in answers.items():
            with suppress(RuntimeError):  # The loop was closed, so nobody waits.
                loop.call_soon_threadsafe(_answer, pairs)

    def _drop_outputs(self, group: Sequence[_Item]) -> None:
        for item in group:
            if isinstance(item.event, CallFinished):
                self._outputs.drop(item.event.turn_id, item.event.call_id)

    def _flush(self) -> None:
        with suppress(WriteFailed):  # The log remembers, and tells whoever appends next.
            self._log.sync()


def _answer(pairs: Sequence[tuple[_Item, _Answer]]) -> None:
    for item, result in pairs:
        if item.future.done():
            continue  # Its waiter was cancelled.
        if isinstance(result, Exception):
            item.future.set_exception(result)
        else:
            item.future.set_result(result)
