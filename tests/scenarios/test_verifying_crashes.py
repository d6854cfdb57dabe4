"""A process that dies while edits are verified: no check is run a second time for the same edit, and it is said what is not known."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from postil.core.events import (
    CallFinished,
    CallStarted,
    ChecksFailed,
    ChecksStarted,
    EvidenceRecorded,
    Recorded,
    VerificationEnded,
)  # fmt: skip
from postil.core.ports.checks import FileMarks
from postil.core.submissions import Prompt, Resume
from postil.core.verification import Check
from tests.support.agent_checks import check_ended
from tests.support.agent_world import World
from tests.support.fake_model import call, says
from tests.support.memory_journal import Hook, SimulatedCrash
from tests.support.memory_shell import ended

EDIT = {"path": "a.py", "edits": [{"old": "x = 1", "new": "x = 2"}]}
CHECKS = (
    Check(name="tests", command="make test", source="Makefile"),
    Check(name="lint", command="make lint", source="Makefile"),
)


class TwoChecks:
    """Two checks, which change no file."""

    rounds = 1

    async def known(self) -> Sequence[Check]:
        return CHECKS

    async def marks(self, more: Sequence[Path]) -> FileMarks:
        return dict.fromkeys(more, "")

    async def changed(self, marks: FileMarks) -> Sequence[Path]:
        del marks
        return ()

    async def tree(self) -> FileMarks:
        return {}

    async def since(self, tree: FileMarks) -> Sequence[Path]:
        return ()


def world(test: int = 0) -> World:
    """Return a world in which a file is edited and checks may run; `test` is how the first ends."""
    made = World(
        [
            says(call("read", "r1", path="a.py")),
            says(call("edit", "e1", **EDIT)),
            says("Done."),
            says("It is so."),
        ],
        {"a.py": "x = 1\n"},
        mode="accept-edits",
        rules=("Bash(make:*)",),
    )
    made.checks = TwoChecks()
    made.shell.answers["make test"] = ended("1 failed\n" if test else "1 passed\n", test)
    return made


def ran(made: World) -> list[str]:
    return [it.line for it in made.shell.commands]


async def went(made: World) -> None:
    session = await made.start()
    await session.prompt(Prompt("Go."))
    await session.idle()
    check_ended(made.journal.records, session.state)


async def test_without_a_crash() -> None:
    made = world()
    await went(made)
    (verdict,) = made.events(VerificationEnded)
    assert verdict.words == "verified: tests (1 passed), lint"
    assert ran(made) == ["make test", "make lint"]


async def test_a_round_without_a_crash() -> None:
    made = world(1)
    await went(made)
    (verdict,) = made.events(VerificationEnded)
    assert verdict.words == "not verified: tests failed (1 failed)"
    assert [
        type(it.event).__name__
        for it in made.journal.records
        if isinstance(it.event, ChecksStarted | ChecksFailed)
    ] == [
        "ChecksStarted",
        "ChecksFailed",
    ]


def crash_at(number: int, since: type[object]) -> Hook:
    """End the process before the event that comes so many after the first of a kind."""
    seen = 0

    def hook(record: Recorded) -> None:
        nonlocal seen
        if seen or isinstance(record.event, since):
            seen += 1
        if seen == number + 1:
            raise SimulatedCrash

    return hook


@pytest.mark.parametrize("test", [0, 1])
@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("number", range(16))
async def test_after_a_crash_at_any_event_no_check_is_run_again(number: int, after: bool, test: int) -> None:
    made = world(test)
    hook = crash_at(number, ChecksStarted)
    made.journal.after_append, made.journal.before_append = (hook, None) if after else (None, hook)
    session = await made.start()
    await session.prompt(Prompt("Go."))
    await session.idle()
    made.die()
    begun = [it.command for it in made.events(CallStarted) if it.command]
    session = await made.reopen()
    if session.resumable:
        await session.resume(Resume())
        await session.idle()
    check_ended(made.journal.records, session.state)
    for command in begun:
        assert ran(made).count(command or "") <= 1
    assert len(ran(made)) == len(set(ran(made))), "each at most once, whatever happened"
    lost = [it for it in made.events(CallFinished) if it.outcome == "unknown"]
    verdicts = made.events(VerificationEnded)
    assert len(verdicts) == 1
    if lost:
        assert not verdicts[0].verified
        assert "was interrupted, and was not run again" in verdicts[0].words or test
    elif test == 0 and len(made.events(EvidenceRecorded)) == 2:
        assert verdicts[0].words == "verified: tests (1 passed), lint"
