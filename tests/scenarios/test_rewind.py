"""Going back: files to the byte, the conversation, what the person wrote in between, and no effect twice after a crash."""

from __future__ import annotations

import errno
from pathlib import Path

import pytest

from postil.agent.session import Session
from postil.core.changes import FileChanged, RewindStarted, Rewound
from postil.core.errors import ProtocolError, WriteFailed
from postil.core.events import CallFinished, QuestionAnswered, QuestionAsked, UnknownEvent
from postil.core.fold import fold
from postil.core.messages import ToolCall, UserMessage
from postil.core.submissions import Answer, Prompt, Rewind, Target
from postil.journal.invariants import Structure
from postil.workspace.files.real_disk import RealDisk
from postil.workspace.local import LocalWorkspace
from tests.support.agent_world import SteppingShell, Watch, World
from tests.support.fake_model import Pause, Play, call, says
from tests.support.memory_journal import SimulatedCrash, crash_after
from tests.unit.workspace.buffers import Buffers

FILES = {
    "plain.txt": b"one\ntwo\nthree\nfour\nfive\n",
    "crlf.txt": b"one\r\ntwo\r\nthree\r\n",
    "wide.txt": b"\xff\xfe" + "eins\nzwei\n数\n".encode("utf-16-le"),
    "odd.txt": b"caf\xe9 one\ntwo",
    "marked.py": b"\xef\xbb\xbfx = 1\ny = 2\n",
    "gone.sh": b"\xef\xbb\xbf#!/bin/sh\r\necho gone\r\n",
    "old/name.md": b"# Name\n",
}
LAST = "After all that."


def edit(path: str, old: str, new: str) -> ToolCall:
    return call("edit", path=path, edits=[{"old": old, "new": new}])


class Unsure(RealDisk):
    """A disk that, once it is `broken`, writes and cannot promise to keep it."""

    broken = False

    def sync_dir(self, path: Path) -> None:
        if self.broken:
            raise OSError(errno.EIO, "Input/output error")
        super().sync_dir(path)


class Place:
    """A folder with files, an editor, and a session that works there."""

    def __init__(self, root: Path, *plays: Play) -> None:
        self.root = root
        for name, data in FILES.items():
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            (root / name).write_bytes(data)
        (root / "gone.sh").chmod(0o751)
        self.editor = Buffers()
        self.disk = Unsure()
        self.workspace = LocalWorkspace([root], self.editor, self.disk)
        self.world = World(
            plays, mode="accept-edits", rules=("Bash(make)",), real=(self.workspace, SteppingShell())
        )

    def open(self, name: str, text: str | None = None) -> None:
        """Open a file in the editor; a text stands for what was typed and not saved."""
        self.editor.show(
            self.root / name, text if text is not None else (self.root / name).read_text("utf-8")
        )

    def tree(self) -> dict[str, tuple[bytes, int]]:
        """Return every file's bytes and mode."""
        files = (path for path in self.root.rglob("*") if path.is_file())
        return {str(it.relative_to(self.root)): (it.read_bytes(), it.stat().st_mode) for it in files}

    async def begin(self) -> Session:
        session = await self.world.start()
        for text in ("Hello.", "Do it all."):
            await session.prompt(Prompt(text))
            await session.idle()
        assert session.state.workflow.last_end is not None
        assert session.state.workflow.last_end.reason == "end_turn"
        return session

    def check(self, session: Session) -> None:
        """The journal has nothing that cannot be, and replay equals the live state."""
        structure = Structure()
        events = [it.event for it in self.world.journal.records if not isinstance(it.event, UnknownEvent)]
        faults = [it for event in events for it in structure.take(event)]
        assert faults == []
        assert fold(self.world.journal.records) == session.state


def last_turn(session: Session) -> Target:
    return Target(turn_id=session.state.workflow.marks[-1].turn_id)


async def go_back(session: Session, target: Target, *, conversation: bool = True) -> Rewound:
    plan = await session.plan(target)
    return await session.rewind(Rewind(target, plan.fingerprint, True, conversation, "test"))


