"""The disk reports an error at any of its steps, once or from then on: what was promised is kept, and goes on later."""

from __future__ import annotations

import errno
import logging
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from postil.core.errors import JournalError
from tests.support.disk_checks import check_future, check_opening
from tests.support.disk_turn import WORKS, Life, folder
from tests.support.sim_crashes import end_states
from tests.support.sim_disk import Note, Step

Report = Callable[[str, object], None]
WORK = WORKS["asked"]
WENT_ON = "went on"


@pytest.fixture(autouse=True)
def steady(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let syncs come from promises alone, so that every run has the same steps."""
    monkeypatch.setattr("postil.journal.writer.FLUSH_SECONDS", 3_600.0)


def run(root: Path, nth: int, last: int) -> tuple[Life, JournalError | None]:
    """Do the work over a disk whose n-th step, and all up to the last, is an error; return what it halted with."""
    life = Life(root, WORK)
    count = 0

    def before(_: Step) -> None:
        nonlocal count
        count += 1
        if nth <= count <= last:
            raise OSError(errno.EIO, "Input/output error")

    life.disk.before = before
    failure: JournalError | None = None
    try:
        life.whole()
    except JournalError as error:
        failure = error
    life.disk.before = None
    return life, failure


@pytest.mark.parametrize("for_good", [False, True], ids=["once", "for_good"])
def test_an_error_at_every_step(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, *, for_good: bool, record_property: Report
) -> None:
    caplog.set_level(logging.ERROR)  # That it halted is a warning each time.
    root = tmp_path / "work"
    whole, failure = run(root, 0, 0)
    assert failure is None
    steps = sum(not isinstance(it, Note) for it in whole.disk.steps)
    said: Counter[str] = Counter()
    futures: set[object] = set()
    for nth in range(1, steps + 1):
        life, failure = run(root, nth, steps * 2 if for_good else nth)
        message = halted_with(life, failure)
        said[message] += 1
        before = life.records() if folder(life.disk) else []
        # An edit whose folder alone could not be synced is made: only a cut on top of that may take it back.
        ends = end_states(life.disk)[: 1 if message == WENT_ON else 2]
        for left in filter(None, [check_opening(life, end, before) for end in ends]):
            if left.future not in futures:
                futures.add(left.future)
                check_future(Life(root, WORK, left.tree, before=2), left)
    assert not caplog.records, "an error of the disk is not one of Postil"
    record_property("I/O errors", steps)
    print(f"\nan I/O error at each of {steps} steps: {len(futures)} distinct futures; {dict(said)}")
    assert said.total() - said[WENT_ON] >= 60


def halted_with(life: Life, failure: JournalError | None) -> str:
    """Return what a person is told, by the face and by the error alike: one message, with what to do."""
    assert len(life.halts) <= 1
    told = {(it.message, it.mend) for it in (*life.halts, *filter(None, [failure]))}
    if not told:
        return WENT_ON
    ((message, mend),) = told
    assert mend
    assert "Errno" not in message
    return message
