"""A command that is known only to read runs unasked, with nothing that it could write by; anything else is asked about."""

import pytest

from postil.core.events import CallFinished, PermissionAsked, PermissionDecided, QuestionAsked
from postil.core.submissions import Answer, Prompt
from tests.support.agent_checks import check_ended
from tests.support.agent_world import Watch, World
from tests.support.fake_model import call, says

FILES = {"a.py": "a = 1\n"}


def new_world(command: str, *, interactive: bool = True, rules: tuple[str, ...] = ()) -> World:
    plays = [says(call("shell", "s1", command=command)), says("Ok.")]
    return World(plays, FILES, interactive=interactive, rules=rules)


@pytest.mark.parametrize("interactive", [True, False])
async def test_what_only_reads_runs_unasked_and_is_told_so_to_the_shell(*, interactive: bool) -> None:
    world = new_world("grep -n a a.py | head -3", interactive=interactive)
    session = await world.start()
    await session.prompt(Prompt("Look."))
    await session.idle()
    assert not world.events(PermissionAsked)
    [decided] = world.events(PermissionDecided)
    assert (decided.decision, decided.by, decided.why) == ("allow", "rule", "it only reads")
    assert [it.only_reads for it in world.shell.commands] == [True]
    check_ended(world.journal.records, session.state)


async def test_nobody_waits_or_saves_for_what_only_reads() -> None:
    world = new_world("cat a.py")
    world.workspace.can_save = False
    world.workspace.type("a.py", "typed\n")
    session = await world.start()
    await session.prompt(Prompt("Look."))
    await session.idle()
    assert not world.events(QuestionAsked)
    [finished] = world.events(CallFinished)
    assert "Not saved, so the command saw older text of: a.py." in finished.content


async def test_our_own_edits_are_saved_for_what_only_reads_and_the_typing_of_a_person_is_not() -> None:
    change = call("edit", "e1", path="b.py", edits=[{"old": "b = 1", "new": "b = 2"}])
    plays = [says(change), says(call("shell", "s1", command="cat a.py b.py")), says("Ok.")]
    world = World(plays, FILES | {"b.py": "b = 1\n"}, rules=("Edit",))
    world.workspace.type("a.py", "typed\n")
    world.workspace.type("b.py", "b = 1\n")
    session = await world.start()
    await session.prompt(Prompt("Change and look."))
    await session.idle()
    assert not world.events(PermissionAsked)
    assert [it.line for it in world.shell.commands] == ["cat a.py b.py"]
    assert [it.name for it in world.workspace.saved] == ["b.py"]
    assert "Left unsaved, because the user is typing there: a.py." in world.events(CallFinished)[-1].content


@pytest.mark.parametrize("command", ["touch b", "cat ../x", "ls > b", "cat .env", "ls; make", "sudo ls"])
async def test_anything_else_is_asked_about_and_then_is_no_reading(command: str) -> None:
    world = new_world(command)
    session = await world.start()
    watch = Watch(session)
    await session.prompt(Prompt("Do."))
    asked = await watch.event(PermissionAsked)
    assert asked.question.subject == command
    await session.answer(Answer(asked.question.id, "allow_once"))
    await session.idle()
    assert [it.only_reads for it in world.shell.commands] == [False]


async def test_what_is_denied_stays_so_whatever_allows_it() -> None:
    world = new_world("rm -rf ~", rules=("Bash",))
    session = await world.start()
    await session.prompt(Prompt("Do."))
    await session.idle()
    assert world.shell.commands == []
    [finished] = world.events(CallFinished)
    assert finished.outcome == "denied"
