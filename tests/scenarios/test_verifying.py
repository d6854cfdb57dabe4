"""The end of a turn that has edited files: checks are run, what failed goes back to the model, and it is said how the edits stand."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from postil.agent.granting.trusts import RESTRICT
from postil.agent.session import Session
from postil.agent.types.collection import AgentTypes
from postil.core import events as ev
from postil.core.ephemeral import CallProgress
from postil.core.question import Question
from postil.core.submissions import Cancel, Prompt, Target
from postil.core.verification import HELD
from tests.support.few_tools import registry
from tests.support.house import House, house

SEEN = {"tool": "read", "input": {"path": "a.py"}}
CHECK = "#!/bin/sh\ngrep -q 'x = 2' a.py && echo '1 passed' && exit 0\necho '1 failed'\nexit 1\n"
SETTINGS = '[[check]]\nname = "tests"\ncommand = "./check.sh"\ncovers = ["*.py"]\n'


def edit(old: str, new: str) -> dict[str, Any]:
    return {"tool": "edit", "input": {"path": "a.py", "edits": [{"old": old, "new": new}]}}


def shell(command: str) -> dict[str, Any]:
    return {"tool": "shell", "input": {"command": command}}


def yes(question: Question) -> str:
    """The answer of somebody who allows each thing once."""
    return "allow_once" if question.kind == "permission" else question.options[0].id


def always(question: Question) -> str:
    """The answer of somebody who allows for longer where that is offered."""
    offered = [it.id for it in question.options]
    return "allow_always" if "allow_always" in offered else yes(question)


def denies(command: str) -> Callable[[Question], str]:
    """The answer of somebody who denies one command, and trusts no folder: that would answer for the command."""

    def answer(question: Question) -> str:
        if question.kind == "trust":
            return RESTRICT
        return "reject_once" if command in question.subject else yes(question)

    return answer


@asynccontextmanager
async def project(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    script: list[Any],
    *,
    settings: str = SETTINGS,
    check: str = CHECK,
    answer: Callable[[Question], str] = yes,
    **options: Any,
) -> AsyncGenerator[House]:
    """Give a project with one file and one check, in the hands of a model that plays the script."""
    root = tmp_path / "work"
    (root / ".postil").mkdir(parents=True)
    (root / ".postil" / "settings.toml").write_text(settings)
    (root / "a.py").write_text("x = 1\n")
    (root / "b.py").write_text("y = 1\n")
    (root / "check.sh").write_text(check)
    (root / "check.sh").chmod(0o755)
    async with house(tmp_path, script, monkeypatch, **options) as place:
        place.answer = answer
        yield place


async def ran(place: House) -> Session:
    session = await place.begin()
    await place.turn(session)
    return session


def verdict(place: House) -> ev.VerificationEnded:
    (found,) = place.events(ev.VerificationEnded)
    order = [type(it.event) for it in place.seen if isinstance(it.event, ev.VerificationEnded | ev.TurnEnded)]
    assert order == [ev.VerificationEnded, ev.TurnEnded]
    return found


def commands(place: House) -> list[str | None]:
    return [it.command for it in place.events(ev.CallStarted) if it.command]


def outcomes(place: House) -> list[tuple[str, str, str]]:
    return [(it.by, it.outcome, it.summary) for it in place.events(ev.EvidenceRecorded)]


def test_checks_are_held_as_the_type_verify_is() -> None:
    types = AgentTypes(Path("none"), (), registry.names, trusted=lambda: False)
    assert types.builtin("verify").held == HELD


async def test_what_was_edited_is_checked_and_is_verified(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    todo = {"tool": "todo", "input": {"items": [{"text": "Mend", "status": "completed"}, {"text": "Tell"}]}}
    async with project(tmp_path, monkeypatch, [SEEN, edit("1", "2"), todo, "Done."]) as place:
        session = await ran(place)
        assert verdict(place).words == "verified: tests (1 passed)"
        assert verdict(place).verified
        assert commands(place) == ["./check.sh"]
        (started,) = place.events(ev.ChecksStarted)
        assert (started.held, started.checks[0].source) == (
            "no-edits",
            str(place.root / ".postil/settings.toml"),
        )
        assert outcomes(place) == [("postil", "passed", "1 passed")]
        (evidence,) = place.events(ev.EvidenceRecorded)
        (changed,) = [it for it in place.seen if isinstance(it.event, ev.FileChanged)]
        assert evidence.edit == changed.seq
        assert list(evidence.versions) == [str(place.root / "a.py")]
        assert [it.evidence for it in session.state.workflow.todo] == ["tests (1 passed)", ""]
        assert place.events(ev.TodoUpdated)[-1].items == session.state.workflow.todo
        assert len(place.server.requests) == 4, "what passes costs no further word of the model"


async def test_what_failed_goes_back_to_the_model_which_mends_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    script = [SEEN, edit("1", "3"), "Done.", edit("3", "2"), "Mended."]
    async with project(tmp_path, monkeypatch, script) as place:
        await ran(place)
        assert verdict(place).words == "verified: tests (1 passed)"
        assert [it.outcome for it in place.events(ev.EvidenceRecorded)] == ["failed", "passed"]
        (told,) = place.events(ev.ChecksFailed)
        assert "tests failed (1 failed) (`./check.sh`)" in told.text
        said = place.server.requests[3].body["messages"][-1]
        assert said["role"] == "user"
        assert "from workspace>" in str(said), "what a check printed is material"


async def test_the_model_is_told_so_often_and_not_again_of_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    script = [SEEN, edit("1", "3"), "Done.", edit("3", "4"), "Now?", edit("4", "5"), "Now?"]
    async with project(tmp_path, monkeypatch, script) as place:
        await ran(place)
        assert verdict(place).words == "not verified: tests failed (1 failed)"
        assert (len(place.events(ev.ChecksFailed)), len(place.events(ev.ChecksStarted))) == (2, 3)
        assert verdict(place).reason == "failed"


async def test_a_model_that_leaves_it_as_it_is_is_not_told_twice(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    script = [SEEN, edit("1", "3"), "Done.", "It was broken before."]
    async with project(tmp_path, monkeypatch, script) as place:
        await ran(place)
        assert verdict(place).words == "not verified: tests failed (1 failed)"
        assert len(place.events(ev.ChecksFailed)) == len(place.events(ev.ChecksStarted)) == 1


async def test_no_rounds_means_that_it_is_said_and_no_more(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "settings.toml").write_text("verify_rounds = 0\n")
    async with project(tmp_path, monkeypatch, [SEEN, edit("1", "3"), "Done."]) as place:
        await ran(place)
        assert verdict(place).words == "not verified: tests failed (1 failed)"


async def test_off_is_off(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "settings.toml").write_text('verify = "off"\n')
    async with project(tmp_path, monkeypatch, [SEEN, edit("1", "3"), "Done."]) as place:
        await ran(place)
        assert commands(place) == []
        assert not place.events(ev.VerificationEnded)


async def test_what_is_denied_is_not_verified_and_not_asked_about_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    script = [SEEN, edit("1", "2"), "Done.", edit("2", "3"), "Done again."]
    async with project(tmp_path, monkeypatch, script, answer=denies("check.sh")) as place:
        session = await ran(place)
        assert verdict(place).words == "not verified: tests was denied"
        place.seen.clear()
        await place.turn(session)
        assert verdict(place).words == "not verified: tests was denied"
        assert not [it for it in place.events(ev.PermissionAsked) if "check.sh" in it.question.subject]
        assert commands(place) == []


async def test_it_is_asked_about_once_for_a_workspace(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    script = [SEEN, edit("1", "2"), "Done.", SEEN, edit("2", "22"), "Done."]
    check = CHECK.replace("x = 2", "x = 2*")
    async with project(tmp_path, monkeypatch, script, check=check, answer=always) as place:
        await ran(place)
        assert [
            it.rule for it in place.events(ev.GrantAdded) if it.scope == "workspace" and "check" in it.rule
        ] == ["Bash(./check.sh)"]
        place.seen.clear()
        await ran(place)
        assert verdict(place).verified
        assert not [it for it in place.events(ev.PermissionAsked) if "check.sh" in it.question.subject]


async def test_with_nobody_there_it_is_not_verified_and_the_turn_goes_well(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "settings.toml").write_text('allow = ["Edit(*.py)"]\n')
    script = [SEEN, edit("1", "2"), "Done."]
    async with project(tmp_path, monkeypatch, script, interactive=False) as place:
        await ran(place)
        assert verdict(place).words == "not verified: tests was denied"
        (ended,) = place.events(ev.TurnEnded)
        assert ended.reason == "end_turn"


async def test_what_the_model_ran_itself_after_its_edit_is_evidence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    script = [SEEN, edit("1", "2"), shell("./check.sh"), shell("cat a.py"), "Done."]
    async with project(tmp_path, monkeypatch, script) as place:
        await ran(place)
        assert verdict(place).words == "verified: tests (1 passed)"
        assert outcomes(place) == [("model", "passed", "1 passed")]
        assert not place.events(ev.ChecksStarted)
        assert commands(place) == ["./check.sh", "cat a.py"], "a command that only reads makes nothing old"


@pytest.mark.parametrize("later", [edit("y = 1", "y = 2"), shell("touch made.txt")])
async def test_what_comes_after_the_evidence_makes_it_old(
    later: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    later = {**later, "input": {**later["input"], **({"path": "b.py"} if later["tool"] == "edit" else {})}}
    other = {"tool": "read", "input": {"path": "b.py"}}
    script = [SEEN, other, edit("1", "2"), shell("./check.sh"), later, "Done."]
    async with project(tmp_path, monkeypatch, script) as place:
        await ran(place)
        assert outcomes(place) == [("model", "passed", "1 passed"), ("postil", "passed", "1 passed")]
        assert verdict(place).verified


async def test_a_check_before_the_edit_is_no_evidence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    script = [SEEN, shell("./check.sh"), edit("1", "2"), "Done."]
    async with project(tmp_path, monkeypatch, script) as place:
        await ran(place)
        assert outcomes(place) == [("postil", "passed", "1 passed")]


async def test_a_check_that_changes_files_is_told_as_such_and_is_no_evidence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    check = "#!/bin/sh\necho 'y = 9' > b.py\nmkdir -p cache && echo 1 > cache/made\necho '1 passed'\n"
    script = [SEEN, edit("1", "2"), "Done.", "I see."]
    async with project(tmp_path, monkeypatch, script, check=check) as place:
        await ran(place)
        assert verdict(place).words == "not verified: tests changed b.py itself, which is no evidence"
        assert place.events(ev.EvidenceRecorded)[0].changed == (str(place.root / "b.py"),)


async def test_a_check_that_is_known_to_edit_is_denied(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = '[[check]]\nname = "fix"\ncommand = "touch b.py"\n'
    async with project(
        tmp_path, monkeypatch, [SEEN, edit("1", "2"), "Done."], settings=settings, mode="accept-edits"
    ) as place:
        await ran(place)
        assert verdict(place).words == "not verified: fix was denied"
        assert commands(place) == []


async def test_a_program_that_is_not_there_is_no_failure_of_the_work(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = '[[check]]\nname = "nowhere"\ncommand = "no-such-program-here --all"\n'
    async with project(tmp_path, monkeypatch, [SEEN, edit("1", "2"), "Done."], settings=settings) as place:
        await ran(place)
        assert verdict(place).words == "not verified: nowhere is not there to be run"
        assert not place.events(ev.ChecksFailed)


async def test_what_no_check_is_about_and_where_there_is_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    script = [
        {"tool": "write", "input": {"path": "notes.md", "content": "x\n"}},
        "Done.",
    ]
    async with project(tmp_path, monkeypatch, script) as place:
        await ran(place)
        assert verdict(place).words == "not verified: no check is about notes.md"
        assert commands(place) == []


async def test_without_a_check_it_is_said_and_nothing_else_changes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with project(tmp_path, monkeypatch, [SEEN, edit("1", "2"), "Done."], settings="") as place:
        await ran(place)
        assert verdict(place).words == "not verified: no check is known"
        assert not place.events(ev.ChecksStarted)


async def test_a_turn_that_changes_nothing_says_and_runs_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    quiet = [
        shell("cat a.py"),
        shell("./check.sh"),
        shell("mkdir -p build && touch build/made"),
        shell("nothing-there"),
    ]
    async with project(tmp_path, monkeypatch, [SEEN, *quiet, "Done."]) as place:
        await ran(place)
        assert not place.events(ev.VerificationEnded)
        assert not place.events(ev.ChecksStarted)


async def test_what_a_workspace_that_is_not_trusted_configures_is_left_and_what_its_files_tell_is_asked_about(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "settings.toml").write_text('allow = ["Bash(make:*)"]\n')
    script = [SEEN, edit("1", "2"), "Done."]
    async with project(tmp_path, monkeypatch, script, trust=False, answer=denies("make check")) as place:
        (place.root / "Makefile").write_text("check:\n\t./check.sh\n")
        await ran(place)
        assert verdict(place).words == "not verified: make check was denied"
        (asked,) = [it for it in place.events(ev.PermissionAsked) if it.question.subject == "make check"]
        assert "not trusted" in str(asked.question.facts)


async def test_what_a_person_changes_while_the_check_runs_is_not_what_it_saw(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with project(tmp_path, monkeypatch, [SEEN, edit("1", "2"), "Done."]) as place:

        def typing(publication: ev.Publication) -> None:
            if isinstance(publication.event, ev.EvidenceRecorded):
                (place.root / "a.py").write_text("x = 3\n")

        session = await place.begin()
        session.subscribe(typing)
        await place.turn(session)
        assert verdict(place).words == "not verified: a.py changed after the checks, or is not saved"
        assert verdict(place).reason == "stale"


async def test_going_back_makes_evidence_old(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    script = [SEEN, edit("1", "2"), "Done."]
    async with project(tmp_path, monkeypatch, script) as place:
        session = await ran(place)
        verifying = session.state.workflow.verifying
        assert verifying.fresh("tests") is not None
        (changed,) = place.events(ev.FileChanged)
        assert await session.undo(Target(change_id=changed.change_id), None, "test") is not None
        assert verifying.fresh("tests") is None
        assert (place.root / "a.py").read_text() == "x = 1\n"


async def test_a_turn_that_is_stopped_is_not_verified(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    check = "#!/bin/sh\necho begun\nexec sleep 600\n"
    async with project(tmp_path, monkeypatch, [SEEN, edit("1", "2"), "Done."], check=check) as place:
        session, begun = await place.begin(), asyncio.Event()

        def look(publication: ev.Publication) -> None:
            if isinstance(publication.event, CallProgress):
                begun.set()

        session.subscribe(look)
        await session.prompt(Prompt("Go.", face="test"))
        await begun.wait()
        await session.cancel(Cancel("Stopped."))
        await session.idle()
        assert verdict(place).words == "not verified: the turn ended before its checks"
        assert place.events(ev.TurnEnded)[0].reason == "cancelled"
