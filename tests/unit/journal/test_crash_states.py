"""Whatever a power cut leaves of a session: nothing that was acknowledged is lost, and recovering twice is once.

A reference run (create, append with and without sync, a long text, snapshots, close, reopen, tear, reopen) goes over a
disk that remembers each step; then every state that a cut could have left is opened, and opened again.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from postil.core import paged
from postil.core.events import Durable, JournalRepaired, Recorded, SessionClosed, SessionResumed
from postil.core.fold import fold
from postil.core.state import State
from postil.journal import seal
from postil.journal.layout import BLOBS, JOURNAL, Layout
from postil.journal.log import Log
from postil.journal.opening import Loaded, OpenReport, new_log, open_to_write
from postil.journal.outputs import Outputs
from postil.journal.snapshot import Snapshots
from postil.journal.writer import FileJournal
from postil.workspace.files.checkpoint import Checkpoint
from tests.support.golden import SESSIONS
from tests.support.journals import Ticking, closed, result
from tests.support.memory_journal import MemoryLock
from tests.support.sim_crashes import Crash, crashes
from tests.support.sim_disk import SimDisk, SimHandle, Tree

Report = Callable[[str, object], None]
STATE = Path("/state")
ACKNOWLEDGED, TOLD = "acknowledged", "told"
LONG = result("A long output. " * 5_000).model_copy(update={"call_id": "call_2", "tool": "shell"})


def opened(disk: SimDisk, folder: Path) -> tuple[Loaded, Log, OpenReport]:
    return open_to_write(disk, folder, STATE, MemoryLock(folder / "lock"), Ticking())


class Run:
    """The reference run; `events` is what it wanted to write, in order."""

    def __init__(self, root: Path, synced: int, group: int) -> None:
        self.disk = SimDisk()
        self.root = root
        self.synced = synced
        self.group = group
        self.events: list[Durable] = []
        self.state = State.empty()
        self.folder = STATE

    async def whole(self) -> None:
        layout = Layout(self.disk, STATE)
        self.folder = layout.new_session(self.root, "s1")
        log = new_log(self.disk, self.folder, MemoryLock(self.folder / "lock"), Ticking())
        events = [
            LONG if it.type == "CallFinished" and it.call_id == "call_2" else it
            for it in SESSIONS["edit_and_shell"]
        ]
        await self._write(log, events)
        loaded, log, _ = opened(self.disk, self.folder)
        assert loaded.state == self.state
        resumed = SessionResumed(face="cli", postil="0.1.0", clean=True)
        await self._write(log, [resumed, *SESSIONS["queued"][2:6], closed()], loaded.state)
        # A line that was not finished, and what mends it.
        torn = self.disk.open_append(self.folder / JOURNAL)
        torn.write(b'{"at":1.0,"durable":3,"ev')
        loaded, log, report = opened(self.disk, self.folder)
        self.events.append(JournalRepaired(dropped_bytes=25, kept_in=report.torn_file))
        self.disk.note(ACKNOWLEDGED, len(self.events))
        await self._write(log, [resumed, closed()], loaded.state)

    async def _write(self, log: Log, events: Sequence[Durable], state: State | None = None) -> None:
        """Append in groups, every so many of them synced, with a snapshot now and then; and close."""
        self.state = state or self.state
        journal = FileJournal(
            log,
            Snapshots(self.disk, self.folder, self.folder / JOURNAL),
            Checkpoint(self.disk, self.folder / "checkpoint"),
            Outputs(self.folder),
            lambda: None,
        )
        for number, start in enumerate(range(0, len(events), self.group)):
            group = events[start : start + self.group]
            self.events += group
            sync = self.synced > 0 and number % self.synced == 0
            records = await asyncio.gather(*(journal.append(event, sync=sync) for event in group))
            if sync:
                self.disk.note(ACKNOWLEDGED, records[-1].seq)
            self.disk.note(TOLD, records[-1].seq)
            fold(records, self.state)
            if number % 5 == 4:
                await journal.snapshot(self.state, force=True)
        await journal.close()
        self.disk.note(ACKNOWLEDGED, len(self.events))


@pytest.fixture(autouse=True)
def _small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that snapshots have several pages, and the journal several sealed pieces."""
    monkeypatch.setattr(paged, "PAGE", 2)
    monkeypatch.setattr(seal, "PIECE", 3_000)


@dataclass
class Tally:
    states: int = 0
    torn: int = 0
    nested: int = 0
    unborn: int = 0
    from_snapshot: int = 0


RUNS = {"each event synced": (1, 1), "some synced": (3, 2), "groups": (2, 4), "none synced": (0, 1)}


async def reference(root: Path, name: str) -> Run:
    run = Run(root, *RUNS[name])
    await run.whole()
    return run


