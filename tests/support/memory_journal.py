"""A journal in memory, and a lock: for tests of what stands on them, with a crash before or after any event."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from postil.core.effects import text_hash
from postil.core.errors import Locked, WriteFailed
from postil.core.events import CallFinished, Durable, Recorded
from postil.core.fold import fold
from postil.core.state import State
from postil.journal.lock import Owner
from postil.journal.outputs import KEPT

Hook = Callable[[Recorded], None]


class SimulatedCrash(BaseException):
    """The process ends here. Not an Exception, so that nothing under test handles it."""


def crash_after(events: int) -> Hook:
    """Return a hook that ends the process once it has seen so many events."""
    left = iter(range(events))

    def hook(_: Recorded) -> None:
        if next(left, None) is None:
            raise SimulatedCrash

    return hook


class MemoryJournal:
    """A `core.ports.Journal`. What `records` holds has happened; a hook may raise to end the process.

    `before_append` sees the event before it is written, `after_append` once it is and nobody was told. After a
    hook raised, everything raises SimulatedCrash, as from a process that is gone; `reopened` is the next one's.
    """

    def __init__(
        self,
        records: list[Recorded] | None = None,
        *,
        clock: Callable[[], float] = lambda: 0.0,
        before_append: Hook | None = None,
        after_append: Hook | None = None,
        texts: dict[str, str] | None = None,
    ) -> None:
        self.records = records if records is not None else []
        self.texts = texts if texts is not None else {}
        self.synced = len(self.records)
        """How many events were written when the last sync was asked for."""
        self.outputs: dict[tuple[str, str], str] = {}
        self.snapshots = 0
        self.closed = False
        self.fail_next: WriteFailed | None = None
        self.before_append = before_append
        self.after_append = after_append
        self._clock = clock
        self._gone = False

    async def append(self, event: Durable, *, sync: bool) -> Recorded:
        self._check()
        record = Recorded(len(self.records) + 1, self._clock(), event)
        self._hook(self.before_append, record)
        self.records.append(record)
        if sync:
            self.synced = len(self.records)
        if isinstance(event, CallFinished):
            self.outputs.pop((event.turn_id, event.call_id), None)
        self._hook(self.after_append, record)
        return record

    async def keep(self, texts: Sequence[str]) -> None:
        self._check()
        self.texts |= {text_hash(text): text for text in texts}

    async def kept(self, key: str) -> str | None:
        return self.texts.get(key)

    def keep_output(self, turn_id: str, call_id: str, text: str) -> None:
        key = turn_id, call_id
        self.outputs[key] = self.outputs.get(key, "") + text

    async def kept_output(self, turn_id: str, call_id: str) -> str:
        return self.outputs.get((turn_id, call_id), "")[-KEPT:]

    async def snapshot(self, state: State, *, force: bool = False) -> bool:
        self.snapshots += 1
        return True

    async def close(self) -> None:
        if self._gone:
            raise SimulatedCrash
        self.closed = True

    def state(self) -> State:
        """Return what a process that opens the session now would start from."""
        return fold(self.records)

    def reopened(
        self, *, before_append: Hook | None = None, after_append: Hook | None = None
    ) -> MemoryJournal:
        """Return the journal as the next process opens it."""
        journal = MemoryJournal(
            list(self.records),
            clock=self._clock,
            before_append=before_append,
            after_append=after_append,
            texts=dict(self.texts),
        )
        journal.outputs = dict(self.outputs)
        return journal

    def _check(self) -> None:
        if self._gone:
            raise SimulatedCrash
        if self.closed:
            raise WriteFailed("The session's journal is closed.")
        if self.fail_next is not None:
            raise WriteFailed(self.fail_next.message, self.fail_next.mend)

    def _hook(self, hook: Hook | None, record: Recorded) -> None:
        if hook is None:
            return
        try:
            hook(record)
        except BaseException:
            self._gone = True
            raise


class MemoryLock:
    """A `Lock` without a file; locks on the same path exclude each other within `holders`."""

    def __init__(self, path: Path, holders: dict[Path, MemoryLock] | None = None, fence: int = 1) -> None:
        self._path = path
        self._holders = holders if holders is not None else {}
        if path in self._holders:
            raise Locked("This session is open for writing in another process.")
        self._holders[path] = self
        self.owner = Owner(pid=1, started=1.0, host="here", nonce="n", fence=fence)
        self.previous: Owner | None = None

    def held(self) -> bool:
        return self._holders.get(self._path) is self

    def release(self) -> None:
        if self.held():
            del self._holders[self._path]
