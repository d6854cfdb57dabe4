"""Nothing is published that is not journaled and folded; nothing that is journaled goes unpublished."""

from __future__ import annotations

import asyncio
import logging

import pytest

from postil.agent.emitter import Emitter
from postil.agent.whole import whole
from postil.core.ephemeral import SessionHalted, TextDelta
from postil.core.errors import ProtocolError, WriteFailed
from postil.core.event import Event
from postil.core.events import Durable, PromptReceived, Publication, Recorded
from postil.core.fold import fold
from postil.core.state import State
from tests.support.memory_journal import MemoryJournal


def prompt(number: int) -> PromptReceived:
    return PromptReceived(turn_id=f"t{number}", text="x", face="test")


class GatedJournal(MemoryJournal):
    """A journal that acknowledges when it is told to."""

    def __init__(self) -> None:
        super().__init__()
        self.reached = asyncio.Event()
        self.go = asyncio.Event()

    async def append(self, event: Durable, *, sync: bool) -> Recorded:
        self.reached.set()
        await self.go.wait()
        return await super().append(event, sync=sync)


class Desk:
    """An emitter and what it published."""

    def __init__(self, journal: MemoryJournal) -> None:
        self.journal = journal
        self.emitter = Emitter("s1", journal, State.empty())
        self.seen: list[Publication] = []
        self.emitter.subscribe(self.seen.append)

    @property
    def events(self) -> list[Event]:
        return [it.event for it in self.seen]


class ChangingJournal(MemoryJournal):
    """A journal that cannot hold an event as it is, such as one with a number that JSON does not have."""

    async def append(self, event: Durable, *, sync: bool) -> Recorded:
        assert isinstance(event, PromptReceived)
        return await super().append(event.model_copy(update={"text": "as it is kept"}), sync=sync)


async def test_what_is_published_is_what_is_on_record() -> None:
    desk = Desk(ChangingJournal())
    record = await desk.emitter.emit(prompt(1))
    assert desk.events == [record.event] == [prompt(1).model_copy(update={"text": "as it is kept"})]


async def test_an_event_is_published_once_the_journal_has_acknowledged_it() -> None:
    journal = GatedJournal()
    desk = Desk(journal)
    task = asyncio.ensure_future(desk.emitter.emit(prompt(1), sync=True))
    await journal.reached.wait()
    desk.emitter.show(TextDelta(turn_id="t0", step=1, text="x"))
    assert desk.emitter.state.seq == 0
    assert [(it.seq, it.after) for it in desk.seen] == [(None, 0)]
    journal.go.set()
    record = await task
    assert (record.seq, journal.synced) == (1, 1)
    assert [(it.seq, it.after) for it in desk.seen] == [(None, 0), (1, 1)]
    assert desk.emitter.state == fold(journal.records)


async def test_whoever_is_told_sees_a_state_that_holds_it() -> None:
    desk = Desk(MemoryJournal())
    states: list[tuple[int | None, int]] = []
    desk.emitter.subscribe(lambda it: states.append((it.seq, desk.emitter.state.seq)))
    await asyncio.gather(*(desk.emitter.emit(prompt(number)) for number in range(5)))
    assert states == [(seq, seq) for seq in range(1, 6)]
    assert [it.seq for it in desk.seen] == [1, 2, 3, 4, 5]


async def test_a_cancelled_caller_does_not_undo_the_event() -> None:
    journal = GatedJournal()
    desk = Desk(journal)
    task = asyncio.ensure_future(desk.emitter.emit(prompt(1)))
    await journal.reached.wait()
    task.cancel()
    await asyncio.sleep(0)
    assert not task.done(), "the caller goes on when the event is settled"
    journal.go.set()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert desk.emitter.state.seq == 1
    assert desk.events == [prompt(1)]


async def test_a_caller_that_is_cancelled_before_it_began_still_writes() -> None:
    desk = Desk(MemoryJournal())
    task = asyncio.ensure_future(desk.emitter.emit(prompt(1)))
    await asyncio.sleep(0)
    task.cancel()
    await asyncio.wait({task})
    assert desk.emitter.state.seq == len(desk.journal.records) == 1


async def test_a_failed_write_halts_and_says_so_once() -> None:
    desk = Desk(MemoryJournal())
    await desk.emitter.emit(prompt(1))
    desk.journal.fail_next = WriteFailed("The disk is full.", "Make room.")
    for _ in range(3):
        with pytest.raises(WriteFailed, match="full"):
            await desk.emitter.emit(prompt(2))
    desk.journal.fail_next = None
    with pytest.raises(WriteFailed):
        await desk.emitter.emit(prompt(3))
    assert desk.emitter.failure is not None
    assert desk.events == [prompt(1), SessionHalted(message="The disk is full.", mend="Make room.")]
    assert desk.emitter.state == fold(desk.journal.records)


async def test_a_check_runs_with_nothing_between_it_and_the_event() -> None:
    desk = Desk(MemoryJournal())

    def only_once() -> None:
        if desk.emitter.state.seq:
            raise ProtocolError("Too late.")

    results = await asyncio.gather(
        *(desk.emitter.emit(prompt(number), check=only_once) for number in range(3)), return_exceptions=True
    )
    assert [type(it) for it in results] == [Recorded, ProtocolError, ProtocolError]
    assert desk.events == [prompt(0)]


async def test_a_face_that_fails_harms_nobody_else(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.CRITICAL)
    journal = MemoryJournal()
    emitter = Emitter("s1", journal, State.empty())
    seen: list[Publication] = []

    def fails(_: Publication) -> None:
        raise ZeroDivisionError

    emitter.subscribe(fails)
    end = emitter.subscribe(seen.append)
    await emitter.emit(prompt(1))
    end()
    end()
    await emitter.emit(prompt(2))
    assert [it.seq for it in seen] == [1]


async def test_snapshot_and_close_wait_for_what_is_written() -> None:
    journal = GatedJournal()
    desk = Desk(journal)
    writing = asyncio.ensure_future(desk.emitter.emit(prompt(1)))
    await journal.reached.wait()
    closing = asyncio.ensure_future(desk.emitter.close())
    keeping = asyncio.ensure_future(desk.emitter.snapshot(force=True))
    await asyncio.sleep(0)
    assert not journal.closed
    journal.go.set()
    await asyncio.gather(writing, closing, keeping)
    assert journal.closed
    assert (journal.snapshots, len(journal.records)) == (1, 1)


async def test_whole_work_is_done_although_its_caller_is_cancelled() -> None:
    go = asyncio.Event()
    done: list[str] = []

    async def work() -> str:
        await go.wait()
        done.append("done")
        return "result"

    task = asyncio.ensure_future(whole(work()))
    await asyncio.sleep(0)
    task.cancel()
    await asyncio.sleep(0)
    go.set()
    await asyncio.wait({task})
    assert (task.cancelled(), done) == (True, ["done"])
    assert await whole(work()) == "result"


async def test_an_error_of_whole_work_is_its_callers_and_nobodys_where_there_is_none() -> None:
    go = asyncio.Event()

    async def fails() -> None:
        await go.wait()
        raise WriteFailed("Full.")

    task = asyncio.ensure_future(whole(fails()))
    await asyncio.sleep(0)
    task.cancel()
    await asyncio.sleep(0)
    go.set()
    await asyncio.wait({task})
    assert task.cancelled()
    with pytest.raises(WriteFailed):
        await whole(fails())
