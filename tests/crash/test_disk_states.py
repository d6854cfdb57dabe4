"""Every state of the disk that a power cut can leave of a session and the files it edits, and what is made of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.support.disk_checks import Left, check_future, check_opening, wanted
from tests.support.disk_turn import WORKS, Life
from tests.support.sim_crashes import crashes
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
        report("disk states", self.states)
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


def cut_everywhere(life: Life, tally: Tally, *, seed: int, samples: int, tears: int) -> None:
    """Cut the power at every step, and open every state that it can leave."""
    before = life.records()
    tally.points += len(life.disk.steps) + 1
    for crash in crashes(life.disk, seed, all_up_to=8, samples=samples, tears=tears):
        tally.states += 1
        left = check_opening(life, crash, before)
        if left is None:
            tally.unborn += 1
        else:
            tally.futures.setdefault(left.future, left)


def recover_all(root: Path, name: str, tally: Tally, *, again_each: int) -> None:
    """Bring every future to its end, and cut the power in the recovery of some of them."""
    for number, left in enumerate(list(tally.futures.values())):
        life = Life(root, WORKS[name], left.tree, before=2)
        check_future(life, left)
        if number % again_each == 0:
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


@pytest.mark.timeout(300)
@pytest.mark.parametrize(("name", "samples", "tears"), [("asked", 20, 12), ("allowed", 8, 1)])
def test_every_state_that_a_power_cut_can_leave(
    tmp_path: Path, name: str, samples: int, tears: int, record_property: Report
) -> None:
    root = tmp_path / "work"
    tally = Tally()
    cut_everywhere(lived(root, name), tally, seed=0, samples=samples, tears=tears)
    recover_all(root, name, tally, again_each=40)
    tally.tell(name, record_property)
    assert tally.states >= 10_000
    assert tally.unborn > 0
    assert len(tally.futures) >= 40
    assert tally.second >= 500


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
        cut_everywhere(life, Tally(), seed=0, samples=1, tears=0)


def lie_about_folders(disk: SimDisk, path: Path) -> None:
    """Say that names are safe."""
    del disk, path


def in_place(disk: SimDisk, path: Path, data: bytes, mode: int | None = None, check: object = None) -> None:
    """Write a file as a careless program does: cut to nothing, and written anew."""
    del mode, check
    handle = disk.create(path) if disk.size(path) is None else disk.open_append(path)
    handle.truncate(0)
    handle.write(data)
    handle.sync()
    handle.close()


@pytest.mark.soak
@pytest.mark.timeout(0)
@pytest.mark.parametrize(("name", "seed"), [(name, seed) for name in WORKS for seed in (1, 2)])
def test_many_more_states(tmp_path: Path, name: str, seed: int, record_property: Report) -> None:
    root = tmp_path / "work"
    tally = Tally()
    tears = 40 if name == "asked" else 6
    cut_everywhere(lived(root, name), tally, seed=seed, samples=60, tears=tears)
    recover_all(root, name, tally, again_each=1)
    tally.tell(f"{name}, seed {seed}", record_property)
    assert tally.states >= 25_000
