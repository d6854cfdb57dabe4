"""Every state of the disk that a power cut can leave of a session and the files it edits, and what is made of it."""

from __future__ import annotations

import itertools
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.support.counts import Counts
from tests.support.disk_checks import Left, check_future, check_opening, wanted
from tests.support.disk_turn import WORKS, Life
from tests.support.sim_crashes import Crash, crashes
from tests.support.sim_disk import SimDisk

Report = Callable[[str, object], None]


@dataclass
class Tally:
    """What was tried. States are distinct: of one cut point, each set of bytes on the disk counts once."""

    points: int = 0
    states: int = 0
    unborn: int = 0
    second: int = 0
    futures: dict[object, Left] = field(default_factory=dict[object, Left])

    def tell(self, name: str, report: Report) -> None:
        """Print the figures, for those who quote them."""
        report("disk states of a turn with files", self.states)
        report("disk states in its recovery", self.second)
        print(
            f"\n{name}: {self.states} distinct disk states after a power cut at {self.points} points, "
            f"{len(self.futures)} distinct futures; second cuts in recovery: {self.second} states"
        )


@pytest.fixture(autouse=True)
def steady(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let syncs come from promises alone, so that every run has the same steps."""
    monkeypatch.setattr("postil.journal.writer.FLUSH_SECONDS", 3_600.0)


def lived(root: Path, name: str) -> Life:
    """Return the work, done without a cut."""
    life = Life(root, WORKS[name])
    life.whole()
    return life


def cut_everywhere(life: Life, tally: Tally, least: int, seed: int) -> None:
    """Cut the power at every step, and open every state that it can leave: so many at the least."""
    before = life.records()
    tally.points += len(life.disk.steps) + 1
    for crash in states(life.disk, least, seed):
        tally.states += 1
        left = check_opening(life, crash, before)
        if left is None:
            tally.unborn += 1
        else:
            tally.futures.setdefault(left.future, left)


def states(disk: SimDisk, least: int, seed: int) -> Iterator[Crash]:
    """Yield all that can be enumerated, and what is drawn with one seed after another until there are so many."""
    seen: set[bytes] = set()
    for drawn in itertools.count(seed):
        for crash in crashes(disk, drawn, all_up_to=8, samples=8, tears=3, seen=seen):
            yield crash
            if drawn > seed and len(seen) >= least:
                break
        if len(seen) >= least:
            return


def recover_all(root: Path, name: str, tally: Tally, least: int, seed: int) -> None:
    """Bring every future to its end, and cut the power in recoveries until so many states were tried."""
    futures = list(tally.futures.values())
    random.Random(seed).shuffle(futures)
    for left in futures:
        life = Life(root, WORKS[name], left.tree, before=2)
        check_future(life, left)
        if tally.second < least:
            cut_recovery(life, left, tally, root, name)


def cut_recovery(life: Life, left: Left, tally: Tally, root: Path, name: str) -> None:
    """Cut the power at every step of a recovery; what was promised before and in it stays."""
    before = life.records()
    futures: dict[object, Left] = {}
    for crash in crashes(life.disk, samples=4):
        tally.second += 1
        found = check_opening(life, crash, before)
        assert found is not None, f"the session is gone; {crash.story}"
        old = wanted(left.records)
        assert wanted(found.records)[: len(old)] == old, crash.story
        futures.setdefault(found.future, found)
    for found in list(futures.values())[::10]:
        check_future(Life(root, WORKS[name], found.tree, before=3), found)


@pytest.mark.counted
@pytest.mark.parametrize("name", WORKS)
def test_every_state_that_a_power_cut_can_leave(
    tmp_path: Path, name: str, counts: Counts, record_property: Report
) -> None:
    least = counts.disk_states // len(WORKS)
    root = tmp_path / "work"
    tally = Tally()
    cut_everywhere(lived(root, name), tally, least, counts.seed)
    recover_all(root, name, tally, least // 2, counts.seed)
    tally.tell(name, record_property)
    assert tally.states >= least
    assert tally.unborn > 0
    assert len(tally.futures) >= 40
    assert tally.second >= min(least // 2, 500)


@pytest.mark.parametrize("lie", ["folders", "in place"])
def test_what_is_not_safe_would_be_found(tmp_path: Path, lie: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without syncs of folders, or with files written in place, the same test fails: it sees what it is for."""
    root = tmp_path / "work"
    if lie == "folders":
        monkeypatch.setattr(SimDisk, "sync_dir", lie_about_folders)
    else:
        monkeypatch.setattr(SimDisk, "replace", in_place)
    life = lived(root, "asked")
    with pytest.raises(AssertionError, match=r"is gone|is torn|is lost"):
        cut_everywhere(life, Tally(), 1, 1)


def lie_about_folders(disk: SimDisk, path: Path) -> None:
    """Say that names are safe."""
    del disk, path


def in_place(disk: SimDisk, path: Path, data: bytes, *_: object) -> None:
    """Write a file as a careless program does: cut to nothing, and written anew."""
    handle = disk.create(path) if disk.size(path) is None else disk.open_append(path)
    handle.truncate(0)
    handle.write(data)
    handle.sync()
    handle.close()
