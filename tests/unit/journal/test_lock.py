"""A lock has one holder, goes with it, and notices when it no longer is what it was."""

from __future__ import annotations

import fcntl
import os
import resource
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from postil.core.errors import Locked
from postil.journal.lock import KernelLock, Owner, is_held, process_started, read_owner

RACER = """
import sys
from pathlib import Path
from postil.core.errors import Locked
from postil.journal.lock import KernelLock

won = 0
sys.stdin.readline()
for number in range(200):
    try:
        lock = KernelLock(Path(sys.argv[1]))
    except Locked:
        continue
    with open(sys.argv[2], "a") as log:
        log.write(f"{lock.owner.fence} in\\n")
        log.flush()
        assert lock.held()
        log.write(f"{lock.owner.fence} out\\n")
    won += 1
    lock.release()
print(won)
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "lock"


def test_a_lock_whose_record_cannot_be_written_is_let_go_of_and_keeps_its_number(path: Path) -> None:
    KernelLock(path).release()
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, limits[1]))
    try:
        with pytest.raises(OSError, match="File too large"):
            KernelLock(path)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    again = KernelLock(path)
    assert again.owner.fence == 2
    again.release()


def test_one_holder(path: Path) -> None:
    first = KernelLock(path)
    assert (first.previous, first.owner.fence, first.held()) == (None, 1, True)
    assert (first.owner.pid, first.owner.running) == (os.getpid(), True)
    with pytest.raises(Locked) as raised:
        KernelLock(path)
    assert f"open in another window (process {os.getpid()} since " in str(raised.value)
    first.release()
    first.release()
    assert not first.held()
    second = KernelLock(path)
    assert (second.previous, second.owner.fence) == (replace(first.owner, released=True), 2)
    second.release()


@pytest.mark.skipif(sys.platform == "win32", reason="nobody looks at a lock there")
def test_whoever_only_looks_keeps_nobody_out(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    KernelLock(path).release()
    look = os.open(path, os.O_RDONLY)
    fcntl.flock(look, fcntl.LOCK_SH)
    waits: list[float] = []

    def wait(seconds: float) -> None:
        waits.append(seconds)
        os.close(look)

    monkeypatch.setattr("postil.journal.lock.time.sleep", wait)
    lock = KernelLock(path)
    assert len(waits) == 1
    assert is_held(path)
    lock.release()
    assert not is_held(path)


def test_a_lock_file_that_was_replaced_is_no_longer_held(path: Path) -> None:
    lock = KernelLock(path)
    path.unlink()
    assert not lock.held()
    other = KernelLock(path)
    assert not lock.held()
    assert other.held()
    other.release()
    lock.release()


def test_a_record_that_another_wrote_is_no_longer_held(path: Path) -> None:
    lock = KernelLock(path)
    path.write_bytes(b"{}")
    assert not lock.held()
    lock.release()


def test_an_unreadable_record_is_nobody(path: Path) -> None:
    for record in (b"", b"\0\0", b"[1]", b'{"pid": 1}', b"\xff"):
        path.write_bytes(record)
        lock = KernelLock(path)
        assert lock.previous is None
        lock.release()
    assert read_owner(path / "nowhere") is None


def test_processes_are_told_apart() -> None:
    mine = process_started(os.getpid())
    assert mine is not None
    with subprocess.Popen([sys.executable, "-c", ""]) as child:
        child.wait()
    assert process_started(child.pid) is None
    here = os.uname().nodename if sys.platform != "win32" else ""
    assert Owner(child.pid, 1.0, here, "", 1).running is False
    assert Owner(os.getpid(), mine, "elsewhere.invalid", "", 1).running is None
    if mine:
        assert Owner(os.getpid(), mine - 5.0, here, "", 1).running is False, "its number was given again"


def test_racing_processes_never_hold_it_together(path: Path, tmp_path: Path) -> None:
    log = tmp_path / "log"
    racers = [
        subprocess.Popen(
            [sys.executable, "-c", RACER, str(path), str(log)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(3)
    ]
    for racer in racers:
        assert racer.stdin is not None
        racer.stdin.write("go\n")
        racer.stdin.flush()
    won = [int(racer.communicate()[0]) for racer in racers]
    lines = log.read_text().splitlines()
    assert len(lines) == 2 * sum(won)
    assert lines == [f"{fence} {word}" for fence in range(1, sum(won) + 1) for word in ("in", "out")]
