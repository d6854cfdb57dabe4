"""Going back where files have changed names: chains, circles and cases, whatever happens on the way."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from postil.agent.session import Session
from postil.core.changes import FileChanged, Rewound
from postil.core.effects import FileChange, FileEdit
from postil.core.errors import EditRefused
from postil.core.events import UnknownEvent
from postil.core.fold import fold
from postil.core.messages import ToolCall
from postil.core.ports import Replacement
from postil.core.submissions import Prompt, Rewind, Target
from postil.journal.invariants import Structure
from postil.workspace.local import LocalWorkspace
from tests.support.agent_world import SteppingShell, World
from tests.support.fake_model import call, says
from tests.support.memory_journal import SimulatedCrash, crash_after
from tests.unit.workspace.buffers import Buffers

FILES = {
    "main.py": (b"main = 1\n", 0o644),
    "new.py": (b"\xef\xbb\xbfnew = 1\r\n", 0o755),
    "Case.txt": ("数 = 1\n".encode("utf-16-le").join((b"\xff\xfe", b"")), 0o600),
    "sub/same.py": (b"main = 1\n", 0o644),
}
NAMES = (*FILES, "case.txt", "tmp.py", "sub/main.py", "new.py.postil-back")
Tree = dict[str, tuple[bytes, int]]


def move(path: str, to: str) -> ToolCall:
    return call("move", path=path, to=to)


def edit(path: str, old: str, new: str) -> ToolCall:
    return call("edit", path=path, edits=[{"old": old, "new": new}])


CHAIN = (move("main.py", "old.py"), move("new.py", "main.py"))
SWAP = (move("main.py", "tmp.py"), move("new.py", "main.py"), move("tmp.py", "new.py"))
ROUND = (
    edit("main.py", "main = 1", "main = 2"), move("main.py", "tmp.py"), move("new.py", "main.py"), edit("main.py", "new = 1", "new = 2"),
    move("sub/same.py", "new.py"), move("tmp.py", "sub/same.py"), call("delete", path="Case.txt"), call("write", path="Case.txt", content="another\n"),
)  # fmt: skip
"""Three files in a circle, two of them edited, and one that was made anew as another kind of file."""


class Refusing(LocalWorkspace):
    """Refuses edits that come to one of these names."""

    refused: tuple[str, ...] = ()

    async def apply(self, edit: FileEdit, label: str, change_id: str) -> FileChange:
        if edit.path.name in self.refused:
            raise EditRefused("It is locked.")
        return await super().apply(edit, label, change_id)


class Typing(Buffers):
    """A person types into documents right after an edit has come."""

    def __init__(self) -> None:
        super().__init__()
        self.types: dict[Path, str] = {}

    async def replace(self, change: Replacement) -> None:
        await super().replace(change)
        self.texts[change.path] += self.types.get(change.path, "")


class Place:
    """A folder with files, and a session that has done one turn of calls there after another of talk."""

    def __init__(self, root: Path, *calls: ToolCall) -> None:
        self.root = root
        for name, (data, mode) in FILES.items():
            (root / name).parent.mkdir(exist_ok=True)
            (root / name).write_bytes(data)
            (root / name).chmod(mode)
        self.editor = Typing()
        self.workspace = Refusing([root], self.editor)
        plays = [says("Hello!"), says(*calls), says("Done."), says("Again.")]
        self.world = World(plays, mode="accept-edits", real=(self.workspace, SteppingShell()))
        self.before = self.tree()

    def tree(self) -> Tree:
        """Return every file's bytes and mode."""
        files = (path for path in self.root.rglob("*") if path.is_file())
        return {str(it.relative_to(self.root)): (it.read_bytes(), it.stat().st_mode) for it in files}

    async def begin(self) -> Session:
        session = await self.world.start()
        for text in ("Hello.", "Do it all."):
            await session.prompt(Prompt(text))
            await session.idle()
        return session

    def check(self, session: Session) -> None:
        """The journal has nothing that cannot be, and replay equals the live state."""
        structure = Structure()
        events = [it.event for it in self.world.journal.records if not isinstance(it.event, UnknownEvent)]
        assert [it for event in events for it in structure.take(event)] == []
        assert fold(self.world.journal.records) == session.state


