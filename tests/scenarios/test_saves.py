"""Where the editor saves for nobody: a command waits for the person to save, and goes on by itself."""

from __future__ import annotations

from postil.agent.session import Session
from postil.core.events import CallFinished, PermissionAsked, QuestionAnswered, QuestionAsked
from postil.core.outlook import Outlook
from postil.core.submissions import Answer, Cancel, Close, Prompt
from tests.support.agent_checks import check_answers, check_ended
from tests.support.agent_world import Watch, World
from tests.support.fake_model import Play, call, says

FILES = {"a.py": "a = 1\n", "b.py": "b = 1\n"}
SAW = "Not saved, so the command saw older text of: a.py."


def run(command: str, call_id: str = "s1") -> Play:
    return says(call("shell", call_id, command=command))


def new_world(*plays: Play, interactive: bool = True, rules: tuple[str, ...] = ("Bash(make)",)) -> World:
    """A world in which `a.py` has unsaved text, and the editor does not save."""
    world = World([*(plays or [run("make")]), says("Ok.")], FILES, interactive=interactive, rules=rules)
    world.workspace.can_save = False
    world.workspace.type("a.py", "typed\n")
    return world


async def waiting(world: World) -> tuple[Session, Watch, QuestionAsked]:
    """Begin, up to the question."""
    session = await world.start()
    watch = Watch(session)
    await session.prompt(Prompt("Build."))
    return session, watch, await watch.event(QuestionAsked)


async def test_the_command_runs_by_itself_once_everything_is_saved() -> None:
    world = new_world()
    world.workspace.type("b.py", "typed\n")
    session, _, asked = await waiting(world)
    question = asked.question
    assert (question.kind, question.subject) == ("save", "a.py, b.py")
    assert [it.title for it in question.options] == ["Run without saving", "Cancel the command"]
    world.workspace.save_by_hand("a.py")
    assert world.shell.commands == []
    world.workspace.save_by_hand("b.py")
    await session.idle()
    assert [it.line for it in world.shell.commands] == ["make"]
    [answered] = world.events(QuestionAnswered)
    assert (answered.by, answered.option_id) == ("withdrawn", None)
    [finished] = world.events(CallFinished)
    assert "Not saved" not in finished.content
    check_ended(world.journal.records, session.state)


async def test_running_without_saving_holds_for_these_documents_to_the_end_of_the_turn() -> None:
    world = new_world(run("make"), run("make", "s2"), says("First."), run("make", "s3"))
    session, watch, asked = await waiting(world)
    await session.answer(Answer(asked.question.id, "run_without"))
    await session.idle()
    assert [it.line for it in world.shell.commands] == ["make", "make"]
    assert all(SAW in it.content for it in world.events(CallFinished))
    assert len(world.events(QuestionAsked)) == 1
    await session.prompt(Prompt("Again."))
    again = await watch.event(QuestionAsked, lambda it: it.turn_id != asked.turn_id)
    await session.answer(Answer(again.question.id, "run_without"))
    await session.idle()
    check_ended(world.journal.records, session.state)
    check_answers(world.journal.records)


async def test_a_cancelled_command_never_runs() -> None:
    world = new_world()
    session, _, asked = await waiting(world)
    await session.answer(Answer(asked.question.id, "cancel"))
    await session.idle()
    assert world.shell.commands == []
    [finished] = world.events(CallFinished)
    assert finished.outcome == "cancelled"
    assert "are not saved" in finished.content
    check_ended(world.journal.records, session.state)


async def test_who_saves_before_allowing_is_asked_once() -> None:
    world = new_world(rules=())
    session = await world.start()
    watch = Watch(session)
    await session.prompt(Prompt("Build."))
    asked = await watch.event(PermissionAsked)
    facts = {it.name: it.text for it in asked.question.facts}
    assert facts["waits"] == "until you have saved a.py"
    world.workspace.save_by_hand("a.py")
    await session.answer(Answer(asked.question.id, "allow_once"))
    await session.idle()
    assert [it.line for it in world.shell.commands] == ["make"]
    assert not world.events(QuestionAsked)


