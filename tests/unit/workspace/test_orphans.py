"""A command whose Postil was killed goes on: what it prints then ends it no more than before."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from postil.workspace.commands.processes import end_left, process_alive, start_time

PATIENCE = 40.0
RUN = """
import asyncio, sys
from pathlib import Path
from postil.core.effects import Command
from postil.workspace.commands.local_shell import LocalShell

async def spawned(pid, started):
    print(pid, flush=True)

asyncio.run(LocalShell().run(Command(sys.argv[1], Path.cwd(), 60.0), lambda text: None, spawned))
"""


def until(seen: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE
    while not seen():
        assert time.monotonic() < end
        time.sleep(0.01)


@pytest.mark.parametrize("lines", [1, 6000])
def test_it_goes_on_printing_and_comes_to_its_end(tmp_path: Path, lines: int) -> None:
    line = f"echo begun > begun; until [ -e go ]; do sleep 0.01; done; seq {lines}; echo $? > ended"
    with subprocess.Popen(
        [sys.executable, "-c", RUN, line], cwd=tmp_path, stdout=subprocess.PIPE, text=True
    ) as postil:
        assert postil.stdout is not None
        pid = int(postil.stdout.readline())
        started = start_time(pid)
        until((tmp_path / "begun").exists)
        postil.kill()
        postil.wait()
    try:
        (tmp_path / "go").touch()
        until(lambda: not process_alive(pid, started))
    finally:
        if process_alive(pid, started):
            os.killpg(pid, signal.SIGKILL)
    assert (tmp_path / "ended").read_text() == "0\n"


def group(*words: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(words, start_new_session=True, stdout=subprocess.PIPE)


def test_what_was_left_ends_with_its_group_also_where_it_does_not_heed() -> None:
    with group("sh", "-c", "trap '' TERM; sleep 1000 & echo $!; wait; wait") as child:
        assert child.stdout is not None
        inner = int(child.stdout.readline())
        since = start_time(inner)
        assert end_left(child.pid, start_time(child.pid))
        assert not process_alive(inner, since)
        assert child.wait() == -signal.SIGKILL


def test_another_process_of_the_same_id_is_left_alone() -> None:
    with group("sleep", "1000") as child:
        try:
            assert end_left(child.pid, start_time(child.pid) - 1.0), "the one that was meant has ended"
            assert not end_left(child.pid, 0.0), "which one was meant is not known"
            assert child.poll() is None
        finally:
            child.kill()


def test_one_that_leads_no_group_of_its_own_is_left_alone() -> None:
    with subprocess.Popen(["sleep", "1000"]) as child:
        try:
            assert not end_left(child.pid, start_time(child.pid))
            assert child.poll() is None
        finally:
            child.kill()


def test_one_that_has_ended_is_ended() -> None:
    with group("true") as child:
        since = start_time(child.pid)
        child.wait()
    assert end_left(child.pid, since)
