"""The writer groups, syncs before it promises, and stops for good at the first fault."""

from __future__ import annotations

import asyncio
import errno
import threading
from pathlib import Path

import pytest

from postil.core.effects import text_hash
from postil.core.errors import WriteFailed
from postil.core.events import Durable, Recorded
from postil.journal import codec
from postil.journal.blobs import Blobs
from postil.journal.log import Log, write_failed
from postil.journal.outputs import Outputs
from postil.journal.reader import Position, Reader
from postil.journal.snapshot import Snapshots
from postil.journal.writer import FileJournal
from postil.workspace.files.checkpoint import Checkpoint
from tests.support.journals import Ticking, closed, created, prompt, result
from tests.support.sim_disk import Cut, SimDisk, Step, Sync, Write

FOLDER = Path("/state")
PATH = FOLDER / "journal.jsonl"


class Bench:
    """A journal on a simulated disk, whose writes and syncs can be held up."""

    def __init__(self) -> None:
        self.disk = SimDisk()
        self.disk.make_dir(FOLDER)
        self.held = True
        self.released = 0
        blobs = Blobs(self.disk, FOLDER / "blobs")
        self.log = Log(self.disk.create(PATH), Position(), blobs, Ticking(), lambda: self.held)
        self.journal = FileJournal(
            self.log,
            Snapshots(self.disk, FOLDER, PATH),
            Checkpoint(self.disk, FOLDER / "checkpoint"),
            Outputs(FOLDER),
            self._release,
        )
        self.disk.steps.clear()
        self.disk.synced.clear()

    def _release(self) -> None:
        self.released += 1

    def read(self) -> list[Recorded]:
        return list(Reader(self.disk, PATH, self.log.blobs.get).records())

    def kinds(self) -> list[str]:
        return [type(step).__name__ for step in self.disk.steps]

    def fail_at(self, kind: type[Step], number: int, code: int) -> None:
        """Let the n-th step of a kind fail."""
        left = [number]

        def before(step: Step) -> None:
            if isinstance(step, kind):
                left[0] -= 1
                if left[0] == 0:
                    raise OSError(code, "injected")

        self.disk.before = before


@pytest.fixture
def bench() -> Bench:
    return Bench()


async def test_synced_before_it_is_told(bench: Bench) -> None:
    record = await bench.journal.append(created(), sync=True)
    assert record == Recorded(1, record.at, created())
    assert bench.kinds() == ["Write", "Sync"]
    await bench.journal.close()
    assert bench.kinds() == ["Write", "Sync"], "nothing was left to sync"
    assert (bench.read(), bench.released) == ([record], 1)


async def test_without_sync_it_is_written_at_once_and_synced_soon(bench: Bench) -> None:
    await bench.journal.append(created(), sync=False)
    assert bench.kinds()[0] == "Write"
    assert len(bench.read()) == 1
    assert await asyncio.to_thread(bench.disk.synced.wait, 30)
    await bench.journal.close()
    assert bench.kinds() == ["Write", "Sync"]


async def test_closing_syncs(bench: Bench) -> None:
    await bench.journal.append(created(), sync=False)
    await bench.journal.close()
    assert bench.kinds() == ["Write", "Sync"]
    with pytest.raises(WriteFailed, match="closed"):
        await bench.journal.append(prompt(), sync=True)
    await bench.journal.close()
    assert bench.released == 1


async def test_an_unused_journal_closes(bench: Bench) -> None:
    await bench.journal.close()
    assert (bench.kinds(), bench.released) == ([], 1)


async def test_what_waits_goes_together(bench: Bench) -> None:
    """While one sync runs, nine more come: they make one write and one sync."""
    busy, go_on = threading.Event(), threading.Event()

    def before(step: Step) -> None:
        if isinstance(step, Sync) and not busy.is_set():
            busy.set()
            assert go_on.wait(30)

    bench.disk.before = before
    first = asyncio.create_task(bench.journal.append(created(), sync=True))
    await asyncio.to_thread(busy.wait, 30)
    rest = [asyncio.create_task(bench.journal.append(prompt(n), sync=n % 3 == 0)) for n in range(1, 10)]
    await asyncio.sleep(0)
    assert not first.done()
    go_on.set()
    records = await asyncio.gather(first, *rest)
    assert [record.seq for record in records] == list(range(1, 11))
    assert bench.kinds() == ["Write", "Sync", "Write", "Sync"]
    await bench.journal.close()
    assert bench.read() == records


async def test_the_loops_thread_touches_no_disk(bench: Bench) -> None:
    threads: set[int] = set()
    bench.disk.before = lambda _: threads.add(threading.get_ident())
    await bench.journal.append(result("x" * 100_000), sync=True)
    await bench.journal.keep(["data"])
    await bench.journal.close()
    assert threads
    assert threading.get_ident() not in threads


async def test_a_cancelled_wait_leaves_the_event(bench: Bench) -> None:
    task = asyncio.create_task(bench.journal.append(created(), sync=True))
    await asyncio.sleep(0)
    task.cancel()
    assert (await bench.journal.append(prompt(), sync=True)).seq == 2
    await bench.journal.close()
    assert len(bench.read()) == 2


async def test_before_the_first_event_there_is_nothing_to_resume(bench: Bench) -> None:
    bench.disk.room = 20
    with pytest.raises(WriteFailed) as raised:
        await bench.journal.append(created(), sync=True)
    assert str(raised.value) == (
        "The session's journal could not be written: the disk is full. Make room, then try again."
    )


def test_what_is_in_the_way_is_named() -> None:
    error = NotADirectoryError(errno.ENOTDIR, "Not a directory", "/state/s1")
    assert str(write_failed(error)) == (
        "The session's journal could not be written: there is a file where a folder should be (/state/s1). "
        "Move that file away, then resume the session."
    )