TWELVE = (
    edit("plain.txt", "one", "ONE"), edit("plain.txt", "three", "THREE"), edit("plain.txt", "five\n", "five\nsix\n"),
    edit("crlf.txt", "two", "TWO"), edit("crlf.txt", "TWO\r\n", ""), edit("wide.txt", "数", "number"), edit("wide.txt", "eins", "one"),
    edit("odd.txt", "one", "uno"), edit("odd.txt", "two", "two\n"), edit("marked.py", "x = 1", "x = 2"), edit("marked.py", "y = 2\n", "y = 3\n"),
    edit("marked.py", "x = 2", "x = 3"),
    call("write", path="new/made.py", content="made\n"), call("write", path="made.txt", content=""),
    call("move", path="old/name.md", to="docs/new name.md"), call("delete", path="gone.sh"), call("shell", command="make"),
)  # fmt: skip
"""Twelve edits over five files, two creations, a rename and a deletion; and a command, which nothing takes back."""


async def test_a_turn_is_taken_back_to_the_byte_and_the_persons_edit_stays(tmp_path: Path) -> None:
    place = Place(tmp_path, says("Hello!"), says(*TWELVE[:2]), says(Pause("typing"), *TWELVE[2:]), says(LAST))
    before = place.tree()
    place.open("marked.py", "x = 1\ny = 2\n")
    place.editor.can_save = place.editor.saves = False
    session = await place.world.start()
    watch = Watch(session)
    await session.prompt(Prompt("Hello."))
    await session.idle()
    await session.prompt(Prompt("Do it all."))
    typing = place.world.model.gate("typing")
    await typing.reached.wait()
    mine = (tmp_path / "plain.txt").read_bytes().replace(b"four\n", b"mine, in between\nfour\n")
    (tmp_path / "plain.txt").write_bytes(mine)
    typing.go.set()
    unsaved = await watch.event(QuestionAsked)
    await session.answer(Answer(unsaved.question.id, "run_without"))
    await session.idle()
    assert len(place.world.events(FileChanged)) == 16
    after = place.tree()
    (tmp_path / "crlf.txt").write_bytes(b"zero\r\n" + after["crlf.txt"][0])

    target = last_turn(session)
    plan = await session.plan(target)
    assert {it.path.name: it.doing for it in plan.items} == {
        "plain.txt": "merge",
        "crlf.txt": "merge",
        "wide.txt": "restore",
        "odd.txt": "restore",
        "marked.py": "restore",
        "made.py": "remove",
        "made.txt": "remove",
        "name.md": "move_back",
        "gone.sh": "bring_back",
    }
    assert plan.left == []
    assert place.tree() | {"crlf.txt": after["crlf.txt"]} == after, "a plan touches nothing"
    rewound = await session.rewind(Rewind(target, plan.fingerprint, True, True, "test"))

    assert rewound.left == ()
    plain = FILES["plain.txt"].replace(b"four\n", b"mine, in between\nfour\n")
    expected = before | {
        "plain.txt": (plain, before["plain.txt"][1]),
        "crlf.txt": (b"zero\r\n" + FILES["crlf.txt"], before["crlf.txt"][1]),
    }
    assert place.tree() == expected
    assert place.editor.texts == {tmp_path / "marked.py": "x = 1\ny = 2\n"}
    assert [it.text for it in session.state.conversation.messages if isinstance(it, UserMessage)] == [
        "Hello."
    ]
    place.check(session)


async def test_only_the_files_and_the_model_is_told(tmp_path: Path) -> None:
    place = Place(tmp_path, says("Hello!"), says(*TWELVE), says(LAST), says("I see."))
    before = place.tree()
    session = await place.begin()
    await go_back(session, last_turn(session), conversation=False)
    assert place.tree() == before
    await session.prompt(Prompt("And now?"))
    await session.idle()
    said = place.world.model.requests[-1].messages[-2]
    assert isinstance(said, UserMessage)
    assert said.text.startswith("[The user took back changes of yours in these files; read them again")
    assert "plain.txt" in said.text
    place.check(session)


async def test_only_the_conversation(tmp_path: Path) -> None:
    place = Place(tmp_path, says("Hello!"), says(*TWELVE[:2]), says(LAST))
    session = await place.begin()
    after = place.tree()
    rewound = await session.rewind(Rewind(last_turn(session), "", False, True, "test"))
    assert rewound.outcome == "completed"
    assert place.tree() == after
    assert len(session.state.conversation.messages) == 2
    assert [it.title for it in session.state.workflow.marks] == ["Hello."]
    place.check(session)


async def test_what_went_back_can_come_back_again(tmp_path: Path) -> None:
    """A rewind is made of changes itself; undoing it gives the turn's work back."""
    place = Place(tmp_path, says("Hello!"), says(*TWELVE), says(LAST))
    session = await place.begin()
    after = place.tree()
    target = last_turn(session)
    await go_back(session, target, conversation=False)
    (started,) = place.world.events(RewindStarted)
    again = await session.undo(Target(change_id=started.change_id), None, "test")
    assert again is not None
    assert again.left == ()
    assert place.tree() == after
    await go_back(session, target)
    assert place.tree()["gone.sh"] == (FILES["gone.sh"], 0o100751)
    place.check(session)


