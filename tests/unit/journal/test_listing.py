"""The list says where each session stands, from the ends of its files alone."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from postil.core.changes import RewindStarted, Rewound
from postil.core.events import Durable, JournalRepaired, Recorded, SessionClosed, SessionCreated
from postil.core.fold import fold
from postil.journal import ending
from postil.journal.blobs import Blobs
from postil.journal.layout import BLOBS, CHECKPOINT, JOURNAL, LOCK, Layout
from postil.journal.listing import Status, Summary, summarize
from postil.journal.lock import KernelLock, is_held, read_owner
from postil.journal.log import Log
from postil.journal.reader import Position
from postil.journal.snapshot import Snapshots
from postil.workspace.files.real_disk import RealDisk
from tests.support.golden import SESSIONS
from tests.support.golden_parts import asked, begin, call, ended, prompt, replied, routed
from tests.support.journals import Ticking, closed, result

TURN = "t0001"
ASKING = [
    *begin(), prompt(TURN, "Build it."), routed(TURN),
    replied(TURN, 1, call("c1", "shell", command="make"), stop="tool_use"), asked(TURN, "c1", "q1", "make"),
]  # fmt: skip
STOPPED = [*begin(), prompt(TURN, "Build it."), routed(TURN), ended(TURN, "failed")]
BACK = [
    RewindStarted(rewind_id="r1", change_id="c1", label="Rewind", turn_id=TURN, conversation=True),
    Rewound(rewind_id="r1", outcome="completed", turn_id=TURN),
]
BIG = [result("x" * 60_000) for _ in range(10)]


def keep(folder: Path, events: Sequence[Durable], snapshot: int | None = None) -> Path:
    """Write a session, with a snapshot of its first events."""
    disk = RealDisk()
    folder.mkdir(exist_ok=True)
    log = Log(disk.create(folder / JOURNAL), Position(), Blobs(disk, folder / BLOBS), Ticking())
    records = [it for it in log.append(list(events), sync=True) if not isinstance(it, Exception)]
    if snapshot is not None:
        mark = log.mark(snapshot)
        assert mark is not None
        assert Snapshots(disk, folder, folder / JOURNAL).save(fold(records[:snapshot]), mark)
    log.close()
    return folder


def summary(folder: Path) -> Summary:
    found = summarize(RealDisk(), folder, "/project")
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("events", "status", "questions"),
    [
        ([*SESSIONS["simple"]], "clean", 0),
        (SESSIONS["simple"][:-1], "interrupted", 0),
        ([*SESSIONS["queued"], closed()], "interrupted", 0),
        (ASKING, "question", 1),
        ([*ASKING, closed()], "question", 1),
        ([*ASKING, closed(), JournalRepaired(dropped_bytes=1, kept_in="x")], "question", 1),
        (SESSIONS["grants_and_todo"][:15], "question", 1),
        (SESSIONS["grants_and_todo"][:16], "interrupted", 0),
        (SESSIONS["cancelled"][:-1], "interrupted", 0),
        ([*SESSIONS["cancelled"], closed()], "clean", 0),
        ([*STOPPED, closed()], "stopped", 0),
        ([*STOPPED[:-1], ended(TURN, "max_turn_requests"), closed()], "stopped", 0),
        (STOPPED, "interrupted", 0),
        ([*STOPPED, prompt("t0002", "Go on."), routed("t0002"), ended("t0002"), closed()], "clean", 0),
        (
            [*STOPPED, prompt("t0002", "Go on."), routed("t0002"), ended("t0002", "cancelled"), closed()],
            "clean",
            0,
        ),
        ([*STOPPED, *BACK, closed()], "clean", 0),
    ],
)
def test_where_a_session_stands(
    tmp_path: Path, events: list[Durable], status: Status, questions: int
) -> None:
    """The same without a snapshot, with one of any event, and by replaying."""
    workflow = fold(Recorded(seq, 0.0, it) for seq, it in enumerate(events, 1)).workflow
    assert len(workflow.questions) == questions
    for snapshot in (None, *range(1, len(events) + 1)):
        found = summary(keep(tmp_path / f"s{snapshot}", events, snapshot))
        assert (found.status, found.questions) == (status, questions), snapshot
        assert (found.turns, found.title) == (workflow.turn_count, workflow.title), snapshot
        assert (found.seq, found.problem) == (len(events), "")
        assert (found.created_at, found.updated_at) == (1_000_001.0, 1_000_000.0 + len(events))


def test_of_a_long_turn_only_the_end_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = summary(keep(tmp_path / "s1", [*ASKING[:-1], *BIG, ASKING[-1]]))
    assert (found.status, found.turns, found.title) == ("question", None, "Build it.")
    assert found.created_at == 1_000_001.0
    assert summary(keep(tmp_path / "s2", [*ASKING[:-1], *BIG])).status == "interrupted"
    monkeypatch.setattr(ending, "PIECE", 100)
    found = summary(keep(tmp_path / "s3", [*ASKING, *BIG]))
    assert (found.status, found.problem) == ("interrupted", ""), "one line is longer than what is read first"
    assert found.seq == len(ASKING) + len(BIG)


def test_a_turn_that_was_taken_back_is_not_open(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = keep(tmp_path / "s1", [*STOPPED, *BACK, closed()])
    last = (folder / JOURNAL).read_bytes().splitlines(keepends=True)[-3:]
    monkeypatch.setattr(ending, "PIECE", sum(map(len, last)) + 9)
    found = summary(folder)
    assert (found.status, found.turns) == ("clean", None), "of it, only the end is read"


def test_a_session_that_a_process_has_open(tmp_path: Path) -> None:
    folder = keep(tmp_path / "s1", SESSIONS["simple"][:-1])
    lock = KernelLock(folder / LOCK)
    assert summary(folder).status == "running"
    assert is_held(folder / LOCK)
    lock.release()
    assert summary(folder).status == "interrupted", "its process lives, and has let go of it"
    assert not is_held(folder / LOCK)
    KernelLock(folder / LOCK).release()


def test_the_record_alone_tells_of_a_dead_owner(tmp_path: Path) -> None:
    script = f"from pathlib import Path\nfrom postil.journal.lock import KernelLock\nKernelLock(Path({str(tmp_path / LOCK)!r}))"
    subprocess.run([sys.executable, "-c", script], check=True)
    owner = read_owner(tmp_path / LOCK)
    assert owner is not None
    assert owner.running is False
    assert not is_held(tmp_path / LOCK)
    assert not is_held(tmp_path / "none")


@pytest.mark.parametrize("snapshot", [None, 2, 4])
def test_damage_and_a_torn_end_are_told_apart(tmp_path: Path, snapshot: int | None) -> None:
    folder = keep(tmp_path / "s1", SESSIONS["simple"], snapshot)
    path = folder / JOURNAL
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join(lines)[:-30])
    assert (summary(folder).status, summary(folder).problem) == ("interrupted", "")
    path.write_bytes(b"".join([*lines[:5], lines[5].replace(b"end_turn", b"and_turn"), lines[6]]))
    found = summary(folder)
    assert found.status == "damaged"
    assert found.problem.startswith("Event 6 of this session cannot be read")
    path.write_bytes(b"".join([*lines[:6], lines[5], lines[6]]))
    assert summary(folder).status == "clean", (
        "a doubled line is forgiven, as it is when the session is opened"
    )


def test_a_snapshot_of_another_journal_is_not_believed(tmp_path: Path) -> None:
    folder = keep(tmp_path / "s1", SESSIONS["simple"], 5)
    other = keep(tmp_path / "s2", ASKING)
    (folder / JOURNAL).write_bytes((other / JOURNAL).read_bytes())
    assert (summary(folder).status, summary(folder).title) == ("question", "Build it.")


def test_a_later_version_is_named(tmp_path: Path) -> None:
    created = SessionCreated(session_id="s1", roots=(), face="cli", postil="9.0", journal_format=9)
    found = summary(keep(tmp_path / "s1", [created, SessionClosed(reason="done")]))
    assert (found.status, found.problem) == ("newer", "written by Postil 9.0, later than this one")


def test_what_a_file_manager_leaves_is_no_session(tmp_path: Path) -> None:
    layout = Layout(RealDisk(), tmp_path)
    folder = layout.new_session(tmp_path, "s1")
    keep(folder, [*SESSIONS["simple"]])
    for place in (folder.parent, folder.parent.parent, folder.parent.parent.parent):
        (place / ".DS_Store").write_bytes(b"\0\0\0\1Bud1")
    assert [it for it, _ in layout.sessions()] == [folder]
    assert [it.root for it in layout.workspaces()] == [str(tmp_path)]
    assert summarize(RealDisk(), folder.parent / ".DS_Store", "/project") is None


def test_an_emptied_journal_with_a_snapshot_is_a_damaged_session(tmp_path: Path) -> None:
    """Its snapshot tells that there was something; a journal that never had an event is none."""
    events = [*SESSIONS["simple"]]
    folder = keep(tmp_path / "s1", events, snapshot=len(events))
    (folder / JOURNAL).write_bytes(b"")
    found = summary(folder)
    assert (found.session_id, found.status, found.size) == ("s1", "damaged", 0)
    assert found.title
    assert found.problem == f"Events 1 to {len(events)} are gone from the journal's end."
    for snapshot in folder.glob("*.json"):
        snapshot.unlink()
    assert summarize(RealDisk(), folder, "/project") is None


@pytest.mark.parametrize("snapshot", [None, 3])
def test_a_session_without_its_journal_is_a_damaged_one(tmp_path: Path, snapshot: int | None) -> None:
    """What else there is of it can be seen and deleted; a folder with nothing but a lock is a session in the making."""
    folder = keep(tmp_path / "s1", SESSIONS["simple"], snapshot)
    (folder / CHECKPOINT).mkdir()
    (folder / JOURNAL).unlink()
    found = summary(folder)
    assert (found.session_id, found.status, found.problem) == ("s1", "damaged", "its journal is gone")
    assert bool(found.title) == (snapshot is not None)
    (tmp_path / "s2").mkdir()
    (tmp_path / "s2" / LOCK).touch()
    assert summarize(RealDisk(), tmp_path / "s2", "/project") is None


@pytest.mark.parametrize(("gone", "words"), [(1, "Event {1} is"), (2, "Events {0} to {1} are")])
def test_whole_lines_that_are_gone_from_the_end_are_damage(tmp_path: Path, gone: int, words: str) -> None:
    events = [*SESSIONS["simple"]]
    folder = keep(tmp_path / "s1", events, snapshot=len(events))
    lines = (folder / JOURNAL).read_bytes().splitlines(keepends=True)
    (folder / JOURNAL).write_bytes(b"".join(lines[:-gone]))
    found = summary(folder)
    told = words.format(len(events) - 1, len(events))
    assert (found.status, found.problem) == ("damaged", f"{told} gone from the journal's end.")


def test_a_sessions_size_is_that_of_all_its_files(tmp_path: Path) -> None:
    layout = Layout(RealDisk(), tmp_path)
    folder = keep(tmp_path / "s1", BIG)
    for name in (BLOBS, CHECKPOINT):
        (folder / name).mkdir(exist_ok=True)
        (folder / name / "000001.pack").write_bytes(b"x" * 1_000)
    assert layout.session_size(folder) == sum(it.stat().st_size for it in folder.rglob("*") if it.is_file())


def test_a_renamed_session_is_listed_by_its_name(tmp_path: Path) -> None:
    events = SESSIONS["renamed"]
    assert summary(keep(tmp_path / "s", events)).title == "The header \u00b7 2"
    assert summary(keep(tmp_path / "first", events[:3])).title == "The header"
    assert summary(keep(tmp_path / "asked", events[:4])).title == "The header", "a prompt does not undo it"


def test_the_name_of_a_long_session_is_found_by_its_snapshot(tmp_path: Path) -> None:
    events = SESSIONS["renamed"]
    folder = keep(tmp_path / "s", [*events, *BIG], snapshot=len(events))
    assert (folder / JOURNAL).stat().st_size > ending.PIECE
    assert summary(folder).title == "The header \u00b7 2"
