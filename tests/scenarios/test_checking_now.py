"""*Check now*: the checks of what a session has edited, in a turn of their own that asks no model."""

from __future__ import annotations

from pathlib import Path

import pytest

from postil.agent.waiting.prompts import CHECK
from postil.core import events as ev
from postil.core.errors import ProtocolError
from postil.core.question import Question
from postil.core.submissions import Prompt, Target
from tests.scenarios.test_verifying import SEEN, commands, denies, edit, outcomes, project, ran, yes
from tests.support.house import House

NOW = Prompt("", face="test", checks=True)


def of_turn(place: House, turn_id: str) -> ev.VerificationEnded:
    (found,) = [it for it in place.events(ev.VerificationEnded) if it.turn_id == turn_id]
    return found


async def test_what_was_denied_is_checked_when_a_person_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    script = [SEEN, edit("1", "2"), "Done.", "You are welcome."]
    async with project(tmp_path, monkeypatch, script, answer=denies("check.sh")) as place:
        session = await ran(place)
        assert of_turn(place, place.events(ev.PromptReceived)[0].turn_id).can_check
        requests, messages = len(place.server.requests), len(session.state.conversation.messages)
        place.answer = yes
        turn_id = await session.prompt(NOW)
        await session.idle()
        verdict = of_turn(place, turn_id)
        assert (verdict.verified, verdict.words) == (True, "verified: tests (1 passed)")
        assert not verdict.can_check
        assert outcomes(place) == [("postil", "passed", "1 passed")]
        asked = place.events(ev.PromptReceived)[-1]
        assert (asked.text, asked.checks) == (CHECK, True)
        assert place.events(ev.TurnEnded)[-1].reason == "end_turn"
        assert len(place.server.requests) == requests, "no model is asked"
        assert len(session.state.conversation.messages) == messages
        await place.turn(session, "Thanks.")
        assert CHECK not in str(place.server.requests[-1].body), "and none is told"
        assert "You are welcome." in str(session.state.conversation.messages[-1])


async def test_what_failed_is_run_again_and_nobody_mends_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    script = [SEEN, edit("1", "3"), "Done.", "It was broken before."]
    async with project(tmp_path, monkeypatch, script) as place:
        session = await ran(place)
        turn_id = await session.prompt(NOW)
        await session.idle()
        assert of_turn(place, turn_id).words == "not verified: tests failed (1 failed)"
        assert len(place.events(ev.ChecksFailed)) == 1, "of the first turn alone"
        (place.root / "a.py").write_text("x = 2\n")
        turn_id = await session.prompt(NOW)
        await session.idle()
        assert of_turn(place, turn_id).words == "verified: tests (1 passed)"
        assert commands(place) == ["./check.sh"] * 3
        assert len(place.server.requests) == 4


async def test_edits_of_all_turns_are_checked_but_not_those_that_were_taken_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = {"tool": "edit", "input": {"path": "b.py", "edits": [{"old": "y = 1", "new": "y = 2"}]}}
    seen = {"tool": "read", "input": {"path": "b.py"}}
    script = [SEEN, edit("1", "2"), "Done.", seen, other, "Done."]
    async with project(tmp_path, monkeypatch, script) as place:
        session = await ran(place)
        await place.turn(session)
        place.seen.clear()
        await session.prompt(NOW)
        await session.idle()
        (evidence,) = place.events(ev.EvidenceRecorded)
        assert sorted(Path(it).name for it in evidence.versions) == ["a.py", "b.py"]
        taken = next(it for it in session.state.workflow.changes if it.path.endswith("b.py"))
        assert await session.undo(Target(change_id=taken.change_id), None, "test") is not None
        place.seen.clear()
        await session.prompt(NOW)
        await session.idle()
        (evidence,) = place.events(ev.EvidenceRecorded)
        assert [Path(it).name for it in evidence.versions] == ["a.py"]


async def test_it_is_refused_where_there_is_nothing_to_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with project(tmp_path, monkeypatch, ["Hello."]) as place:
        session = await ran(place)
        with pytest.raises(ProtocolError, match="has edited nothing"):
            await session.prompt(NOW)


async def test_it_is_refused_without_a_check_or_a_shell(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with project(tmp_path, monkeypatch, [SEEN, edit("1", "2"), "Done."], settings="") as place:
        session = await ran(place)
        assert not place.events(ev.VerificationEnded)[0].can_check
        with pytest.raises(ProtocolError, match="No check is known"):
            await session.prompt(NOW)


async def test_a_turn_in_progress_checks_by_itself(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    refusals: list[str] = []

    async with project(tmp_path, monkeypatch, [SEEN, edit("1", "2"), "Done."]) as place:
        session = await place.begin()

        def answer(question: Question) -> str:
            refusals.append(question.subject)
            return yes(question)

        place.answer = answer
        await session.prompt(Prompt("Go.", face="test"))
        with pytest.raises(ProtocolError, match="in progress"):
            await session.prompt(NOW)
        await session.idle()
        assert refusals