async def test_one_change_is_undone(tmp_path: Path) -> None:
    place = Place(tmp_path, says("Hello!"), says(*TWELVE[:2], TWELVE[15]), says(LAST))
    session = await place.begin()
    first, _, deletion = place.world.events(FileChanged)
    await session.undo(Target(change_id=deletion.change_id), None, "test")
    assert place.tree()["gone.sh"] == (FILES["gone.sh"], 0o100751)
    # Another change of ours came after the first, in the same file: that one stays, and a person is asked.
    assert await session.undo(Target(change_id=first.change_id), None, "test") is None
    (asked,) = place.world.events(QuestionAsked)
    assert asked.question.title == "Undo this change?"
    assert [(it.name, it.text) for it in asked.question.facts] == [("takes out of", "plain.txt")]
    await session.answer(Answer(asked.question.id, "undo", face="test"))
    assert (tmp_path / "plain.txt").read_bytes() == b"one\ntwo\nTHREE\nfour\nfive\n"
    assert not session.state.workflow.questions
    place.check(session)


async def test_the_question_lists_what_it_does_and_what_it_cannot(tmp_path: Path) -> None:
    place = Place(tmp_path, says("Hello!"), says(*TWELVE), says(LAST))
    session = await place.begin()
    (tmp_path / "made.txt").write_text("mine")
    question_id = await session.ask_rewind(last_turn(session), None)
    question = session.state.workflow.questions[question_id].question
    assert question.title == "Rewind to before this turn?"
    assert question.subject == "Do it all."
    assert [(it.name, it.text) for it in question.facts] == [
        ("restores", "plain.txt"),
        ("restores", "crlf.txt"),
        ("restores", "wide.txt"),
        ("restores", "odd.txt"),
        ("restores", "marked.py"),
        ("deletes", "new/made.py"),
        ("moves back", "old/name.md"),
        ("brings back", "gone.sh"),
        ("stays", "made.txt. It was created here, and edited since."),
        ("cannot undo", "make"),
    ]
    assert [it.title for it in question.options] == [
        "Rewind files and conversation",
        "Rewind files",
        "Rewind conversation",
        "Keep",
    ]
    await session.answer(Answer(question_id, "both", face="test"))
    (rewound,) = place.world.events(Rewound)
    assert [(it.path, it.why) for it in rewound.left] == [
        (str(tmp_path / "made.txt"), "It was created here, and edited since.")
    ]
    assert (tmp_path / "made.txt").read_text() == "mine"
    place.check(session)


async def test_keep_keeps_everything(tmp_path: Path) -> None:
    place = Place(tmp_path, says("Hello!"), says(*TWELVE), says(LAST))
    session = await place.begin()
    after, messages = place.tree(), len(session.state.conversation.messages)
    question_id = await session.ask_rewind(last_turn(session), None)
    await session.answer(Answer(question_id, "keep"))
    assert (place.tree(), len(session.state.conversation.messages)) == (after, messages)
    assert not place.world.events(RewindStarted)


async def test_a_question_about_going_back_is_withdrawn_by_the_next_prompt(tmp_path: Path) -> None:
    place = Place(tmp_path, says("Hello!"), says(*TWELVE), says(LAST), says("Yes."))
    session = await place.begin()
    question_id = await session.ask_rewind(last_turn(session), None)
    await session.prompt(Prompt("Something else."))
    await session.idle()
    (answered,) = place.world.events(QuestionAnswered)
    assert (answered.question_id, answered.by) == (question_id, "withdrawn")
    with pytest.raises(ProtocolError, match="not open"):
        await session.answer(Answer(question_id, "both"))


async def test_a_list_that_is_out_of_date_is_refused(tmp_path: Path) -> None:
    place = Place(tmp_path, says("Hello!"), says(*TWELVE), says(LAST))
    session = await place.begin()
    target = last_turn(session)
    plan = await session.plan(target)
    (tmp_path / "plain.txt").write_text("all new\n")
    after = place.tree()
    with pytest.raises(ProtocolError, match="Files have changed since the list was made"):
        await session.rewind(Rewind(target, plan.fingerprint, True, True))
    assert place.tree() == after
    assert not place.world.events(RewindStarted)


