"""The computer's clock goes back at every look: events keep their order, ids stay unique, and every turn ends."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest

from postil.core.events import CallStarted, PermissionAsked, PromptReceived, TurnEnded
from postil.core.fold import fold
from postil.core.ids import RandomIds
from tests.support.agent_checks import check_answers, check_ended
from tests.support.agent_world import FakeClock
from tests.support.disk_checks import check_effects
from tests.support.disk_turn import WORKS, Life, folder, opened

HOUR = 3_600.0


class GoingBack(FakeClock):
    """Each look at the clock finds it an hour earlier; what measures spans goes on, as systems promise."""

    def __init__(self) -> None:
        super().__init__()
        self.wall = 1_800_000_000.0

    def now(self) -> float:
        self.wall -= HOUR
        return self.wall

    def nanoseconds(self) -> int:
        """What `time.time_ns` returns."""
        return int(self.now() * 1e9)


def drawn(_: int) -> RandomIds:
    """Return ids as they are in earnest, in place of those that count."""
    return RandomIds()


@pytest.mark.parametrize("name", WORKS)
def test_a_clock_that_goes_back(tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = GoingBack()
    monkeypatch.setattr("postil.core.ids.time.time_ns", clock.nanoseconds)
    monkeypatch.setattr("tests.support.agent_world.CountedIds", drawn)
    life = Life(tmp_path / "work", WORKS[name], clock=clock.now)
    life.world.clock = clock
    state = life.whole()
    records = life.records()
    assert [it.seq for it in records] == list(range(1, len(records) + 1))
    assert all(later.at < earlier.at for earlier, later in pairwise(records))
    check_ended(records, state)
    check_answers(records)
    check_effects(life.work, records, life.disk.content(life.disk.tree))
    ended = [it.event for it in records if isinstance(it.event, TurnEnded)]
    assert [it.reason for it in ended] == ["end_turn"] * len(life.work.prompts)
    assert all(it.seconds >= 0 for it in ended)
    ids = [
        *(it.event.turn_id for it in records if isinstance(it.event, PromptReceived)),
        *(it.event.question.id for it in records if isinstance(it.event, PermissionAsked)),
        *(it.event.change_id for it in records if isinstance(it.event, CallStarted) if it.event.change_id),
    ]
    assert len(set(ids)) == len(ids) >= 4
    session = folder(life.disk)
    assert session is not None
    loaded, log, report = opened(life.disk, session)
    log.close()
    assert loaded.state == state == fold(records)
    assert report.clean
    assert report.from_snapshot


def test_ids_of_one_moment_are_unique(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("postil.core.ids.time.time_ns", lambda: 1_800_000_000_000_000_000)
    ids = RandomIds()
    assert len({ids.new("turn") for _ in range(1_000)}) == 1_000
