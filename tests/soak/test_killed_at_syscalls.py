"""A small process is killed at every system call that makes something durable, and then again in its recovery."""

from __future__ import annotations

import asyncio
import random
import re
import shutil
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.support.counts import Counts
from tests.support.disk_turn import WORKS
from tests.support.small_life import check, lay_out

pytestmark = [pytest.mark.soak, pytest.mark.timeout(0)]

Report = Callable[[str, object], None]
BY_DESCRIPTOR = ("fsync", "fdatasync", "write", "pwrite64", "ftruncate", "flock")
BY_NAME = ("rename", "renameat", "renameat2", "unlink", "unlinkat", "link", "linkat", "mkdir", "mkdirat")
WORK = WORKS["asked"]
HERE = Path(__file__).parents[2]
AT_ONCE = 2
KILLED = -9
_CALL = re.compile(r"^\d+ +(\w+)\((.*)")
_OPEN_FILE, _NAMED = re.compile(r"<(/[^>]*)>"), re.compile(r'"(/[^"]*)"')


@dataclass(frozen=True, slots=True)
class Aim:
    """Where strace kills: at a thread's n-th call of this kind about this path."""

    syscall: str
    path: str
    nth: int

    def arguments(self) -> list[str]:
        """Return them as strace takes them."""
        return ["-P", self.path, "-e", f"inject={self.syscall}:signal=KILL:when={self.nth}"]


@dataclass
class Tally:
    """What there was to hit, and what was."""

    calls: Counter[str] = field(default_factory=Counter[str])
    hit: Counter[str] = field(default_factory=Counter[str])
    second: Counter[str] = field(default_factory=Counter[str])
    outcomes: Counter[str] = field(default_factory=Counter[str])


class Place:
    """A workspace and a state folder, at the same paths in each run so that aims hold."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.state, self.root = folder, folder / "state", folder / "work"
        self.root.mkdir(parents=True)

    def fresh(self) -> None:
        """Make it as it was before anything happened."""
        self._empty()
        lay_out(self.root, WORK)

    def keep(self) -> None:
        """Remember how it is."""
        shutil.rmtree(self.folder / "kept", ignore_errors=True)
        for path in (self.state, self.root):
            if path.exists():
                shutil.copytree(path, self.folder / "kept" / path.name)

    def restore(self) -> None:
        """Make it as it was remembered."""
        self._empty()
        for path in (self.state, self.root):
            if (self.folder / "kept" / path.name).exists():
                shutil.copytree(self.folder / "kept" / path.name, path, dirs_exist_ok=True)

    async def run(self, life: int, aim: Aim | None = None) -> tuple[int, int, list[Aim]]:
        """Do the work, or go on with it, under strace; return the status, what was promised, and the calls."""
        log = self.folder / "strace.log"
        process = await asyncio.create_subprocess_exec(
            "strace", "-f", "-y", "-qq", "-s", "200", "-o", str(log),
            "-e", f"trace={','.join((*BY_DESCRIPTOR, *BY_NAME))}", *(aim.arguments() if aim else ()),
            sys.executable, "-m", "tests.support.small_process", "once", str(self.state), str(self.root), str(life),
            cwd=HERE, stdout=asyncio.subprocess.PIPE,
        )  # fmt: skip
        said, _ = await process.communicate()
        assert process.returncode in {0, KILLED}, f"it failed, told to end at {aim}"
        promised = max(map(int, said.split()), default=0)
        return process.returncode or 0, promised, list(self._calls(log.read_text("utf-8", "replace")))

    def _calls(self, log: str) -> Iterator[Aim]:
        """Yield the calls about files below the folder."""
        counts: Counter[tuple[str, str]] = Counter()
        for line in log.splitlines():
            match = _CALL.match(line)
            if match is None:
                continue
            # Of a rename the old name, as strace looks at no other.
            paths = (_OPEN_FILE if match[1] in BY_DESCRIPTOR else _NAMED).findall(match[2])
            if paths and paths[0].startswith((f"{self.state}/", f"{self.root}/")):
                call = match[1], paths[0]
                counts[call] += 1
                yield Aim(*call, counts[call])

    def _empty(self) -> None:
        shutil.rmtree(self.state, ignore_errors=True)
        # The folder itself stays: a workspace is known by it.
        for path in self.root.iterdir():
            shutil.rmtree(path) if path.is_dir() else path.unlink()


async def test_a_kill_at_every_durable_call_and_again_in_recovery(
    tmp_path: Path, counts: Counts, record_property: Report
) -> None:
    assert shutil.which("strace"), (
        "strace is missing: install the package strace, or run `make test-system-deps` as root"
    )
    tally = Tally()
    async with asyncio.TaskGroup() as group:
        for share in range(AT_ONCE):
            place, chance = Place(tmp_path / str(share)), random.Random(counts.seed + share)
            group.create_task(kill_each(place, share, chance, tally))
    record_property("kills at a system call", tally.hit.total())
    record_property("kills at a system call in recovery", tally.second.total())
    print(
        f"\nstrace: killed at {tally.hit.total()} of {tally.calls.total()} durable calls of a turn "
        f"({_listed(tally.hit)}), then at {tally.second.total()} of recoveries ({_listed(tally.second)}); "
        f"outcomes {dict(sorted(tally.outcomes.items()))}"
    )
    assert tally.hit.total() >= 0.9 * tally.calls.total(), (
        "strace counts for each thread, which may cost a few"
    )
    assert set(tally.hit) == set(tally.calls)
    assert tally.second.total() >= 0.8 * tally.hit.total()


def _listed(calls: Counter[str]) -> str:
    return ", ".join(f"{count} {name}" for name, count in calls.most_common())


async def kill_each(place: Place, share: int, chance: random.Random, tally: Tally) -> None:
    """Kill at this share of the calls."""
    place.fresh()
    status, _, calls = await place.run(1)
    assert status == 0
    for aim in calls[share::AT_ONCE]:
        tally.calls[aim.syscall] += 1
        await hit(place, aim, chance, tally)


async def hit(place: Place, aim: Aim, chance: random.Random, tally: Tally) -> None:
    """Kill at one call, and the recovery at one of its own; hold what the third process makes of it to account."""
    place.fresh()
    status, promised, _ = await place.run(1, aim)
    if status == KILLED:
        tally.hit[aim.syscall] += 1
        place.keep()
        _, _, calls = await place.run(2)
        place.restore()
        aim = chance.choice(calls)
        status, more, _ = await place.run(2, aim)
        promised = max(promised, more)
        if status == KILLED:
            tally.second[aim.syscall] += 1
            status, _, _ = await place.run(3)
    assert status == 0
    await asyncio.to_thread(check, place.state, place.root, WORK, promised, tally.outcomes)
