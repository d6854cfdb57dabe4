"""Who decides about a call: a rule, a person, nobody, a mode."""

from __future__ import annotations

import asyncio

import pytest

from postil.agent.session import Session
from postil.core.errors import ProtocolError, UsageError
from postil.core.events import (
    CallFinished,
    CallStarted,
    GrantAdded,
    GrantRevoked,
    PermissionAsked,
    PermissionDecided,
    QuestionAsked,
)  # fmt: skip
from postil.core.messages import ToolMessage
from postil.core.submissions import Answer, Prompt, SetMode
from postil.permissions.rule import parse
from tests.support.agent_checks import check_answers, check_ended
from tests.support.agent_world import Watch, World
from tests.support.fake_model import Play, call, says

FILES = {"a.py": "x = 1\n", "b.py": "y = 2\n", ".env": "KEY=1\n"}


def edit(call_id: str = "e1", old: str = "1", new: str = "2", path: str = "a.py") -> Play:
    return says(call("edit", call_id, path=path, edits=[{"old": old, "new": new}]))


def shell(call_id: str = "s1", command: str = "make") -> Play:
    return says(call("shell", call_id, command=command))


def told(world: World) -> str:
    """Return what the model was told of the last calls."""
    last = world.model.requests[-1].messages[-1]
    assert isinstance(last, ToolMessage)
    return "\n".join(result.content for result in last.ordered)


async def asked_about(session: Session, watch: Watch, call_id: str) -> PermissionAsked:
    asked = await watch.event(PermissionAsked, lambda it: it.call_id == call_id)
    assert asked.question.id in session.state.workflow.questions
    return asked


async def test_a_rule_denies_and_says_so() -> None:
    world = World([shell(), says("Ok.")], rules=())
    world.standing.fixed = [parse("Bash", "deny", "user")]
    session = await world.start()
    await session.prompt(Prompt("Build."))
    await session.idle()
    [decided] = world.events(PermissionDecided)
    assert (decided.decision, decided.by, decided.rule) == ("deny", "rule", "Bash")
    assert "denied by Bash (user)" in told(world)
    assert world.shell.commands == []
    assert not world.events(CallStarted)
    check_ended(world.journal.records, session.state)


async def test_plan_mode_runs_what_reads_and_says_of_all_else_that_it_is_the_mode() -> None:
    world = World([shell("s1", "ls"), shell("s2"), edit(), says("Ok.")], FILES)
    world.standing.fixed = [parse("Bash(make)", "allow", "user"), parse("Edit", "allow", "user")]
    session = await world.start()
    await session.set_mode(SetMode("plan"))
    await session.prompt(Prompt("Plan."))
    await session.idle()
    assert [(it.line, it.only_reads) for it in world.shell.commands] == [("ls", True)]
    assert world.workspace.applied == []
    ended = {it.call_id: it for it in world.events(CallFinished)}
    assert {key: it.outcome for key, it in ended.items()} == {
        "s1": "completed",
        "s2": "denied",
        "e1": "denied",
    }
    assert ended["s2"].content.startswith("Denied: this mode runs only what is known to read; ")
    assert ended["s2"].content.endswith(
        ". A plan that the user approves ends plan mode: hand it in with `propose_plan`. Do not try to get around this."
    )
    assert ended["s2"].details == {"denied_by": "mode", "rule": ""}
    assert ended["e1"].details == {"denied_by": "mode", "rule": "Edit"}
    check_ended(world.journal.records, session.state)


async def test_a_person_denies_with_a_reason() -> None:
    world = World([edit(), says("Ok.")], FILES)
    session = await world.start()
    watch = Watch(session)
    await session.prompt(Prompt("Mend."))
    asked = await asked_about(session, watch, "e1")
    assert asked.question.title == "Edit this file?"
    assert "+x = 2" in asked.question.diff
    await session.answer(Answer(asked.question.id, "reject_with_reason", "Use three.", "test"))
    await session.idle()
    assert told(world) == "The user denied this: Use three."
    [finished] = world.events(CallFinished)
    assert finished.outcome == "denied"
    assert world.workspace.applied == []
    check_ended(world.journal.records, session.state)


