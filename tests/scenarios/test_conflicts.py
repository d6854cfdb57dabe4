"""Commands that change files which are open: clean documents follow the disk, dirty ones are a question."""

from __future__ import annotations

import asyncio

import pytest

from postil.agent.session import Session
from postil.core.effects import Command, text_hash
from postil.core.errors import WriteFailed
from postil.core.events import (
    CallFinished,
    CallStarted,
    FileChanged,
    QuestionAnswered,
    QuestionAsked,
    TurnEnded,
)
from postil.core.messages import ToolMessage
from postil.core.ports import ShellResult
from postil.core.submissions import Answer, Cancel, Close, Prompt, Resume, Rewind, Target
from tests.support.agent_checks import check_answers, check_ended
from tests.support.agent_world import Watch, World
from tests.support.fake_model import call, says
from tests.support.memory_shell import ended

FILES = {"a.py": "a = 1\n", "b.py": "b = 1\n"}
MINE = "typed = 1\n"
KEPT = "the user kept the unsaved text"


def new_world(*typed: str, interactive: bool = True) -> World:
    """A world whose `format` changes both files on disk, while the person types in some of them."""
    plays = [says(call("shell", "s1", command="format")), says("Ok.")]
    world = World(plays, FILES, interactive=interactive, rules=("Bash(format)",))
    for name in typed:
        world.workspace.open(name)
        world.workspace.unsavable.add(world.workspace.at(name))

    async def formats(_: Command) -> ShellResult:
        for name in typed:
            world.workspace.type(name, MINE)
        for name in FILES:
            path = world.workspace.at(name)
            world.workspace.disk[path] = f"{world.workspace.disk[path]}# formatted\n"
        return ended("2 files formatted\n")

    world.shell.answers["format"] = formats
    return world


async def begun(world: World) -> tuple[Session, Watch]:
    session = await world.start()
    watch = Watch(session)
    await session.prompt(Prompt("Go."))
    return session, watch


async def conflict(watch: Watch, name: str = "a.py") -> QuestionAsked:
    return await watch.event(QuestionAsked, lambda it: it.question.subject.endswith(name))


def told(world: World) -> str:
    """Return what the model was told of the last calls."""
    last = world.model.requests[-1].messages[-1]
    assert isinstance(last, ToolMessage)
    return "\n".join(result.content for result in last.ordered)


async def test_take_disk_puts_its_text_into_the_document_in_one_labelled_step() -> None:
    world = new_world("a.py")
    session, watch = await begun(world)
    asked = await conflict(watch)
    assert (asked.question.kind, [it.title for it in asked.question.options]) == (
        "conflict",
        ["Keep mine", "Take disk"],
    )
    assert "-typed = 1" in asked.question.diff
    assert "+# formatted" in asked.question.diff
    assert world.workspace.text("a.py") == MINE
    await session.answer(Answer(asked.question.id, "take_disk"))
    await session.idle()
    assert world.workspace.buffers[world.workspace.at("a.py")] == "a = 1\n# formatted\n"
    [(_, label, _)] = world.workspace.applied
    assert label == "Take the disk's text of a.py"
    assert "2 files formatted" in told(world)
    assert "a.py: the user took the disk's text" in told(world)
    [answered] = world.events(QuestionAnswered)
    assert (answered.option_id, answered.by) == ("take_disk", "person")
    check_ended(world.journal.records, session.state)


async def test_the_text_that_was_given_up_is_on_record_and_comes_back() -> None:
    world = new_world("a.py")
    session, watch = await begun(world)
    asked = await conflict(watch)
    await session.answer(Answer(asked.question.id, "take_disk"))
    await session.idle()
    _, intent = world.events(CallStarted)
    [change] = world.events(FileChanged)
    assert (intent.effect_class, intent.command) == ("file_edit", None)
    assert [(it.before, it.after) for it in intent.edits] == [(change.before, change.after)]
    assert (change.before, change.change_id) == (text_hash(MINE), intent.change_id)
    taken = Target(change_id=change.change_id)
    plan = await session.plan(taken)
    await session.rewind(Rewind(taken, plan.fingerprint))
    assert world.workspace.text("a.py") == MINE
    check_ended(world.journal.records, session.state)


@pytest.mark.parametrize("stopped", [False, True])
async def test_a_crash_while_the_disks_text_is_taken_is_settled_by_looking(stopped: bool) -> None:
    world = new_world("a.py")
    session, watch = await begun(world)
    asked = await conflict(watch)
    lost = WriteFailed("The journal cannot be written.")
    world.workspace.on_effect = lambda _: setattr(world.journal, "fail_next", lost)
    await session.answer(Answer(asked.question.id, "take_disk"))
    await session.idle()
    assert not world.events(FileChanged)
    world.workspace.on_effect = None
    session = await world.reopen()
    await (session.cancel(Cancel()) if stopped else session.resume(Resume("test")))
    await session.idle()
    [change] = world.events(FileChanged)
    assert change.before == text_hash(MINE)
    assert len(world.workspace.applied) == 1
    check_ended(world.journal.records, session.state)


