"""What was approved is what runs, and an edit is made only on the text it was computed on."""

from __future__ import annotations

from postil.agent.session import Session
from postil.core.effects import FileEdit
from postil.core.events import (
    CallFinished,
    CallStarted,
    PermissionAsked,
    Recorded,
    TurnEnded,
)  # fmt: skip
from postil.core.fold import fold
from postil.core.messages import ToolMessage
from postil.core.submissions import Answer, Prompt, Rewind, Target
from tests.support.agent_checks import check_answers, check_ended
from tests.support.agent_world import Watch, World
from tests.support.fake_model import Pause, Play, call, says

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
    assert set(world.workspace.pauses) == {(world.workspace.root / "a.py",)}, "it has waited for a pause"
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


def replace_all() -> Play:
    return says(call("write", "w1", path="a.py", content="x = 3\n"))


READ = says(call("read", "r1", path="a.py"))


async def test_what_changes_something_is_on_the_disk_before_and_after() -> None:
    """Two syncs a call: one before its effect, one after its result."""
    plays = [
        says(
            call("edit", "e1", path="a.py", edits=[{"old": "1", "new": "2"}]),
            call("shell", "s1", command="make"),
        ),
        says("Ok."),
    ]
    world = World(plays, FILES, mode="accept-edits", rules=("Bash",))
    at: list[tuple[str, bool]] = []

    def note(record: Recorded) -> None:
        if isinstance(record.event, CallStarted | CallFinished):
            at.append((record.event.type, world.journal.synced == record.seq))

    world.journal.after_append = note
    session = await world.start()
    await session.prompt(Prompt("Mend."))
    await session.idle()
    assert at == [("CallStarted", True), ("CallFinished", True)] * 2


async def test_a_file_that_was_not_read_is_not_replaced() -> None:
    world = World([replace_all(), READ, replace_all(), says("Ok.")], FILES, mode="accept-edits")
    session = await world.start()
    await session.prompt(Prompt("Replace."))
    await session.idle()
    first, _, last = world.events(CallFinished)
    assert (first.outcome, last.outcome) == ("failed", "completed")
    assert "you had not seen its text when you asked for this" in first.content
    assert world.workspace.text("a.py") == "x = 3\n"
    assert fold(world.journal.records) == session.state


async def test_a_read_beside_the_writing_came_too_late_for_it() -> None:
    """What is written was thought of before any result of the same reply was there."""
    both = says(call("read", "r2", path="a.py"), call("write", "w1", path="a.py", content="x = 3\n"))
    world = World([READ, both, both, says("Ok.")], FILES, mode="accept-edits")
    session = await world.start()
    watch = Watch(session)
    await session.prompt(Prompt("Replace."))
    await watch.event(CallFinished)
    world.workspace.type("a.py", "x = 1  # an hour of typing\n")
    await session.idle()
    outcomes = [(it.tool, it.outcome) for it in world.events(CallFinished)]
    assert outcomes == [
        ("read", "completed"),
        *[("read", "completed"), ("write", "failed")],
        *[("read", "completed"), ("write", "completed")],
    ]
    assert fold(world.journal.records) == session.state


async def test_what_was_seen_of_a_turn_that_was_taken_back_is_unknown_again() -> None:
    world = World([READ, says("Ok.")], FILES, mode="accept-edits")
    session = await world.start()
    await session.prompt(Prompt("Look."))
    await session.idle()
    assert session.state.workflow.seen
    target = Target(turn_id=session.state.workflow.marks[0].turn_id)
    plan = await session.plan(target)
    await session.rewind(Rewind(target, plan.fingerprint, files=False, conversation=True))
    world.model.plays = [replace_all(), says("Ok.")]
    await session.prompt(Prompt("Replace."))
    await session.idle()
    assert "you had not seen its text" in told(world)
    assert world.workspace.text("a.py") == FILES["a.py"]
    assert fold(world.journal.records) == session.state


async def test_typing_between_the_reading_and_the_writing_is_not_lost() -> None:
    pause = Pause("typing")
    world = World(
        [READ, says(pause, call("write", "w1", path="a.py", content="x = 3\n")), says("Ok.")],
        FILES,
        mode="accept-edits",
    )
    session = await world.start()
    await session.prompt(Prompt("Replace."))
    await world.model.gate("typing").reached.wait()
    world.workspace.type("a.py", "x = 1  # mine\n")
    world.model.gate("typing").go.set()
    await session.idle()
    assert "a.py has changed since you last saw it" in told(world)
    assert world.workspace.text("a.py") == "x = 1  # mine\n"
    assert world.workspace.applied == []


async def test_typing_while_the_whole_is_being_replaced_is_not_lost() -> None:
    world = World([READ, replace_all(), says("Ok.")], FILES, mode="accept-edits")
    world.workspace.before_apply = lambda _: world.workspace.type("a.py", "x = 1  # mine\n")
    session = await world.start()
    await session.prompt(Prompt("Replace."))
    await session.idle()
    assert "a.py has changed since you last saw it" in told(world)
    assert world.workspace.text("a.py") == "x = 1  # mine\n"
    check_ended(world.journal.records, session.state)


async def test_what_it_wrote_itself_it_knows_unless_it_was_changed_in_between() -> None:
    plays = [
        READ,
        replace_all(),
        edit("e1", "3", "4"),
        edit("e2", "4", "5"),
        says(call("write", "w2", path="a.py", content="x = 6\n")),
        says("Ok."),
    ]
    world = World(plays, FILES, mode="accept-edits")
    session = await world.start()
    await session.prompt(Prompt("Replace."))
    await session.idle()
    assert {it.outcome for it in world.events(CallFinished)} == {"completed"}

    world = World(plays, FILES, mode="accept-edits")
    typed = iter([None, None, "y = 0\nx = 4\n"])

    def types(_: FileEdit) -> None:
        if text := next(typed, None):
            world.workspace.type("a.py", text)

    world.workspace.before_apply = types
    session = await world.start()
    await session.prompt(Prompt("Replace."))
    await session.idle()
    assert "a.py has changed since you last saw it" in told(world), (
        "the typing was in no read, although an edit went through"
    )
    assert world.workspace.text("a.py") == "y = 0\nx = 5\n"
