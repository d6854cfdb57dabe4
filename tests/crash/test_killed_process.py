"""A small process with a journal and an agent is killed, limited and given a full disk; each time the next one goes on."""

from __future__ import annotations

import asyncio
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.support.asking import desk, run
from tests.support.counts import Counts
from tests.support.small_process import HALTED

pytestmark = pytest.mark.skipif(
    sys.platform != "linux", reason="it forks, and waits for processes by descriptor"
)

Report = Callable[[str, object], None]
SMALL = (sys.executable, "-m", "tests.support.small_process")
HERE = Path(__file__).parents[2]
READING = {"tool": "read", "input": {"path": "a.txt"}}


async def small(*arguments: object) -> tuple[int, str, str]:
    """Run the small process; returns its exit status and what it printed."""
    process = await asyncio.create_subprocess_exec(
        *SMALL, *map(str, arguments), cwd=HERE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )
    out, err = await process.communicate()
    assert process.returncode is not None
    return process.returncode, out.decode(), err.decode()


async def figures(*arguments: object) -> dict[str, Any]:
    status, out, err = await small(*arguments)
    assert status == 0, err
    print(f"\nsmall process: {out.strip()}")
    return json.loads(out)


@pytest.mark.counted
async def test_kills(tmp_path: Path, counts: Counts, record_property: Report) -> None:
    found = await figures("kills", tmp_path, counts.small_kills, counts.seed)
    record_property("kills of the small process", found["kills"])
    assert found["in recovery"] > 0
    doubts = sum(count for name, count in found["outcomes"].items() if not name.endswith("completed"))
    assert doubts > 0, "some of them fell between intent and result"


async def test_no_file_may_grow_over_a_limit(tmp_path: Path) -> None:
    """The work halts before its next effect, wherever that is; with the limit raised it goes on."""
    found = await figures("limits", tmp_path, 700)
    assert found["halted"] >= 15
    assert set(found["ends"]) == {"0", str(HALTED)}


@contextmanager
def small_disk(folder: Path, size: int) -> Generator[Path]:
    """Mount a file system of so many bytes; skips where that is not allowed."""
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(folder)]
    try:
        done = subprocess.run(mount, check=False, capture_output=True)
    except FileNotFoundError:
        pytest.skip("mount is not installed")
    if done.returncode:
        pytest.skip("only root may mount a small file system")
    try:
        yield folder
    finally:
        subprocess.run(["umount", str(folder)], check=True, capture_output=True)


async def test_a_disk_that_is_full(tmp_path: Path) -> None:
    """With fewer free blocks each time, the work halts; with room made it goes on from what was promised."""
    halted = 0
    with small_disk(tmp_path / "disk", 1024 * 1024) as disk:
        for blocks in range(1, 12, 2):
            state, root, filler = disk / f"state{blocks}", tmp_path / f"work{blocks}", disk / "filler"
            root.mkdir()
            for name, data in {
                "a.py": b"x = 1\r\ny = 2\r\n",
                "b.py": b"# caf\xe9\nz = 3",
                "log.txt": b"",
            }.items():
                (root / name).write_bytes(data)
            free = os.statvfs(disk).f_bavail
            filler.write_bytes(bytes(max(0, free - blocks) * 4096))
            status, _, err = await small("once", state, root, 1)
            filler.unlink()
            if status:
                halted += 1
                assert "the disk is full" in err or "No space left" in err, err
                assert "Traceback" not in err, err
            assert (await small("once", state, root, 2))[0] == 0
            assert (root / "log.txt").read_bytes().count(b"line\n") <= 1
            assert (root / "a.py").read_bytes() == b"x = 10\r\ny = 2\r\n"
            shutil.rmtree(state)
    print(f"\nfull disk: halted {halted} of 6 times, went on each time")
    assert halted >= 3


async def test_a_terminal_is_told_once_that_the_disk_is_full(tmp_path: Path) -> None:
    """Wherever it is that the room ends: one line, and how to go on where there is a session to go on with."""
    told = set[str]()
    with small_disk(tmp_path / "disk", 1024 * 1024) as disk:
        for blocks in range(0, 14, 2):
            (tmp_path / f"work{blocks}").mkdir()
            filler, state = disk / "filler", disk / f"state{blocks}"
            async with desk(tmp_path / f"work{blocks}", [READING, "Done."]) as place:
                (place.workspace / "a.txt").write_text("one\n")
                filler.write_bytes(bytes(max(0, os.statvfs(disk).f_bavail - blocks) * 4096))
                env = {**place.environment, "POSTIL_STATE_DIR": str(state)}
                asked = await run("ask", "Read it.", cwd=place.workspace, env=env)
                filler.unlink()
                shutil.rmtree(state, ignore_errors=True)
            if asked.status:
                (line,) = asked.err.splitlines()
                assert "No space left" in line or "the disk is full" in line
                assert "No space left" not in asked.out
                assert "disk is full" not in asked.out
                told.add("go on" if re.search(r"postil ask --resume s\w+$", line) else "begin anew")
    assert told == {"go on", "begin anew"}