async def test_with_nobody_there_it_runs_and_the_model_is_told() -> None:
    world = new_world(interactive=False)
    session = await world.start()
    await session.prompt(Prompt("Build."))
    await session.idle()
    [finished] = world.events(CallFinished)
    assert SAW in finished.content


async def test_the_question_outlives_its_process() -> None:
    world = new_world()
    session, _, asked = await waiting(world)
    await session.close(Close("test"))
    session = await world.reopen()
    assert list(session.state.workflow.questions) == [asked.question.id]
    await session.answer(Answer(asked.question.id, "run_without"))
    await session.idle()
    assert [it.line for it in world.shell.commands] == ["make"]
    assert len(world.events(QuestionAsked)) == 1
    check_ended(world.journal.records, session.state)


async def test_stopping_ends_the_wait() -> None:
    world = new_world()
    session, _, _ = await waiting(world)
    await session.cancel(Cancel())
    await session.idle()
    assert world.shell.commands == []
    assert [it.outcome for it in world.events(CallFinished)] == ["not_run"]
    check_ended(world.journal.records, session.state)


def shown_world(*plays: Play, rules: tuple[str, ...] = ("Bash(make)",)) -> World:
    """The same where the sandbox can lay unsaved text over files."""
    world = new_world(*plays, rules=rules)
    world.shell.seen = Outlook("bubblewrap", lays_over=True)
    return world


async def test_a_command_can_see_what_is_on_the_screen_and_so_do_later_ones_of_the_turn() -> None:
    world = shown_world(run("make"), run("make", "s2"))
    session, _, asked = await waiting(world)
    assert [it.title for it in asked.question.options] == [
        "Run with what is on the screen",
        "Run without saving",
        "Cancel the command",
    ]
    await session.answer(Answer(asked.question.id, "run_as_shown"))
    await session.idle()
    assert [[(it.path.name, it.data) for it in command.laid] for command in world.shell.commands] == [
        [("a.py", b"typed\n")],
        [("a.py", b"typed\n")],
    ]
    assert world.workspace.saved == []
    for finished in world.events(CallFinished):
        assert "[Seen with its unsaved text, which was not saved: a.py.]" in finished.content
    assert len(world.events(QuestionAsked)) == 1
    check_ended(world.journal.records, session.state)


async def test_what_runs_outside_the_sandbox_cannot() -> None:
    world = shown_world()
    world.shell.seen = Outlook(why_outside="there is none on this machine", lays_over=True)
    session, _, asked = await waiting(world)
    assert [it.id for it in asked.question.options] == ["run_without", "cancel"]
    await session.answer(Answer(asked.question.id, "run_without"))
    await session.idle()
    assert [it.laid for it in world.shell.commands] == [()]


async def test_what_runs_unasked_sees_the_screen_whatever_the_editor_can_do() -> None:
    for can_save in (True, False):
        world = shown_world(run("cat a.py"))
        world.workspace.can_save = can_save
        session = await world.start()
        await session.prompt(Prompt("Look."))
        await session.idle()
        assert [[it.data for it in command.laid] for command in world.shell.commands] == [[b"typed\n"]]
        assert world.workspace.saved == []
        [finished] = world.events(CallFinished)
        assert "Seen with its unsaved text, which was not saved: a.py." in finished.content


async def test_a_document_without_a_file_is_told_as_not_seen() -> None:
    world = shown_world(run("cat a.py"))
    world.workspace.type("new.py", "typed\n")
    session = await world.start()
    await session.prompt(Prompt("Look."))
    await session.idle()
    [finished] = world.events(CallFinished)
    assert "Not saved, so the command saw older text of: new.py." in finished.content
    assert [[it.path.name for it in command.laid] for command in world.shell.commands] == [["a.py"]]