@pytest.mark.parametrize("target", [Target(turn_id="turn_9"), Target(change_id="change_9")])
async def test_what_does_not_exist(tmp_path: Path, target: Target) -> None:
    place = Place(tmp_path, says("Hello!"), says("Nothing."))
    session = await place.begin()
    with pytest.raises(ProtocolError, match="There is no such"):
        await session.plan(target)


async def test_not_while_a_turn_runs(tmp_path: Path) -> None:
    place = Place(tmp_path, says("Hello!"), says(*TWELVE[:2]), says(Pause("wait"), LAST))
    session = await place.world.start()
    await session.prompt(Prompt("Hello."))
    await session.idle()
    await session.prompt(Prompt("Do it all."))
    gate = place.world.model.gate("wait")
    await gate.reached.wait()
    target = last_turn(session)
    with pytest.raises(ProtocolError, match=r"A turn is in progress\. Stop it first\."):
        await go_back(session, target)
    gate.go.set()
    await session.idle()
    await go_back(session, target)
    assert (tmp_path / "plain.txt").read_bytes() == FILES["plain.txt"]


async def test_unsaved_typing_in_a_document_that_would_go_stays(tmp_path: Path) -> None:
    place = Place(tmp_path, says("Hello!"), says(TWELVE[13], TWELVE[0]), says(LAST))
    session = await place.begin()
    place.open("made.txt", "typed")
    place.open("plain.txt", "ONE\ntwo\nthree\nfour\nfive\nand mine")
    await go_back(session, last_turn(session))
    assert place.editor.texts[tmp_path / "made.txt"] == "typed"
    assert place.editor.texts[tmp_path / "plain.txt"] == "one\ntwo\nthree\nfour\nfive\nand mine"
    assert (tmp_path / "made.txt").read_bytes() == b""
    (rewound,) = place.world.events(Rewound)
    assert [Path(it.path).name for it in rewound.left] == ["made.txt"]


async def test_what_a_power_cut_may_undo_is_said(tmp_path: Path) -> None:
    place = Place(tmp_path, says("Hi."), says(edit("plain.txt", "one", "1")), says("Done."))
    doubt = "The disk did not promise to keep it, so a power cut may undo it: input/output error."
    place.disk.broken = True
    session = await place.begin()
    (finished,) = place.world.events(CallFinished)
    assert finished.outcome == "completed"
    assert finished.content.splitlines()[-1] == f"plain.txt: {doubt} Tell the user."
    rewound = await go_back(session, last_turn(session))
    assert [(Path(it.path).name, it.why) for it in rewound.left] == [
        ("plain.txt", f"It was taken back. {doubt}")
    ]
    assert rewound.finished
    assert (tmp_path / "plain.txt").read_bytes() == FILES["plain.txt"]
    place.check(session)


async def test_a_full_disk_before_it_stops_everything(tmp_path: Path) -> None:
    place = Place(tmp_path, says("Hello!"), says(*TWELVE), says(LAST))
    session = await place.begin()
    after, target = place.tree(), last_turn(session)
    plan = await session.plan(target)
    place.world.journal.fail_next = WriteFailed("The disk is full.")
    with pytest.raises(WriteFailed):
        await session.rewind(Rewind(target, plan.fingerprint, True, True))
    assert place.tree() == after


HOOKS = ("before_append", "after_append")


@pytest.mark.parametrize("when", HOOKS)
@pytest.mark.parametrize("nth", range(11))
async def test_a_crash_in_the_middle_repeats_nothing_and_can_be_gone_on_with(
    tmp_path: Path, nth: int, when: str
) -> None:
    """The process ends before or after each event of a rewind; the next one looks, and going back again is exact."""
    place = Place(tmp_path, says("Hello!"), says(*TWELVE), says(LAST))
    before = place.tree()
    session = await place.begin()
    target = last_turn(session)
    plan = await session.plan(target)
    setattr(place.world.journal, when, crash_after(nth))
    with pytest.raises(SimulatedCrash):
        await session.rewind(Rewind(target, plan.fingerprint, True, True))
    at_crash = place.tree()
    again = await place.world.reopen()
    assert place.tree() == at_crash, "opening looks and touches nothing"
    assert again.state.workflow.rewind is None
    place.check(again)
    marks = [it.turn_id for it in again.state.workflow.marks]
    if target.turn_id in marks:
        await go_back(again, target)
    assert place.tree() == before
    assert len(again.state.conversation.messages) == 2
    place.check(again)
