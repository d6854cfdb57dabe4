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

from postil.workspace.commands.processes import process_alive, start_time

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