async def test_a_full_disk_takes_back_the_torn_line(bench: Bench) -> None:
    await bench.journal.append(created(), sync=True)
    bench.disk.room = 20
    with pytest.raises(WriteFailed) as raised:
        await bench.journal.append(prompt(), sync=True)
    assert str(raised.value) == (
        "The session's journal could not be written: the disk is full. Make room, then resume the session."
    )
    bench.disk.room = None
    for _ in range(2):
        with pytest.raises(WriteFailed, match="disk is full"):
            await bench.journal.append(prompt(), sync=False)
    with pytest.raises(WriteFailed, match="disk is full"):
        await bench.journal.keep(["x"])
    await bench.journal.close()
    assert bench.released == 1
    assert [record.seq for record in bench.read()] == [1]
    assert bench.kinds() == ["Write", "Sync", "Write", "Cut"]


async def test_a_failed_sync_is_final_for_all_who_waited(bench: Bench) -> None:
    await bench.journal.append(created(), sync=True)
    bench.fail_at(Sync, 1, errno.EIO)
    with pytest.raises(WriteFailed, match="the disk reported an error"):
        await bench.journal.append(prompt(), sync=True)
    with pytest.raises(WriteFailed, match="the disk reported an error"):
        await bench.journal.append(prompt(), sync=True)
    await bench.journal.close()
    assert [record.seq for record in bench.read()] == [1], "an intent that was refused is not found later"
    assert not [step for step in bench.disk.steps[2:] if isinstance(step, Sync)]


async def test_a_failed_flush_is_told_to_the_next(bench: Bench) -> None:
    failed = threading.Event()

    def before(step: Step) -> None:
        if isinstance(step, Sync):
            failed.set()
            raise OSError(errno.EIO, "injected")

    bench.disk.before = before
    await bench.journal.append(created(), sync=False)
    assert await asyncio.to_thread(failed.wait, 30)
    with pytest.raises(WriteFailed):
        await bench.journal.append(prompt(), sync=False)
    await bench.journal.close()


async def test_a_cut_that_fails_too(bench: Bench) -> None:
    await bench.journal.append(created(), sync=True)

    def before(step: Step) -> None:
        if isinstance(step, Cut | Sync):
            raise OSError(errno.EROFS, "injected")

    bench.disk.before = before
    with pytest.raises(WriteFailed, match="read-only"):
        await bench.journal.append(prompt(), sync=True)
    await bench.journal.close()
    assert len(bench.read()) == 2, "it may or may not be there; it was never acknowledged"


async def test_a_foreign_line_stops_the_writer(bench: Bench) -> None:
    await bench.journal.append(created(), sync=True)
    bench.disk.open_append(PATH).write(b"foreign\n")
    with pytest.raises(WriteFailed, match="something else writes"):
        await bench.journal.append(prompt(), sync=True)
    await bench.journal.close()


async def test_a_lost_lock_stops_the_writer(bench: Bench) -> None:
    bench.held = False
    with pytest.raises(WriteFailed, match="something else writes"):
        await bench.journal.append(created(), sync=True)
    await bench.journal.close()
    assert bench.read() == []


async def test_an_event_that_json_cannot_hold_spoils_nothing(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    await bench.journal.append(created(), sync=True)
    with monkeypatch.context() as patch:
        patch.setattr(codec, "LINE_LIMIT", 100)
        with pytest.raises(ValueError, match="over the limit"):
            await bench.journal.append(prompt(), sync=True)
    assert (await bench.journal.append(prompt(), sync=True)).seq == 2
    await bench.journal.close()
    assert len(bench.read()) == 2


async def test_what_is_folded_now_is_what_is_read_later(bench: Bench) -> None:
    odd = result("x").model_copy(update={"details": {"ratio": float("nan"), "$blob": "mine"}})
    long = result("\ud800" + "y" * 100_000)
    events: list[Durable] = [created(), odd, long, closed()]
    records = [await bench.journal.append(event, sync=False) for event in events]
    await bench.journal.close()
    assert bench.read() == records
    assert [record.event for record in records[2:]] == [long, closed()]
    assert (bench.disk.size(PATH) or 0) < 2_000


async def test_a_blob_is_durable_before_its_line(bench: Bench) -> None:
    await bench.journal.append(result("y" * 100_000), sync=False)
    await bench.journal.close()
    node = bench.disk._file(PATH)
    line = next(i for i, step in enumerate(bench.disk.steps) if isinstance(step, Write) and step.node == node)
    before = bench.disk.steps[:line]
    assert [type(step).__name__ for step in before] == [
        *("Name", "Sync"),  # the folder of blobs
        *("Name", "Write", "Sync", "Name", "Sync"),  # the blob: temporary, content, rename
    ]


async def test_kept_texts(bench: Bench) -> None:
    await bench.journal.keep(["text \ud800"])
    steps = len(bench.disk.steps)
    await bench.journal.keep(["text \ud800"])
    assert len(bench.disk.steps) == steps, "what is durable is not written again"
    assert await bench.journal.kept(text_hash("text \ud800")) == "text \ud800"
    assert await bench.journal.kept("0" * 64) is None
    bench.fail_at(Write, 1, errno.ENOSPC)
    with pytest.raises(WriteFailed, match="could not be kept before its edit"):
        await bench.journal.keep(["other"])
    await bench.journal.close()


def test_a_journal_outlives_its_loop(bench: Bench) -> None:
    """A loop that ended while an event was on its way takes nothing with it."""

    async def leave() -> None:
        task = asyncio.create_task(bench.journal.append(created(), sync=True))
        await asyncio.sleep(0)
        task.cancel()

    asyncio.run(leave())
    asyncio.run(bench.journal.close())
    assert len(bench.read()) == 1