def last_turn(session: Session) -> Target:
    return Target(turn_id=session.state.workflow.marks[-1].turn_id)


def marks(session: Session) -> list[str]:
    return [it.title for it in session.state.workflow.marks]


async def go_back(session: Session) -> Rewound:
    target = last_turn(session)
    plan = await session.plan(target)
    return await session.rewind(Rewind(target, plan.fingerprint, True, True, "test"))


@pytest.mark.parametrize("calls", [CHAIN, SWAP, ROUND], ids=["chain", "swap", "round"])
async def test_files_get_their_names_back_and_can_lose_them_again(
    tmp_path: Path, calls: tuple[ToolCall, ...]
) -> None:
    place = Place(tmp_path, *calls)
    session = await place.begin()
    after = place.tree()
    assert after.keys() != place.before.keys() or after != place.before
    rewound = await go_back(session)
    assert (rewound.left, rewound.finished) == ((), True)
    assert place.tree() == place.before
    assert marks(session) == ["Hello."]
    again = await session.undo(Target(change_id=place.world.events(FileChanged)[-1].change_id), None, "test")
    assert again is not None
    assert again.left == ()
    assert {name: data for name, (data, _) in place.tree().items()} == {
        name: data for name, (data, _) in after.items()
    }
    place.check(session)


async def test_what_cannot_get_its_name_back_is_said_first(tmp_path: Path) -> None:
    """The person has taken a name meanwhile: what waits for it stays, and what waits for that."""
    place = Place(tmp_path, *CHAIN, edit("sub/same.py", "= 1", "= 2"))
    session = await place.begin()
    (tmp_path / "new.py").write_text("mine\n")
    plan = await session.plan(last_turn(session))
    assert [(it.doing, it.path.name) for it in plan.items] == [("restore", "same.py")]
    assert {Path(it.path).name: it.why for it in plan.left} == {
        "main.py": "There is a file again.",
        "old.py": "Another file has its name.",
    }
    rewound = await go_back(session)
    assert rewound.finished, "the list had said that these stay"
    assert marks(session) == ["Hello."]
    # What stayed can still be undone, once the name is free.
    first, second, third = (it.change_id for it in session.state.workflow.changes[:3])
    assert session.state.workflow.undone == [third]
    (tmp_path / "new.py").unlink()
    for change_id in (second, first):
        undone = await session.undo(Target(change_id=change_id), None, "test")
        assert undone is not None
        assert undone.left == ()
    assert place.tree() == place.before
    place.check(session)


async def test_while_something_promised_stays_there_is_a_turn_to_go_back_to(tmp_path: Path) -> None:
    place = Place(tmp_path, *SWAP, edit("sub/same.py", "= 1", "= 2"))
    session = await place.begin()
    messages = len(session.state.conversation.messages)
    place.workspace.refused = ("main.py",)
    rewound = await go_back(session)
    assert not rewound.finished
    assert {Path(it.path).name: it.why for it in rewound.left}["new.py.postil-back"] == "It is locked."
    assert rewound.note.startswith("[The user took back changes of yours")
    assert marks(session) == ["Hello.", "Do it all."]
    assert len(session.state.conversation.messages) == messages + 1
    ids = [it.change_id for it in session.state.workflow.changes if it.rewind_id is None]
    assert session.state.workflow.undone == [ids[1], ids[-1]]
    place.check(session)
    place.workspace.refused = ()
    rewound = await go_back(session)
    assert (rewound.left, rewound.finished) == ((), True)
    assert place.tree() == place.before
    assert marks(session) == ["Hello."]
    assert set(session.state.workflow.undone) >= set(ids)
    place.check(session)


async def test_a_change_that_was_left_alone_can_still_be_undone(tmp_path: Path) -> None:
    place = Place(tmp_path, edit("main.py", "main = 1", "main = 2"), edit("new.py", "= 1", "= 2"))
    session = await place.begin()
    (tmp_path / "main.py").write_text("main = 2 mine\n")
    rewound = await go_back(session)
    assert [it.why for it in rewound.left] == ["The same lines were edited since."]
    left, undone = (it.change_id for it in session.state.workflow.changes[:2])
    assert session.state.workflow.undone == [undone]
    (tmp_path / "main.py").write_text("main = 2\n")
    await session.undo(Target(change_id=left), None, "test")
    assert place.tree() == place.before


