"""The event loop's thread opens no files, syncs nothing, starts nothing and never computes for long."""

from __future__ import annotations

import asyncio
import gc
import os
import sys
import threading
import time
import traceback
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.bench.deltas import serving
from tests.bench.sessions import session
from tests.bench.steps import script_of
from tests.support.reference_work import ALLOW, copy_repository, plan

BLOCKING = (
    "open", "os.exec", "os.fork", "os.forkpty", "os.listdir", "os.mkdir", "os.posix_spawn", "os.remove", "os.rename",
    "os.rmdir", "os.scandir", "os.spawn", "os.system", "os.truncate", "shutil.", "socket.getaddrinfo", "subprocess.Popen",
    "time.sleep",
)  # fmt: skip
LONGEST = 0.02
"""Seconds of processor time that one callback may take."""


class Watch:
    """What the loop's thread did that it should not do, while the watch is on."""

    def __init__(self) -> None:
        self.found: list[str] = []
        self.longest = 0.0
        self.on = False
        self._thread = threading.get_ident()
        self._asked = False

    def here(self) -> bool:
        """Whether this is the loop's thread, the watch is on, and it is not the watch itself that works."""
        return self.on and not self._asked and threading.get_ident() == self._thread

    def hook(self, event: str, arguments: tuple[Any, ...]) -> None:
        """Audit hook."""
        if self.on and event.startswith(BLOCKING) and self.here():
            self.note(f"{event} {arguments[0]!r}")

    def note(self, what: str) -> None:
        """Keep what was done, and where in our code."""
        self._asked = True
        ours = [frame for frame in traceback.extract_stack() if "/postil/" in frame.filename]
        self.found.append(f"{what} at {ours[-1].filename}:{ours[-1].lineno}" if ours else what)
        self._asked = False

    def synced(self, sync: Callable[[int], None]) -> Callable[[int], None]:
        """Return a sync that is noted."""

        def noted(fd: int) -> None:
            if self.here():
                self.note("sync")
            sync(fd)

        return noted

    def timed(self, run: Callable[[asyncio.Handle], None]) -> Callable[[asyncio.Handle], None]:
        """Return what runs a callback and notes one that takes long."""

        def noted(handle: asyncio.Handle) -> None:
            if not self.here():
                run(handle)
                return
            start = time.thread_time()
            run(handle)
            taken = time.thread_time() - start
            self.longest = max(self.longest, taken)
            if taken > LONGEST:
                self.found.append(f"{taken * 1000:.0f} ms in {handle!r}")

        return noted


@pytest.fixture
def watch(monkeypatch: pytest.MonkeyPatch) -> Generator[Watch]:
    watch = Watch()
    sys.addaudithook(watch.hook)  # stays for ever, and is silent once the watch is off
    for name in ("fsync", "fdatasync"):
        if hasattr(os, name):
            monkeypatch.setattr(os, name, watch.synced(getattr(os, name)))
    monkeypatch.setattr(asyncio.Handle, "_run", watch.timed(asyncio.Handle._run))
    yield watch
    watch.on = False


@contextmanager
def on(watch: Watch) -> Generator[None]:
    """Watch this; collecting the test run's own garbage is nobody's computing."""
    gc.collect()
    gc.disable()
    watch.on = True
    try:
        yield
    finally:
        watch.on = False
        gc.enable()


async def test_the_watch_sees(watch: Watch, tmp_path: Path) -> None:
    with on(watch):
        file = os.open(tmp_path / "file", os.O_CREAT | os.O_WRONLY)
        os.fsync(file)
        os.close(file)
        await asyncio.to_thread((tmp_path / "other").write_text, "not on the loop")
        asyncio.get_running_loop().call_soon(spend, 2 * LONGEST)
        await asyncio.sleep(0)
    opened, synced, spent = watch.found
    assert opened.startswith("open ")
    assert synced.startswith("sync")
    assert "spend" in spent


def spend(seconds: float) -> None:
    until = time.thread_time() + seconds
    while time.thread_time() < until:
        pass


async def test_a_turn_leaves_the_loop_free(
    watch: Watch, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("POSTIL_STATE_DIR", str(tmp_path / "state"))
    work = plan(copy_repository(tmp_path / "copy"))
    async with serving(script_of(work.script)) as url, session(url, work.root, ALLOW) as bench:
        with on(watch):
            await bench.turn()
    assert not watch.found, "\n".join(watch.found)
    assert watch.longest > 0


async def test_large_texts_leave_the_loop_free(
    watch: Watch, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("POSTIL_STATE_DIR", str(tmp_path / "state"))
    monkeypatch.setenv("POSTIL_CONFIG_DIR", str(tmp_path))
    # The reply of a megabyte alone costs more than a session may, and rightly halts it.
    (tmp_path / "settings.toml").write_text('[limits]\nsession = "none"\nday = "none"\n')
    work = tmp_path / "work"
    work.mkdir()
    lines = [f"line {number} of a long file, and some words\n" for number in range(60_000)]
    (work / "long.txt").write_text("".join(lines))
    half, end = lines[30_000].strip(), lines[-1].strip()
    edits = [{"old": half, "new": "changed"}, {"old": end, "new": "the end"}]
    replies: list[dict[str, Any]] = [
        {"tool": "read", "input": {"path": "long.txt", "offset": 100, "limit": 2_000}},
        {"tool": "edit", "input": {"path": "long.txt", "edits": edits}},
        {"tool": "grep", "input": {"pattern": "line", "limit": 1_000}},
        {"tool": "write", "input": {"path": "new.txt", "content": "".join(lines[:20_000])}},
        {"tool": "shell", "input": {"command": "cat long.txt"}},
    ]
    async with serving(script_of([*replies, "Done."])) as url, session(url, work, ("Bash(cat:*)",)) as bench:
        with on(watch):
            await bench.turn()
    assert not watch.found, "\n".join(watch.found)
