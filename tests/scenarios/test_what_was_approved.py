"""What was approved is what runs: a command that would run otherwise by then is asked about again, and the question says what changed."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from postil.agent.session import Session
from postil.core.effects import Command
from postil.core.events import CallFinished, PermissionAsked, PermissionDecided
from postil.core.outlook import Outlook
from postil.core.submissions import Answer, Close, Prompt, Resume
from tests.support.agent_checks import check_answers, check_ended
from tests.support.agent_world import Watch, World
from tests.support.fake_model import call, says

MAKE = Outlook(
    "bubblewrap",
    programs=(("make", "/usr/bin/make"),),
    marks={"the program make": "1", "the variable PATH": "2", "the sandbox": "3"},
)
OUTSIDE = "it installs from the network"


def new_world(
    outlook: Outlook = MAKE, *, rules: tuple[str, ...] = (), outside: str = "", mode: str = "default"
) -> World:
    extra = {"outside_sandbox": outside} if outside else {}
    plays = [says(call("shell", "s1", command="make", **extra)), says("Ok.")]
    world = World(plays, {"run.sh": "make\n"}, rules=rules, mode=mode)
    world.shell.seen = outlook
    return world


async def asked(world: World) -> tuple[Session, Watch, PermissionAsked]:
    session = await world.start()
    watch = Watch(session)
    await session.prompt(Prompt("Build."))
    return session, watch, await watch.event(PermissionAsked)


def facts(event: PermissionAsked) -> dict[str, str]:
    return {it.name: it.text for it in event.question.facts}


async def test_the_question_says_what_would_run_and_where() -> None:
    world = new_world()
    session, _, event = await asked(world)
    assert facts(event)["runs"] == "/usr/bin/make, in the sandbox without network"
    assert "outside the sandbox" not in facts(event)
    assert "changed" not in facts(event)
    assert event.marks == MAKE.marks
    await session.answer(Answer(event.question.id, "allow_once"))
    await session.idle()
    assert [it.outlook for it in world.shell.commands] == [MAKE]


async def test_without_a_sandbox_the_question_says_so() -> None:
    outlook = Outlook(why_outside="there is none on this machine", programs=(("make", ""),))
    session, _, event = await asked(new_world(outlook))
    assert facts(event)["runs"] == "make (not found)"
    assert facts(event)["outside the sandbox"] == "there is none on this machine"
    await session.close(Close("test"))


async def test_what_changed_while_it_was_asked_is_asked_again() -> None:
    world = new_world()
    session, watch, event = await asked(world)
    world.shell.seen = replace(MAKE, marks={**MAKE.marks, "the program make": "9", "the variable CC": "8"})
    await session.answer(Answer(event.question.id, "allow_once"))
    again = await watch.event(PermissionAsked, lambda it: it.fingerprint != event.fingerprint)
    assert facts(again)["changed"] == "the program make, the variable CC since it was asked before"
    assert world.shell.commands == []
    await session.answer(Answer(again.question.id, "allow_once"))
    await session.idle()
    assert len(world.shell.commands) == 1
    check_ended(world.journal.records, session.state)
    check_answers(world.journal.records)


async def test_a_script_is_compared_as_it_is_on_the_screen() -> None:
    root = Path("/project")
    outlook = replace(MAKE, files=(root / "run.sh",))
    world = new_world(outlook)
    session, watch, event = await asked(world)
    world.workspace.type("run.sh", "make evil\n")
    await session.answer(Answer(event.question.id, "allow_once"))
    again = await watch.event(PermissionAsked, lambda it: it.fingerprint != event.fingerprint)
    assert facts(again)["changed"] == "the file run.sh since it was asked before"
    await session.answer(Answer(again.question.id, "allow_once"))
    await session.idle()
    assert len(world.shell.commands) == 1, "what is saved for it has not changed it"


async def test_what_changes_between_the_answer_and_the_start_is_asked_again() -> None:
    world = new_world()
    session, watch, event = await asked(world)
    looks = [MAKE, MAKE, replace(MAKE, marks={**MAKE.marks, "the sandbox": "9"})]

    async def outlook(_: Command) -> Outlook:
        return looks.pop(0) if len(looks) > 1 else looks[0]

    looks.pop(0)
    world.shell.outlook = outlook  # type: ignore[method-assign]  # another answer each time
    await session.answer(Answer(event.question.id, "allow_once"))
    again = await watch.event(PermissionAsked, lambda it: it.fingerprint != event.fingerprint)
    assert facts(again)["changed"] == "the sandbox since it was asked before"
    await session.answer(Answer(again.question.id, "allow_once"))
    await session.idle()
    assert len(world.shell.commands) == 1
    check_ended(world.journal.records, session.state)


async def test_a_question_outlives_its_process_if_nothing_changed() -> None:
    world = new_world()
    session, _, event = await asked(world)
    await session.close(Close("test"))
    session = await world.reopen()
    assert list(session.state.workflow.questions) == [event.question.id]
    await session.answer(Answer(event.question.id, "allow_once"))
    await session.idle()
    assert len(world.shell.commands) == 1
    assert len(world.events(PermissionAsked)) == 1


@pytest.mark.parametrize("answered", [True, False])
async def test_what_changed_while_no_process_was_there_is_asked_again(*, answered: bool) -> None:
    world = new_world()
    session, _, event = await asked(world)
    await session.close(Close("test"))
    world.shell.seen = replace(MAKE, marks={**MAKE.marks, "the variable PATH": "9"})
    session = await world.reopen()
    watch = Watch(session)
    if answered:
        await session.answer(Answer(event.question.id, "allow_once"))
    else:
        await session.resume(Resume())
    again = await watch.event(PermissionAsked)
    assert facts(again)["changed"] == "the variable PATH since it was asked before"
    assert world.shell.commands == []
    await session.answer(Answer(again.question.id, "allow_once"))
    await session.idle()
    assert len(world.shell.commands) == 1
    check_ended(world.journal.records, session.state)


@pytest.mark.parametrize("rules", [(), ("Bash(make)",), ("Bash",)])
async def test_outside_the_sandbox_is_asked_whatever_rules_say(rules: tuple[str, ...]) -> None:
    world = new_world(Outlook(programs=(("make", "/usr/bin/make"),)), rules=rules, outside=OUTSIDE)
    session, _, event = await asked(world)
    assert facts(event)["outside the sandbox"] == f"because the agent says: {OUTSIDE}"
    assert facts(event)["runs"] == "/usr/bin/make"
    assert facts(event)["no lasting rule"] == "it runs outside the sandbox"
    assert [it.kind for it in event.question.options] == ["allow_once", "reject_once", "reject_with_reason"]
    await session.answer(Answer(event.question.id, "allow_once"))
    await session.idle()
    assert [it.outside for it in world.shell.commands] == [OUTSIDE]


async def test_what_only_reads_asks_as_well_when_it_is_to_run_outside() -> None:
    plays = [says(call("shell", "s1", command="cat a", outside_sandbox="I want to")), says("Ok.")]
    world = World(plays, {"a": "x\n"})
    session, _, event = await asked(world)
    assert facts(event)["why"] == "it would run outside the sandbox"
    await session.answer(Answer(event.question.id, "allow_once"))
    await session.idle()
    assert [it.only_reads for it in world.shell.commands] == [False]


async def test_outside_nobody_and_no_mode_is_asked() -> None:
    for world in (
        new_world(rules=("Bash",), outside=OUTSIDE),
        new_world(rules=("Bash",), outside=OUTSIDE, mode="deny-all"),
    ):
        world.interactive = world.interactive and world.mode == "deny-all"
        session = await world.start()
        await session.prompt(Prompt("Build."))
        await session.idle()
        assert world.shell.commands == []
        [decided] = world.events(PermissionDecided)
        assert decided.decision == "deny"
        [finished] = world.events(CallFinished)
        assert finished.outcome == "denied"
