"""Sessions are created, opened, viewed, listed and deleted; only one process writes, and nothing gets lost."""

from __future__ import annotations

import asyncio
import json
import os
import stat
import subprocess
import sys
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import pytest

from postil.core.errors import Damaged, Locked, NewerFormat, ProtocolError, WriteFailed
from postil.core.events import JournalRepaired, Recorded
from postil.core.fold import apply, fold
from postil.core.state import State
from postil.journal import opening
from postil.journal.layout import crash_log, state_directory
from postil.journal.store import SessionStore
from tests.support.journals import Ticking, closed, created, prompt
from tests.support.memory_journal import MemoryLock
from tests.support.sim_disk import SimDisk


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "project").mkdir()
    return tmp_path / "project"


@pytest.fixture
def store(tmp_path: Path) -> SessionStore:
    return SessionStore(tmp_path / "state", clock=Ticking())


def real(path: Path) -> str:
    return os.path.realpath(path)


def move(source: Path, target: Path) -> None:
    source.rename(target)


def ended() -> int:
    """Return the id of a process that is no more."""
    with subprocess.Popen([sys.executable, "-c", ""]) as child:
        child.wait()
    return child.pid


@contextmanager
def holder(lock: Path) -> Generator[subprocess.Popen[str]]:
    """A process that holds the lock until it is killed."""
    script = (
        "import sys\n"
        "from pathlib import Path\n"
        "from postil.journal.lock import KernelLock\n"
        "lock = KernelLock(Path(sys.argv[1]))\n"
        "print('held', flush=True)\n"
        "sys.stdin.read()\n"
    )
    arguments = [sys.executable, "-c", script, str(lock)]
    with subprocess.Popen(arguments, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == "held\n"
        yield child


async def make(store: SessionStore, root: Path, session_id: str = "s1", *, close: bool = True) -> None:
    journal = await store.create(root, session_id)
    await journal.append(created(session_id), sync=False)
    await journal.append(prompt(text=f"Prompt of {session_id}\nmore"), sync=True)
    if close:
        await journal.append(closed(), sync=True)
    await journal.close()


async def test_a_session_is_there_again(store: SessionStore, root: Path) -> None:
    journal = await store.create(root, "s1")
    records = [await journal.append(event, sync=True) for event in (created(), prompt(), closed())]
    await journal.close()
    state, again, report = await store.open("s1")
    assert state == fold(records)
    assert (report.clean, report.ending, report.seq, report.fence) == (True, "", 3, 2)
    assert (await again.append(prompt(2), sync=True)).seq == 4
    await again.close()
    await again.close()
    record = await store.record("s1")
    assert [each.seq for each in record.events] == [1, 2, 3, 4]
    assert record.stop is None


async def test_state_is_private(store: SessionStore, root: Path, tmp_path: Path) -> None:
    await make(store, root)
    if sys.platform != "win32":
        for path in (tmp_path / "state").rglob("*"):
            assert stat.S_IMODE(path.stat().st_mode) == (0o700 if path.is_dir() else 0o600), path
    workspace = next((tmp_path / "state" / "workspaces").iterdir())
    assert json.loads((workspace / "workspace.json").read_text())["root"] == real(root)


async def test_one_writer(store: SessionStore, root: Path) -> None:
    journal = await store.create(root, "s1")
    await journal.append(created(), sync=True)
    with pytest.raises(Locked, match=f"process {os.getpid()} since"):
        await store.open("s1")
    with pytest.raises(Locked):
        await store.delete("s1")
    state, viewer, report = await store.view("s1")
    assert (state.seq, report.read_only) == (1, True)
    await journal.append(prompt(), sync=False)
    assert [each.seq for each in await viewer.news()] == [2]
    assert await viewer.news() == []
    with pytest.raises(WriteFailed):
        await viewer.append(prompt(), sync=True)
    await journal.close()


async def test_a_dead_owner_is_told_and_its_lock_is_gone(
    store: SessionStore, root: Path, tmp_path: Path
) -> None:
    await make(store, root)
    folder = await store.folder("s1")
    with holder(folder / "lock") as child:
        with pytest.raises(Locked, match=f"process {child.pid} since"):
            await store.open("s1")
        child.kill()
        child.wait()
    (tmp_path / "state" / "crashes").mkdir()
    crash_log(tmp_path / "state", child.pid).write_text(
        "Fatal Python error: Segmentation fault\n\nThread 1\n"
    )
    _, journal, report = await store.open("s1")
    await journal.append(prompt(9), sync=True)
    await journal.close()
    assert report.clean, "the dead process had written nothing"
    _, journal, report = await store.open("s1")
    await journal.close()
    assert (report.clean, report.fence) == (False, 4)
    assert report.ending == "The session had stopped, because it could not be written."


async def test_a_crash_is_told(store: SessionStore, root: Path, tmp_path: Path) -> None:
    await make(store, root, close=False)
    folder = await store.folder("s1")
    dead = ended()
    owner = json.loads((folder / "lock").read_text())
    (folder / "lock").write_text(json.dumps({**owner, "pid": dead}))
    (tmp_path / "state" / "crashes").mkdir()
    crash_log(tmp_path / "state", dead).write_text("Fatal Python error: Segmentation fault\n\nThread 1\n")
    _, journal, report = await store.open("s1")
    await journal.close()
    assert not report.clean
    assert report.ending == (
        f"Process {dead} ended without closing the session. It said: Fatal Python error: Segmentation fault"
    )
    assert "Thread 1" in report.crash


async def test_a_torn_end_is_cut_aside(store: SessionStore, root: Path) -> None:
    await make(store, root, close=False)
    folder = await store.folder("s1")
    with (folder / "journal.jsonl").open("ab") as file:
        file.write(b'{"at":1.0,"dur')
    _, _, viewed = await store.view("s1")
    assert (viewed.torn_bytes, viewed.torn_file) == (14, "")
    state, journal, report = await store.open("s1")
    assert (report.torn_bytes, report.torn_file, state.seq) == (14, "journal.torn-1", 3)
    assert (folder / "journal.torn-1").read_bytes() == b'{"at":1.0,"dur'
    assert (await journal.append(prompt(2), sync=True)).seq == 4
    await journal.close()
    events = (await store.record("s1")).events
    assert events[2].event == JournalRepaired(dropped_bytes=14, kept_in="journal.torn-1")


async def test_damage_opens_to_read_only(store: SessionStore, root: Path) -> None:
    await make(store, root)
    path = await store.folder("s1") / "journal.jsonl"
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(lines[0] + b"#" * 20 + b"\n" + lines[2])
    before = path.read_bytes()
    with pytest.raises(Damaged, match="Event 2 of this session cannot be read, at byte"):
        await store.open("s1")
    state, _, report = await store.view("s1")
    assert state.seq == 1
    assert report.damage.startswith("Event 2 of this session")
    assert path.read_bytes() == before
    assert len(await store.list(root)) == 1


async def test_a_newer_format_is_left_alone(store: SessionStore, root: Path) -> None:
    journal = await store.create(root, "s1")
    await journal.append(created().model_copy(update={"journal_format": 2, "postil": "9.0"}), sync=True)
    await journal.close()
    with pytest.raises(NewerFormat, match=r"written by Postil 9\.0 in journal format 2"):
        await store.open("s1")


async def test_an_event_that_cannot_be_folded_is_damage(
    store: SessionStore, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await make(store, root)

    def fail(state: State, record: Recorded) -> None:
        if record.seq == 2:
            raise KeyError("call_1")
        apply(state, record)

    monkeypatch.setattr(opening, "apply", fail)
    with pytest.raises(Damaged, match="Event 2 does not follow"):
        await store.open("s1")
    state, _, report = await store.view("s1")
    assert state.seq == 1
    assert "Event 2" in report.damage


async def test_list_and_latest(store: SessionStore, root: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    await make(store, root, "s1")
    await make(store, root, "s2", close=False)
    await make(store, other, "s3")
    await (await store.create(root, "s4")).close()
    assert [each.session_id for each in await store.list(root)] == ["s2", "s1"]
    assert [each.session_id for each in await store.list()] == ["s3", "s2", "s1"]
    assert await store.latest(root) == "s2"
    assert await store.latest(tmp_path) is None
    second, first = await store.list(root)
    assert (first.title, first.clean, first.seq) == ("Prompt of s1", True, 3)
    assert (second.title, second.clean, second.seq) == ("Prompt of s2", False, 2)
    assert first.created_at < first.updated_at < second.created_at
    assert await store.size(root) > await store.size(other) > 0


async def test_the_list_believes_a_snapshot_only_at_the_journals_end(store: SessionStore, root: Path) -> None:
    journal = await store.create(root, "s1")
    state = fold([await journal.append(created(), sync=True), await journal.append(prompt(), sync=True)])
    assert await journal.snapshot(state, force=True)
    (summary,) = await store.list(root)
    assert (summary.turns, summary.seq, summary.title) == (1, 2, "Mend the test.")
    await journal.append(closed(), sync=True)
    await journal.close()
    (summary,) = await store.list(root)
    assert (summary.turns, summary.seq, summary.clean) == (1, 3, True)


async def test_an_unreadable_session_is_still_listed(store: SessionStore, root: Path) -> None:
    await make(store, root)
    path = await store.folder("s1") / "journal.jsonl"
    path.write_bytes(bytes(500))
    (summary,) = await store.list(root)
    assert summary.problem == "no line of it can be read"


async def test_delete(store: SessionStore, root: Path) -> None:
    await make(store, root)
    folder = await store.folder("s1")
    await store.delete("s1")
    assert not folder.exists()
    assert list(folder.parent.iterdir()) == []
    with pytest.raises(ProtocolError, match="no session s1"):
        await store.open("s1")
    with pytest.raises(ProtocolError, match="no session s1"):
        await store.delete("s1")


@pytest.mark.parametrize("name", ["", "..", "../s1", "a/b", ".hidden", "x" * 65, "a\n"])
async def test_names_that_are_no_session(store: SessionStore, root: Path, name: str) -> None:
    with pytest.raises(ProtocolError):
        await store.create(root, name)
    with pytest.raises(ProtocolError):
        await store.open(name)


async def test_an_id_is_taken_once(store: SessionStore, root: Path) -> None:
    await make(store, root)
    with pytest.raises(ProtocolError, match="already a session s1"):
        await store.create(root, "s1")


async def test_a_workspace_is_found_under_its_other_names(
    store: SessionStore, root: Path, tmp_path: Path
) -> None:
    await make(store, root)
    (tmp_path / "fresh").mkdir()
    (tmp_path / "link").symlink_to(root, target_is_directory=True)
    assert await store.latest(tmp_path / "link") == "s1"
    move(root, tmp_path / "moved")
    # An inode alone is no proof of identity: grants must not pass to whatever gets it next.
    assert await store.latest(tmp_path / "moved") is None
    move(tmp_path / "moved", tmp_path / "elsewhere")
    move(tmp_path / "fresh", root)
    assert await store.latest(root) == "s1"


async def test_a_cancelled_open_lets_go_of_the_lock(store: SessionStore, root: Path) -> None:
    await make(store, root)
    task = asyncio.create_task(store.open("s1"))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    _, journal, _ = await store.open("s1")
    await journal.close()


def test_the_state_directory(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("POSTIL_STATE_DIR", str(tmp_path))
    assert state_directory() == tmp_path
    monkeypatch.delenv("POSTIL_STATE_DIR")
    assert state_directory().parts[-1] == "postil"


async def test_where_there_is_no_room_for_a_session_there_is_none_to_resume() -> None:
    disk = SimDisk()
    disk.room = 0
    with pytest.raises(WriteFailed) as raised:
        await SessionStore(Path("/state"), disk=disk, lock=MemoryLock).create(Path("/project"), "s1")
    assert str(raised.value) == (
        "The session's journal could not be written: the disk is full. Make room, then try again."
    )
