"""Thirty steps of `postil ask --json` on a copy of this repository, as a real process with real files and commands."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from postil.core.events import CallFinished, SessionClosed
from tests.support.asking import Answered, desk
from tests.support.reference_work import ALLOW, CALLS, DONE, STEPS, Work, copy_repository, plan

UNVERIFIED = 'verify = "off"\n'
"""What verifying the edits asks is told in `test_verifying`; here it is the thirty steps."""
ALLOWED = [word for rule in ALLOW for word in ("--allow", rule)]


async def test_thirty_steps_are_done_recorded_and_can_be_resumed(tmp_path: Path) -> None:
    work = plan(copy_repository(tmp_path / "copy"))
    script = [*work.script, "And one more word."]
    async with desk(tmp_path, script, work.root, trusts=True) as place:
        place.settings(UNVERIFIED)
        asked = await place.ask("--mode", "accept-edits", *ALLOWED, "Do all thirty steps.")

        assert (asked.status, asked.err) == (0, "")
        check_stream(asked)
        check_effects(work)
        session_id = asked.lines[0]["sessionId"]
        record = await place.record(session_id)
        assert record.stop is None
        assert not record.notes
        assert [it.seq for it in record.events] == list(range(1, len(record.events) + 1))
        finished = [it.event for it in record.events if isinstance(it.event, CallFinished)]
        assert Counter(it.tool for it in finished) == CALLS
        assert isinstance(record.events[-1].event, SessionClosed)

        again = await place.ask("--resume", "latest", "Anything else?")

        assert (again.status, again.err) == (0, "")
        assert {line["sessionId"] for line in again.lines} == {session_id}
        check_sequence(again, record.events[-1].seq)
        assert place.server.unused == []
        resumed = await place.record(session_id)
        assert resumed.events[: len(record.events)] == record.events
        said = place.server.requests[-1].body["messages"]
        assert len(said) == 2 * (STEPS + 1) + 1
        assert DONE in str(said[-2])


@pytest.mark.parametrize(("trusts", "wanted"), [(True, 0), (False, CALLS["edit"])])
async def test_what_is_asked_in_thirty_steps(tmp_path: Path, *, trusts: bool, wanted: int) -> None:
    """Without a rule of the user's: where nobody can answer, a question is a denial that says so."""
    work = plan(copy_repository(tmp_path / "copy"))
    async with desk(tmp_path, [*work.script], work.root, trusts=trusts) as place:
        place.settings(UNVERIFIED)
        asked = await place.ask("--mode", "accept-edits", "Do all thirty steps.")
    decided = asked.events("PermissionDecided")
    questions = [it for it in decided if it["by"] == "nobody"]
    every = sum(it["tool"] == "shell" for it in asked.events("CallFinished"))
    where = "a trusted folder" if trusts else "an unknown folder"
    print(f"\nthirty steps in {where} ask {len(questions)} questions; with every command asked, {every} more")
    assert every == CALLS["shell"]
    assert len(questions) == wanted
    assert all("this workspace is not trusted" in it["why"] for it in questions)
    ends = Counter(it["outcome"] for it in asked.events("CallFinished"))
    assert ends == Counter(completed=STEPS - wanted, denied=wanted)


def check_stream(asked: Answered) -> None:
    """Every event once and in order, one end for each call, one end of the turn."""
    check_sequence(asked, 0)
    replies = asked.events("ModelReplied")
    wanted = [
        block["id"] for it in replies for block in it["message"]["content"] if block["type"] == "tool_call"
    ]
    finished = asked.events("CallFinished")
    assert len(wanted) == STEPS
    assert [it["call_id"] for it in finished] == wanted
    assert {it["outcome"] for it in finished} == {"completed"}
    assert Counter(it["tool"] for it in finished) == CALLS
    assert not asked.events("PermissionAsked")
    assert [it["step"] for it in replies] == list(range(1, STEPS + 2))
    assert asked.end.reason == "end_turn"
    assert asked.end.steps == STEPS + 1
    assert asked.lines[-1]["event"]["type"] in {"TurnEnded", "SessionClosed"}


def check_sequence(asked: Answered, seq: int) -> None:
    """What was printed has no gap; faces join after the session has begun, so the first number may be higher."""
    numbers = [line["seq"] for line in asked.lines if line["seq"] is not None]
    assert numbers[0] > seq
    assert numbers == list(range(numbers[0], numbers[0] + len(numbers)))
    after = [line["after"] for line in asked.lines]
    assert after == sorted(after)


def check_effects(work: Work) -> None:
    """The edits are on the disk, and nothing else has changed."""
    for edit in work.edits:
        assert edit.path.read_text("utf-8") == edit.after