async def test_each_file_is_a_question_of_its_own_and_keep_mine_changes_nothing() -> None:
    world = new_world(*FILES)
    session, watch = await begun(world)
    first, second = await conflict(watch, "a.py"), await conflict(watch, "b.py")
    await session.answer(Answer(second.question.id, "keep_mine"))
    assert not world.events(CallFinished)
    await session.answer(Answer(first.question.id, "keep_mine"))
    await session.idle()
    assert world.workspace.applied == []
    assert {it.name: text for it, text in world.workspace.buffers.items()} == dict.fromkeys(FILES, MINE)
    assert told(world).count(KEPT) == 2
    check_ended(world.journal.records, session.state)
    check_answers(world.journal.records)


async def test_a_clean_document_is_no_question_and_the_next_edit_is_of_the_new_text() -> None:
    world = new_world()
    edit = says(call("edit", "e1", path="a.py", edits=[{"old": "# formatted", "new": "# tidy"}]))
    world.model.plays[1:1] = [edit]
    world.mode = "accept-edits"
    world.workspace.open("a.py")
    session, _ = await begun(world)
    await session.idle()
    assert not world.events(QuestionAsked)
    shell, edit = world.events(CallFinished)
    assert "Changed on disk: a.py. It is open; `read` gives the new text." in shell.content
    assert edit.outcome == "completed"
    assert world.workspace.disk[world.workspace.at("a.py")] == "a = 1\n# tidy\n"
    assert world.workspace.saved == []


@pytest.mark.parametrize("how", ["saved", "closed"])
async def test_what_the_person_does_to_the_document_settles_the_question(how: str) -> None:
    world = new_world("a.py")
    session, watch = await begun(world)
    await conflict(watch)
    world.workspace.save_by_hand("a.py") if how == "saved" else world.workspace.close("a.py")
    await session.idle()
    [answered] = world.events(QuestionAnswered)
    assert (answered.option_id, answered.by) == (None, "withdrawn")
    assert "the user has saved, reloaded or closed it since" in told(world)
    assert world.workspace.applied == []
    check_ended(world.journal.records, session.state)


async def test_with_nobody_there_the_unsaved_text_is_kept_and_the_model_told() -> None:
    world = new_world("a.py", interactive=False)
    session, _ = await begun(world)
    await session.idle()
    assert "nobody is there to choose, so the unsaved text was kept" in told(world)
    assert world.workspace.text("a.py") == MINE
    assert not world.events(QuestionAsked)


@pytest.mark.parametrize("closed", [True, False])
async def test_the_question_outlives_its_process_and_the_command_runs_once(closed: bool) -> None:
    world = new_world(*FILES)
    session, watch = await begun(world)
    first, second = await conflict(watch, "a.py"), await conflict(watch, "b.py")
    await session.answer(Answer(first.question.id, "keep_mine"))
    if closed:
        await session.close(Close("test"))
    session = await world.reopen()
    assert list(session.state.workflow.questions) == [second.question.id]
    await session.answer(Answer(second.question.id, "take_disk"))
    await session.idle()
    assert [it.line for it in world.shell.commands] == ["format"]
    assert "2 files formatted" in told(world)
    assert KEPT in told(world)
    assert "b.py: the user took the disk's text" in told(world)
    assert world.workspace.text("b.py") == "b = 1\n# formatted\n"
    assert [it.outcome for it in world.events(CallFinished)] == ["completed"]
    check_ended(world.journal.records, session.state)


async def test_an_answer_that_was_recorded_and_not_done_is_done_by_the_next_process() -> None:
    world = new_world("a.py")
    session, watch = await begun(world)
    asked = await conflict(watch)
    world.die()
    await session.answer(Answer(asked.question.id, "take_disk"))
    session = await world.reopen()
    await session.resume(Resume("test"))
    await session.idle()
    assert world.workspace.text("a.py") == "a = 1\n# formatted\n"
    assert [it.line for it in world.shell.commands] == ["format"]
    check_ended(world.journal.records, session.state)


async def test_stopping_keeps_the_text_and_what_the_command_said() -> None:
    world = new_world("a.py")
    session, watch = await begun(world)
    await conflict(watch)
    await session.cancel(Cancel())
    await session.idle()
    [finished] = world.events(CallFinished)
    assert finished.outcome == "completed"
    assert "2 files formatted" in finished.content
    assert "Stopped before it was settled" in finished.content
    assert world.workspace.text("a.py") == MINE
    assert [it.reason for it in world.events(TurnEnded)] == ["cancelled"]
    check_ended(world.journal.records, session.state)


async def test_a_command_that_is_stopped_halfway_leaves_no_old_text_to_be_read() -> None:
    world = new_world()
    path = world.workspace.at("a.py")
    started = asyncio.Event()

    async def hangs(_: Command) -> ShellResult:
        world.workspace.disk[path] = "half\n"
        started.set()
        await asyncio.Event().wait()
        raise AssertionError

    world.shell.answers["format"] = hangs
    world.workspace.open("a.py")
    session, _ = await begun(world)
    await started.wait()
    await session.cancel(Cancel())
    await session.idle()
    assert (await world.workspace.read(path)).text == "half\n"
