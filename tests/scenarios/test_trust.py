"""A workspace that is not trusted: what is asked about there, and the one question that changes it."""

from __future__ import annotations

import pytest

from postil.agent.session import Session
from postil.core.errors import ProtocolError
from postil.core.events import (
    CallFinished,
    ConfigurationInForce,
    GrantAdded,
    PermissionAsked,
    PermissionDecided,
    QuestionAnswered,
    QuestionAsked,
)  # fmt: skip
from postil.core.fold import fold
from postil.core.question import Question
from postil.core.submissions import Answer, Close, Prompt
from postil.permissions.rule import parse
from postil.permissions.trusting import InForce
from tests.support.agent_checks import check_ended
from tests.support.agent_world import Watch, World
from tests.support.fake_model import Play, call, says

FILES = {"a.py": "x = 1\n", "b.py": "y = 2\n"}
GIT, TEST = "git status", "npm test"
LOOKING = says(
    call("read", "r1", path="a.py"), call("grep", "g1", pattern="x"), call("shell", "l1", command="ls -l")
)


def shell(call_id: str = "s1", command: str = GIT) -> Play:
    return says(call("shell", call_id, command=command))


def world(*plays: Play, interactive: bool = True) -> World:
    made = World([*plays, says("Ok.")], FILES, trusted=False, interactive=interactive)
    made.standing.fixed = [parse("Bash(npm test:*)", "allow", "user")]
    return made


async def begun(made: World, prompt: str = "Go.") -> tuple[Session, Watch]:
    session = await made.start()
    watch = Watch(session)
    await session.prompt(Prompt(prompt))
    return session, watch


def trust_question(session: Session) -> Question:
    (found,) = (
        it.question for it in session.state.workflow.questions.values() if it.question.kind == "trust"
    )
    return found


async def test_looking_around_asks_nothing() -> None:
    made = world(LOOKING)
    session, _ = await begun(made)
    await session.idle()
    assert [it.outcome for it in made.events(CallFinished)] == ["completed"] * 3
    assert not made.events(PermissionAsked)
    assert not made.events(QuestionAsked)
    check_ended(made.journal.records, session.state)


@pytest.mark.parametrize(("command", "else_by"), [(GIT, ""), (TEST, "Bash(npm test:*)")])
async def test_what_would_run_of_it_unasked_is_asked_about(command: str, else_by: str) -> None:
    made = world(shell(command=command))
    session, watch = await begun(made)
    asked = await watch.event(PermissionAsked)
    why = next(it.text for it in asked.question.facts if it.name == "why")
    assert "this workspace is not trusted" in why
    assert else_by in why
    assert "allow_always" not in [it.id for it in asked.question.options]
    trust = await watch.event(QuestionAsked)
    assert trust.question == trust_question(session)
    assert (trust.question.title, trust.question.subject) == ("Trust this folder?", "/project")
    assert [it.id for it in trust.question.options] == ["trust", "restrict"]
    await session.answer(Answer(asked.question.id, "allow_once", face="test"))
    await session.idle()
    assert [it.line for it in made.shell.commands] == [command]
    assert trust_question(session), "it waits, and keeps nothing from going on"


async def test_trust_answers_what_it_was_asked_for_and_is_kept() -> None:
    made = world(shell(), shell("s2", TEST), shell("s3", "git log"))
    session, watch = await begun(made)
    trust = await watch.event(QuestionAsked)
    await watch.event(PermissionAsked)
    await session.answer(Answer(trust.question.id, "trust", face="test"))
    await session.idle()
    assert [it.line for it in made.shell.commands] == [GIT, TEST, "git log"]
    assert made.trust.said == [("trusted", "test")]
    assert [it.by for it in made.events(PermissionDecided)] == ["rule"] * 3
    assert len(made.events(PermissionAsked)) == 1
    first, last = made.events(ConfigurationInForce)
    assert (first.trusted, last.trusted) == (False, True)
    assert last.cause == "the workspace is trusted now"
    assert session.state.workflow.restricted_since is None
    check_ended(made.journal.records, session.state)