async def test_with_nobody_to_ask_a_question_is_a_denial() -> None:
    ask = call("ask_user", "q1", question="Which?")
    world = World([says(call("shell", "s1", command="make"), ask), says("Ok.")], FILES, interactive=False)
    session = await world.start()
    await session.prompt(Prompt("Build."))
    await session.idle()
    [decided] = [it for it in world.events(PermissionDecided) if it.call_id == "s1"]
    assert (decided.decision, decided.by) == ("deny", "nobody")
    assert "nobody is there to ask" in told(world)
    assert "say what you assumed" in told(world)
    assert world.shell.commands == []
    check_ended(world.journal.records, session.state)


async def test_plan_mode_denies_what_changes_anything() -> None:
    calls = call("read", "r1", path="a.py"), call("shell", "s1", command="make")
    world = World([says(*calls), edit(), says("Ok.")], FILES, mode="plan", rules=("Bash", "Edit"))
    session = await world.start()
    await session.prompt(Prompt("Plan."))
    await session.idle()
    outcomes = {it.call_id: it.outcome for it in world.events(CallFinished)}
    assert outcomes == {"r1": "completed", "s1": "denied", "e1": "denied"}
    assert "Permission mode: plan." in world.model.requests[0].suffix
    assert world.workspace.applied == []


async def test_accept_edits_runs_edits_and_asks_about_commands_secrets_and_protected_files() -> None:
    plays = [
        edit(),
        edit("e2", "1", "2", ".env"),
        says(call("write", "w1", path=".git/config", content="x")),
        shell(),
    ]
    world = World([*plays, says("Ok.")], FILES, mode="accept-edits")
    session = await world.start()
    watch = Watch(session)
    await session.prompt(Prompt("Mend."))
    for call_id in ("e2", "s1"):
        asked = await asked_about(session, watch, call_id)
        await session.answer(Answer(asked.question.id, "reject_once"))
    await session.idle()
    assert [it.call_id for it in world.events(PermissionAsked)] == ["e2", "s1"]
    outcomes = {it.call_id: it.outcome for it in world.events(CallFinished)}
    assert outcomes == {"e1": "completed", "e2": "denied", "w1": "denied", "s1": "denied"}


async def test_a_mode_counts_from_the_next_decision_on() -> None:
    world = World([edit(), edit("e2", "2", "3"), says("Ok.")], FILES)
    session = await world.start()
    watch = Watch(session)
    await session.prompt(Prompt("Mend."))
    asked = await asked_about(session, watch, "e1")
    with pytest.raises(UsageError, match="No mode 'reckless'"):
        await session.set_mode(SetMode("reckless"))
    await session.set_mode(SetMode("accept-edits", "test"))
    await session.set_mode(SetMode("accept-edits", "test"))
    await session.answer(Answer(asked.question.id, "allow_once"))
    await session.idle()
    assert [it.call_id for it in world.events(PermissionAsked)] == ["e1"]
    assert world.workspace.text("a.py") == "x = 3\n"
    assert world.names().count("ConfigurationInForce") == 2


async def test_a_mode_that_denies_comes_before_an_older_question() -> None:
    world = World([shell(), says("Ok.")])
    session = await world.start()
    watch = Watch(session)
    await session.prompt(Prompt("Build."))
    asked = await asked_about(session, watch, "s1")
    await session.set_mode(SetMode("plan"))
    await session.answer(Answer(asked.question.id, "allow_once"))
    await session.idle()
    assert world.shell.commands == []
    assert [(it.decision, it.by) for it in world.events(PermissionDecided)] == [
        ("allow", "person"),
        ("deny", "rule"),
    ]
    check_ended(world.journal.records, session.state)


@pytest.mark.parametrize("option", ["allow_session", "allow_always"])
async def test_a_lasting_answer_is_not_asked_again(option: str) -> None:
    world = World([shell(), shell("s2"), shell("s3", "make clean"), says("Ok.")])
    session = await world.start()
    watch = Watch(session)
    await session.prompt(Prompt("Build."))
    asked = await asked_about(session, watch, "s1")
    assert {it.note for it in asked.question.options if it.kind.startswith("allow_") and it.note} == {
        "Bash(make)"
    }
    await session.answer(Answer(asked.question.id, option))
    other = await asked_about(session, watch, "s3")
    await session.answer(Answer(other.question.id, "reject_once"))
    await session.idle()
    [grant] = world.events(GrantAdded)
    assert grant.question_id == asked.question.id
    assert world.standing.granted == (["Bash(make)"] if option == "allow_always" else [])
    assert [it.line for it in world.shell.commands] == ["make", "make"]
    decided = [it for it in world.events(PermissionDecided) if it.call_id == "s2"]
    assert [(it.by, it.rule) for it in decided] == [("rule", "Bash(make)")]
    assert [it.uses for it in session.state.workflow.grants] == [1]


