"""Sessions that outlive their process: closed or dead in the middle, opened again, and gone on with."""

from __future__ import annotations

import pytest

from postil.agent.session import Session
from postil.core.errors import ProtocolError
from postil.core.events import (
    CallFinished,
    CallStarted,
    FileChanged,
    PermissionAsked,
    PermissionDecided,
    QuestionAnswered,
    QuestionAsked,
    Recorded,
    SessionClosed,
    SessionResumed,
    TurnEnded,
)  # fmt: skip
from postil.core.messages import UserMessage
from postil.core.submissions import Answer, Cancel, Close, Prompt, Resume, SetMode
from tests.support.agent_checks import check_answers, check_ended
from tests.support.agent_world import Watch, World
from tests.support.fake_model import call, says
from tests.support.memory_journal import Hook, SimulatedCrash

FILES = {"a.py": "x = 1\n", "b.py": "y = 2\n"}
EDIT = {"path": "a.py", "edits": [{"old": "1", "new": "2"}]}
SHELL = says(call("shell", "s1", command="make"))


def reasons(world: World) -> list[str]:
    return [it.reason for it in world.events(TurnEnded)]


async def until_asked(world: World) -> tuple[Session, str]:
    """Start a session and return it where it waits for its first permission."""
    session = await world.start()
    watch = Watch(session)
    await session.prompt(Prompt("Go."))
    asked = await watch.event(PermissionAsked)
    return session, asked.question.id


async def test_close_leaves_the_turn_and_its_question_and_an_answer_goes_on() -> None:
    world = World([SHELL, says("Done.")])
    session, question_id = await until_asked(world)
    await session.close(Close())
    await session.close(Close())
    assert world.journal.closed
    assert isinstance(world.journal.records[-1].event, SessionClosed)
    with pytest.raises(ProtocolError, match="closed"):
        await session.prompt(Prompt("More."))
    session = await world.reopen()
    assert session.suspended
    assert [it.clean for it in world.events(SessionResumed)] == [True]
    assert list(session.state.workflow.questions) == [question_id]
    await session.answer(Answer(question_id, "allow_once"))
    await session.idle()
    assert [it.line for it in world.shell.commands] == ["make"]
    assert len(world.events(PermissionAsked)) == 1
    assert reasons(world) == ["end_turn"]
    check_ended(world.journal.records, session.state)


async def test_resume_asks_the_same_question_and_it_is_answered_later() -> None:
    world = World([SHELL, says("Done.")])
    session, question_id = await until_asked(world)
    await session.close(Close())
    session = await world.reopen()
    watch = Watch(session)
    turn_id = await session.resume(Resume())
    assert turn_id == session.state.workflow.turns[0].id
    with pytest.raises(ProtocolError, match="nothing to resume"):
        await session.resume(Resume())
    await session.answer(Answer(question_id, "allow_once"))
    await watch.event(TurnEnded)
    assert len(world.shell.commands) == 1
    check_ended(world.journal.records, session.state)


async def test_an_answered_permission_survives_a_crash_before_the_call_starts() -> None:
    world = World([SHELL, says("Done.")])
    session, question_id = await until_asked(world)
    world.journal.before_append = crash_at(CallStarted)
    await session.answer(Answer(question_id, "allow_once"))
    await session.idle()
    session = await world.reopen()
    assert not session.state.workflow.questions
    await session.resume(Resume())
    await session.idle()
    assert [it.by for it in world.events(PermissionDecided)] == ["person"]
    assert len(world.shell.commands) == 1
    check_ended(world.journal.records, session.state)


def crash_at(kind: type[object]) -> Hook:
    def hook(record: Recorded) -> None:
        if isinstance(record.event, kind):
            raise SimulatedCrash

    return hook


async def test_a_command_in_doubt_is_unknown_and_its_finished_sibling_is_kept() -> None:
    calls = call("read", "r1", path="a.py"), call("shell", "s1", command="make")
    world = World([says(*calls), says("I will look.")], FILES, rules=("Bash",))
    session = await world.start()

    def hook(record: Recorded) -> None:
        if isinstance(record.event, CallFinished) and record.event.call_id == "s1":
            raise SimulatedCrash

    world.journal.before_append = hook
    await session.prompt(Prompt("Go."))
    await session.idle()
    session = await world.reopen()
    assert [it.clean for it in world.events(SessionResumed)] == [False]
    outcomes = {it.call_id: it.outcome for it in world.events(CallFinished)}
    assert outcomes == {"r1": "completed", "s1": "unknown"}
    await session.resume(Resume())
    await session.idle()
    assert len(world.shell.commands) == 1
    check_ended(world.journal.records, session.state)


@pytest.mark.parametrize("when", ["before_append", "after_append"])
async def test_an_edit_in_doubt_is_settled_by_looking(when: str) -> None:
    world = World([says(call("edit", "e1", **EDIT)), says("Done.")], FILES, mode="accept-edits")
    session = await world.start()
    kind = FileChanged if when == "before_append" else CallStarted
    setattr(world.journal, when, crash_at(kind))
    await session.prompt(Prompt("Go."))
    await session.idle()
    session = await world.reopen()
    [finished] = world.events(CallFinished)
    if kind is FileChanged:
        assert (finished.outcome, "the edit is in" in finished.content) == ("completed", True)
        [change] = session.state.workflow.changes
        assert (change.call_id, change.path) == ("e1", str(world.workspace.at("a.py")))
    else:
        assert (finished.outcome, session.state.workflow.changes) == ("not_run", [])
    await session.resume(Resume())
    await session.idle()
    assert len(world.workspace.applied) == (kind is FileChanged)
    check_ended(world.journal.records, session.state)