async def test_what_was_typed_in_the_last_moment_is_not_saved(tmp_path: Path) -> None:
    place = Place(
        tmp_path, edit("main.py", "main = 1", "main = 2"), edit("sub/same.py", "main = 1", "main = 2")
    )
    session = await place.begin()
    main, same = tmp_path / "main.py", tmp_path / "sub/same.py"
    place.editor.show(main, main.read_text())
    place.editor.show(same, same.read_text())
    place.editor.types = {main: "# typed\n"}
    rewound = await go_back(session)
    assert place.editor.texts == {main: "main = 1\n# typed\n", same: "main = 1\n"}
    assert same.read_text() == "main = 1\n", "what was saved before is saved again"
    assert main.read_text() == "main = 2\n", "what was typed is not"
    assert [(it.path, it.why) for it in rewound.left] == [
        (str(main), "It was taken back, but is not saved: it was typed in meanwhile.")
    ]
    assert rewound.finished
    place.check(session)


HOOKS = ("before_append", "after_append")


@pytest.mark.parametrize("when", HOOKS)
@pytest.mark.parametrize("nth", range(9))
async def test_a_crash_while_files_change_places(tmp_path: Path, nth: int, when: str) -> None:
    """The process ends before or after each event of a rewind; the next one looks, and going back again is exact."""
    place = Place(tmp_path, *ROUND)
    session = await place.begin()
    assert len((await session.plan(last_turn(session))).edits) == 7, "and an event before them, and one after"
    await crash_and_go_back(place, session, when, nth)


async def crash_and_go_back(place: Place, session: Session, when: str, nth: int) -> None:
    setattr(place.world.journal, when, crash_after(nth))
    with suppress(SimulatedCrash):
        await go_back(session)
    at_crash = place.tree()
    again = await place.world.reopen()
    assert place.tree() == at_crash, "opening looks and touches nothing"
    place.check(again)
    if marks(again) != ["Hello."]:
        rewound = await go_back(again)
        assert (rewound.left, rewound.finished) == ((), True)
    assert place.tree() == place.before
    assert marks(again) == ["Hello."]
    assert len(again.state.conversation.messages) == 2
    assert set(again.state.workflow.undone) >= {
        it.change_id for it in again.state.workflow.changes if it.rewind_id is None
    }
    place.check(again)


def delete(path: str) -> ToolCall:
    return call("delete", path=path)


def write(path: str, content: str) -> ToolCall:
    return call("write", path=path, content=content)


_name = st.sampled_from(NAMES)
CALLS = st.lists(
    st.builds(move, _name, _name)
    | st.builds(delete, _name)
    | st.builds(write, _name, st.sampled_from(["", "a\n", "main = 1\n"]))
    | st.builds(edit, _name, st.just("= 1"), st.sampled_from(["= 2", "= 1 or 2"])),
    min_size=1,
    max_size=9,
)


@given(CALLS)
@example([move("main.py", "case.txt"), move("Case.txt", "case.txt")])
def test_going_back_is_exact_whatever_was_done(calls: list[ToolCall]) -> None:
    async def work(place: Place, session: Session) -> None:
        plan = await session.plan(last_turn(session))
        assert not plan.left
        rewound = await go_back(session)
        assert (rewound.left, rewound.finished) == ((), True)
        assert place.tree() == place.before
        place.check(session)

    in_a_folder(calls, work)


@given(CALLS, st.sampled_from(HOOKS), st.integers(0, 12))
@settings(max_examples=60)
def test_going_back_again_is_exact_wherever_it_was_interrupted(
    calls: list[ToolCall], when: str, nth: int
) -> None:
    in_a_folder(calls, lambda place, session: crash_and_go_back(place, session, when, nth))


def in_a_folder(calls: list[ToolCall], work: Callable[[Place, Session], Coroutine[Any, Any, None]]) -> None:
    async def run(place: Place) -> None:
        await work(place, await place.begin())

    with TemporaryDirectory() as folder:
        place = Place(Path(folder).resolve(), *calls)
        try:
            asyncio.run(run(place))
        finally:
            place.workspace.close()