@pytest.mark.parametrize("option", ["allow_session", "allow_always"])
async def test_a_lasting_answer_about_several_commands_sets_a_rule_for_each(option: str) -> None:
    line = "make check && ls; tox -q"
    world = World([shell("s1", line), shell("s2", line), shell("s3", "tox -q"), says("Ok.")])
    session = await world.start()
    watch = Watch(session)
    await session.prompt(Prompt("Build."))
    asked = await asked_about(session, watch, "s1")
    notes = {it.note for it in asked.question.options if it.note}
    assert notes == {"Bash(make check)\nBash(tox -q)"}
    await session.answer(Answer(asked.question.id, option))
    await session.idle()
    assert len(world.events(PermissionAsked)) == 1
    granted = world.events(GrantAdded)
    assert [it.rule for it in granted] == ["Bash(make check)", "Bash(tox -q)"]
    assert {it.question_id for it in granted} == {asked.question.id}
    assert world.standing.granted == (
        ["Bash(make check)", "Bash(tox -q)"] if option == "allow_always" else []
    )
    decided = {it.call_id: (it.by, it.rule) for it in world.events(PermissionDecided)}
    assert decided["s2"] == ("rule", "Bash(make check)\nBash(tox -q)")
    assert decided["s3"] == ("rule", "Bash(tox -q)")
    assert [it.uses for it in session.state.workflow.grants] == [1, 2]
    check_ended(world.journal.records, session.state)


async def test_a_grant_that_cannot_be_kept_is_taken_back_and_the_call_runs() -> None:
    world = World([shell(), says("Ok.")])
    world.standing.fails = OSError("disk full")
    session = await world.start()
    watch = Watch(session)
    await session.prompt(Prompt("Build."))
    asked = await asked_about(session, watch, "s1")
    await session.answer(Answer(asked.question.id, "allow_always"))
    await session.idle()
    [added], [revoked] = world.events(GrantAdded), world.events(GrantRevoked)
    assert added.grant_id == revoked.grant_id
    assert session.state.workflow.grants == []
    assert len(world.shell.commands) == 1


async def test_a_question_is_answered_once() -> None:
    world = World([shell(), says("Ok.")])
    session = await world.start()
    watch = Watch(session)
    await session.prompt(Prompt("Build."))
    asked = await asked_about(session, watch, "s1")
    with pytest.raises(ProtocolError, match="no answer 'perhaps'"):
        await session.answer(Answer(asked.question.id, "perhaps"))
    answers = [Answer(asked.question.id, "reject_once"), Answer(asked.question.id, "allow_session")]
    first, second = await asyncio.gather(*map(session.answer, answers), return_exceptions=True)
    assert first is None
    assert isinstance(second, ProtocolError)
    await session.idle()
    with pytest.raises(ProtocolError, match="not open"):
        await session.answer(answers[0])
    assert not world.events(GrantAdded)
    assert world.shell.commands == []
    check_answers(world.journal.records)


async def test_the_models_own_question_is_answered_by_choice_or_in_words() -> None:
    for option, text, want in (
        ("choice_2", "", "Blue"),
        ("", "Neither.", "Neither."),
        ("choice_1", "Dark.", "Red\nDark."),
    ):
        world = World([says(call("ask_user", "q1", question="Which?", options=["Red", "Blue"])), says("Ok.")])
        session = await world.start()
        watch = Watch(session)
        await session.prompt(Prompt("Paint."))
        question_id = await open_question(session, watch)
        with pytest.raises(ProtocolError, match="It offers choice_1, choice_2"):
            await session.answer(Answer(question_id, "", " "))
        await session.answer(Answer(question_id, option, text))
        await session.idle()
        assert told(world) == f"The user answered: {want}"
        check_ended(world.journal.records, session.state)


async def open_question(session: Session, watch: Watch) -> str:
    asked = await watch.event(QuestionAsked)
    assert list(session.state.workflow.questions) == [asked.question.id]
    return asked.question.id