async def test_what_changed_while_nobody_was_there_is_asked_about_anew() -> None:
    world = World([says(call("edit", "e1", **EDIT)), says("Done.")], FILES)
    session, old = await until_asked(world)
    await session.close(Close())
    world.workspace.disk[world.workspace.at("a.py")] = "# new\nx = 1\n"
    session = await world.reopen()
    watch = Watch(session)
    await session.resume(Resume())
    asked = await watch.event(PermissionAsked)
    assert list(session.state.workflow.questions) == [asked.question.id]
    assert [(it.question_id, it.by) for it in world.events(QuestionAnswered)] == [(old, "withdrawn")]
    with pytest.raises(ProtocolError, match="not open"):
        await session.answer(Answer(old, "allow_once"))
    await session.answer(Answer(asked.question.id, "allow_once"))
    await session.idle()
    assert world.workspace.text("a.py") == "# new\nx = 2\n"
    check_ended(world.journal.records, session.state)
    check_answers(world.journal.records)


async def test_an_answer_to_what_changed_meanwhile_approves_nothing_unseen() -> None:
    world = World([says(call("edit", "e1", **EDIT)), says("Done.")], FILES)
    session, old = await until_asked(world)
    await session.close(Close())
    world.workspace.disk[world.workspace.at("a.py")] = "# new\nx = 1\n"
    session = await world.reopen()
    watch = Watch(session)
    await session.answer(Answer(old, "allow_once"))
    asked = await watch.event(PermissionAsked)
    assert world.workspace.applied == []
    await session.answer(Answer(asked.question.id, "reject_once"))
    await session.idle()
    assert world.workspace.applied == []
    check_ended(world.journal.records, session.state)


async def test_an_old_question_with_nobody_there_any_more_is_a_denial() -> None:
    asks = says(call("ask_user", "q1", question="Which?"))
    for play, words in ((SHELL, "nobody is there to ask"), (asks, "Nobody is there to answer")):
        world = World([play, says("Ok.")])
        session = await world.start()
        watch = Watch(session)
        await session.prompt(Prompt("Go."))
        await watch.event(PermissionAsked if play is SHELL else QuestionAsked)
        await session.close(Close())
        world.interactive = False
        session = await world.reopen()
        await session.resume(Resume())
        await session.idle()
        assert words in world.events(CallFinished)[0].content
        assert world.shell.commands == []
        check_ended(world.journal.records, session.state)


async def test_a_mode_set_after_reopening_decides_the_open_question() -> None:
    world = World([SHELL, says("Ok.")])
    session, _ = await until_asked(world)
    await session.close(Close())
    session = await world.reopen()
    await session.set_mode(SetMode("plan"))
    await session.resume(Resume())
    await session.idle()
    assert [(it.decision, it.by) for it in world.events(PermissionDecided)] == [("deny", "rule")]
    check_ended(world.journal.records, session.state)


async def test_the_models_question_is_asked_once_and_answered_after_reopening() -> None:
    world = World([says(call("ask_user", "q1", question="Which?")), says("Ok.")])
    session = await world.start()
    watch = Watch(session)
    await session.prompt(Prompt("Go."))
    asked = await watch.event(QuestionAsked)
    await session.close(Close())
    session = await world.reopen()
    await session.answer(Answer(asked.question.id, "", "That one."))
    await session.idle()
    assert len(world.events(QuestionAsked)) == 1
    assert [it.content for it in world.events(CallFinished)] == ["The user answered: That one."]
    check_ended(world.journal.records, session.state)


async def test_an_answer_that_was_given_is_not_lost_when_the_turn_is_dropped() -> None:
    world = World([says(call("ask_user", "q1", question="Which?")), says("Ok.")])
    session = await world.start()
    watch = Watch(session)
    await session.prompt(Prompt("Go."))
    asked = await watch.event(QuestionAsked)
    world.journal.before_append = crash_at(CallFinished)
    await session.answer(Answer(asked.question.id, "", "That one."))
    await session.idle()
    session = await world.reopen()
    assert await session.cancel(Cancel())
    assert [(it.outcome, it.content) for it in world.events(CallFinished)] == [
        ("completed", "The user answered: That one.")
    ]
    check_ended(world.journal.records, session.state)


async def test_a_new_prompt_takes_the_place_of_a_suspended_turn() -> None:
    world = World([SHELL, says("New.")])
    session, _ = await until_asked(world)
    await session.close(Close())
    session = await world.reopen()
    await session.prompt(Prompt("Something else."))
    await session.idle()
    assert reasons(world) == ["interrupted", "end_turn"]
    assert [it.outcome for it in world.events(CallFinished)] == ["not_run"]
    said = [it.text for it in session.state.conversation.messages if isinstance(it, UserMessage)]
    assert said == ["Go.", "Something else."]
    check_ended(world.journal.records, session.state)
