"""What was approved is what runs, and an edit is made only on the text it was computed on."""

from __future__ import annotations

from postil.agent.session import Session
from postil.core.effects import FileEdit
from postil.core.events import (
    CallFinished,
    CallStarted,
    PermissionAsked,
    TurnEnded,
)  # fmt: skip
from postil.core.messages import ToolMessage
from postil.core.submissions import Answer, Prompt
from tests.support.agent_checks import check_answers, check_ended
from tests.support.agent_world import Watch, World
from tests.support.fake_model import Play, call, says

FILES = {"a.py": "x = 1\n", "b.py": "y = 2\n", ".env": "KEY=1\n"}


def edit(call_id: str = "e1", old: str = "1", new: str = "2", path: str = "a.py") -> Play:
    return says(call("edit", call_id, path=path, edits=[{"old": old, "new": new}]))


def told(world: World) -> str:
    """Return what the model was told of the last calls."""
    last = world.model.requests[-1].messages[-1]
    assert isinstance(last, ToolMessage)
    return "\n".join(result.content for result in last.ordered)


async def asked_about(session: Session, watch: Watch, call_id: str) -> PermissionAsked:
    asked = await watch.event(PermissionAsked, lambda it: it.call_id == call_id)
    assert asked.question.id in session.state.workflow.questions
    return asked


async def test_a_stale_edit_is_redone_on_the_new_text_and_seen() -> None:
    world = World([edit(), says("Ok.")], FILES, mode="accept-edits")
    typed = iter(["# typed\nx = 1\n"])

    def types(_: FileEdit) -> None:
        if text := next(typed, None):
            world.workspace.type("a.py", text)

    world.workspace.before_apply = types
    session = await world.start()
    await session.prompt(Prompt("Mend."))
    await session.idle()
    assert world.workspace.text("a.py") == "# typed\nx = 2\n"
    assert len(world.events(CallStarted)) == 2
    [finished] = world.events(CallFinished)
    assert finished.outcome == "completed"
    check_ended(world.journal.records, session.state)


async def test_an_edit_that_is_always_stale_gives_up() -> None:
    world = World([edit(), says("Ok.")], FILES, mode="accept-edits")
    world.workspace.before_apply = lambda _: world.workspace.type(
        "a.py", world.workspace.text("a.py") + "#\n"
    )
    session = await world.start()
    await session.prompt(Prompt("Mend."))
    await session.idle()
    assert "The user is typing here" in told(world)
    assert world.workspace.applied == []
    check_ended(world.journal.records, session.state)


async def test_what_changed_while_it_was_asked_about_is_asked_again() -> None:
    world = World([edit(), says("Ok.")], FILES)
    session = await world.start()
    watch = Watch(session)
    await session.prompt(Prompt("Mend."))
    first = await asked_about(session, watch, "e1")
    world.workspace.type("a.py", "# typed\nx = 1\n")
    await session.answer(Answer(first.question.id, "allow_once"))
    second = await watch.event(PermissionAsked, lambda it: it.fingerprint != first.fingerprint)
    assert "# typed" in second.question.diff
    assert world.workspace.applied == []
    await session.answer(Answer(second.question.id, "allow_once"))
    await session.idle()
    assert world.workspace.text("a.py") == "# typed\nx = 2\n"
    assert [it.reason for it in world.events(TurnEnded)] == ["end_turn"]
    check_ended(world.journal.records, session.state)
    check_answers(world.journal.records)


async def test_typing_that_a_command_would_save_is_asked_about_again() -> None:
    world = World([says(call("shell", "s1", command="make")), says("Ok.")], FILES)
    session = await world.start()
    watch = Watch(session)
    await session.prompt(Prompt("Build."))
    first = await asked_about(session, watch, "s1")
    world.workspace.type("a.py", "x = 9\n")
    await session.answer(Answer(first.question.id, "allow_once"))
    second = await watch.event(PermissionAsked, lambda it: it.fingerprint != first.fingerprint)
    assert world.shell.commands == []
    assert [it.text for it in second.question.facts if it.name == "saves"] == ["a.py"]
    await session.answer(Answer(second.question.id, "reject_once"))
    await session.idle()
    assert world.shell.commands == []
    assert world.workspace.saved == []
    check_ended(world.journal.records, session.state)