def check(run: Run, crash: Crash, tally: Tally, *, nested: bool) -> None:
    disk = SimDisk(crash.tree)
    acknowledged = crash.notes.get(ACKNOWLEDGED, 0)
    tally.states += 1
    if disk.size(run.folder / JOURNAL) is None:
        assert acknowledged == 0, f"{acknowledged} were acknowledged, nothing is left; {crash.story}"
        tally.unborn += 1
        return
    loaded, log, report = opened(disk, run.folder)
    log.close()
    events = judge(run, loaded.state, disk, acknowledged, crash.story)
    tally.torn += bool(report.torn_bytes)
    tally.from_snapshot += report.from_snapshot
    once = content(disk.tree)
    again, log, second = opened(disk, run.folder)
    log.close()
    assert again.state == loaded.state, crash.story
    assert (second.torn_bytes, second.notes) == (0, ()), crash.story
    assert content(disk.tree) == once, f"recovering twice is not once; {crash.story}"
    if nested:
        deeper(run, disk, len(events), crash, tally)


def deeper(run: Run, disk: SimDisk, seq: int, crash: Crash, tally: Tally) -> None:
    """Cut the power again at every step of the recovery."""
    kept = min(seq, crash.notes.get(ACKNOWLEDGED, 0))
    for inner in crashes(disk):
        tally.nested += 1
        again = SimDisk(inner.tree)
        loaded, log, _ = opened(again, run.folder)
        log.close()
        judge(run, loaded.state, again, kept, f"{crash.story}; in recovery {inner.story}")


def judge(run: Run, state: State, disk: SimDisk, acknowledged: int, story: str) -> list[Recorded]:
    """Hold what was recovered against what was wanted and promised."""
    from postil.journal.blobs import Blobs
    from postil.journal.reader import Reader

    reader = Reader(disk, run.folder / JOURNAL, Blobs(disk, run.folder / BLOBS).get)
    records = list(reader.records())
    assert (reader.stop, reader.notes) == (None, []), story
    assert state == fold(records), f"a snapshot was believed that should not be; {story}"
    events = [record.event for record in records]
    mended = [index for index, event in enumerate(events) if event not in run.events[: index + 1]]
    for index in mended[:2]:
        assert isinstance(events[index], JournalRepaired), story
    first = mended[0] if mended else len(events)
    assert events[:first] == run.events[:first], story
    assert first >= acknowledged, f"{acknowledged} were acknowledged, {first} are left; {story}"
    return records


def content(tree: Tree) -> list[tuple[str, bytes | None]]:
    return list(tree.paths())


@pytest.mark.parametrize("name", RUNS)
async def test_every_state_that_a_power_cut_could_leave(
    tmp_path: Path, name: str, record_property: Report
) -> None:
    run = await reference(tmp_path, name)
    assert isinstance(run.events[-1], SessionClosed)
    tally = Tally()
    await asyncio.to_thread(check_all, run, list(crashes(run.disk, samples=20)), tally, 0)
    record_property("disk states of a journal", tally.states)
    print(f"\n{name}: {tally}")
    assert tally.states > 200
    assert tally.torn > 50
    assert tally.from_snapshot > 50
    assert tally.unborn > 0


@pytest.mark.parametrize("name", RUNS)
async def test_a_second_cut_during_recovery(tmp_path: Path, name: str, record_property: Report) -> None:
    run = await reference(tmp_path, name)
    tally = Tally()
    await asyncio.to_thread(check_all, run, list(crashes(run.disk, samples=20))[::10], tally, 1)
    record_property("disk states in a journal's recovery", tally.nested)
    assert tally.nested > 200


@pytest.mark.parametrize("what", [SimHandle, SimDisk])
async def test_a_missing_sync_would_be_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, what: type[object]
) -> None:
    """Without syncs of files, or of folders, the same test fails: it does see what it is for."""

    def lie(*_: object) -> None:
        """Say that it is done."""

    if what is SimHandle:
        monkeypatch.setattr(SimHandle, "sync", lie)
    else:
        monkeypatch.setattr(SimDisk, "sync_dir", lie)
    run = await reference(tmp_path, "each event synced")
    with pytest.raises(AssertionError, match="acknowledged"):
        check_all(run, crashes(run.disk, samples=20), Tally(), 0)


@pytest.mark.soak
@pytest.mark.timeout(0)
@pytest.mark.parametrize("group", range(1, 6))
@pytest.mark.parametrize("synced", range(5))
async def test_many_more_states(tmp_path: Path, synced: int, group: int, record_property: Report) -> None:
    run = Run(tmp_path, synced, group)
    await run.whole()
    tally = Tally()
    check_all(run, crashes(run.disk, seed=synced * 10 + group, samples=60), tally, 10)
    record_property("disk states of a journal", tally.states)
    record_property("disk states in a journal's recovery", tally.nested)
    print(synced, group, tally)


def check_all(run: Run, found: Iterable[Crash], tally: Tally, nested_each: int) -> None:
    for index, crash in enumerate(found):
        check(run, crash, tally, nested=nested_each > 0 and index % nested_each == 0)