async def test_restricted_once_it_is_never_asked_again() -> None:
    made = world(shell(), shell("s2"))
    session, watch = await begun(made)
    trust = await watch.event(QuestionAsked)
    await session.answer(Answer(trust.question.id, "restrict", face="test"))
    for call_id in ("s1", "s2"):
        asked = await watch.event(PermissionAsked, lambda it, call_id=call_id: it.call_id == call_id)
        await session.answer(Answer(asked.question.id, "allow_once", face="test"))
    await session.idle()
    assert made.trust.said == [("restricted", "test")]
    assert len(made.events(QuestionAsked)) == 1
    check_ended(made.journal.records, session.state)
    await session.close(Close())
    again = await made.reopen()
    await again.prompt(Prompt("Once more."))
    await again.idle()
    assert len(made.events(QuestionAsked)) == 1


async def test_a_rule_given_in_sight_of_it_holds_in_this_session() -> None:
    made = world(shell(), shell("s2"), shell("s3", TEST))
    session, watch = await begun(made)
    asked = await watch.event(PermissionAsked)
    await session.answer(Answer(asked.question.id, "allow_session", face="test"))
    third = await watch.event(PermissionAsked, lambda it: it.call_id == "s3")
    await session.answer(Answer(third.question.id, "reject_once", face="test"))
    await session.idle()
    [grant] = made.events(GrantAdded)
    assert (grant.rule, grant.scope) == ("Bash(git status)", "session")
    assert [it.line for it in made.shell.commands] == [GIT, GIT]


async def test_nobody_to_ask_is_a_denial_that_says_why() -> None:
    made = world(shell(), shell("s2", TEST), interactive=False)
    session, _ = await begun(made)
    await session.idle()
    assert {it.by for it in made.events(PermissionDecided)} == {"nobody"}
    assert all("this workspace is not trusted" in it.why for it in made.events(PermissionDecided))
    assert not made.events(QuestionAsked)
    assert made.shell.commands == []
    assert "not trusted" in made.model.requests[0].suffix


async def test_what_another_window_says_is_seen_at_the_next_turn_and_takes_the_question_back() -> None:
    made = world(shell(), says("Then."), shell("s2"))
    session, watch = await begun(made)
    asked = await watch.event(PermissionAsked)
    await session.answer(Answer(asked.question.id, "allow_once", face="test"))
    await session.idle()
    assert trust_question(session)
    made.trust.elsewhere = InForce(trusted=True, why="said elsewhere")
    await session.prompt(Prompt("And now?"))
    await session.idle()
    [withdrawn] = made.events(QuestionAnswered)
    assert withdrawn.by == "withdrawn"
    assert len(made.shell.commands) == 2
    check_ended(made.journal.records, session.state)


async def test_trust_taken_back_counts_for_rules_given_before() -> None:
    made = world(shell("s1", "make all"), says("Then."), shell("s2", "make all"))
    made.trust.elsewhere = InForce(trusted=True, why="said elsewhere")
    session, watch = await begun(made)
    asked = await watch.event(PermissionAsked)
    await session.answer(Answer(asked.question.id, "allow_session", face="test"))
    await session.idle()
    made.trust.elsewhere = InForce(trusted=False, why="taken back elsewhere")
    await session.prompt(Prompt("And now?"))
    again = await watch.event(PermissionAsked, lambda it: it.call_id == "s2")
    assert "not trusted" in next(it.text for it in again.question.facts if it.name == "why")
    assert not made.events(QuestionAsked), "somebody has decided: it is not asked"
    await session.answer(Answer(again.question.id, "reject_once", face="test"))
    await session.idle()
    assert len(made.shell.commands) == 1


async def test_an_answer_that_cannot_be_kept_leaves_the_question_open() -> None:
    made = world(shell())
    session, watch = await begun(made)
    trust = await watch.event(QuestionAsked)
    made.trust.fails = OSError(28, "No space left on device")
    with pytest.raises(ProtocolError, match=r"could not be kept: No space left on device\."):
        await session.answer(Answer(trust.question.id, "trust", face="test"))
    assert trust_question(session)
    with pytest.raises(ProtocolError, match="has no answer"):
        await session.answer(Answer(trust.question.id, "perhaps", face="test"))
    made.trust.fails = None
    await session.answer(Answer(trust.question.id, "trust", face="test"))
    await session.idle()
    check_ended(made.journal.records, session.state)


async def test_the_question_outlives_the_process_and_the_answer_lets_go_on() -> None:
    made = world(shell())
    session, watch = await begun(made)
    await watch.event(PermissionAsked)
    await watch.event(QuestionAsked)
    await session.close(Close())
    again = await made.reopen()
    question = trust_question(again)
    await again.answer(Answer(question.id, "trust", face="test"))
    assert again.suspended, "an answer about the folder starts nothing"
    assert fold(made.journal.records) == again.state
