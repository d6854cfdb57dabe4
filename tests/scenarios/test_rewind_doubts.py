"""Going back where a crash came into an edit, and a person typed before anybody looked."""

from __future__ import annotations

from pathlib import Path

import pytest

from postil.agent.session import Session
from postil.core.changes import FileChanged
from postil.core.event import Event
from postil.core.events import CallFinished, CallStarted, Recorded
from postil.core.messages import ToolCall
from postil.core.submissions import Prompt, Resume, Target
from tests.scenarios.test_rewind import FILES, LAST, Place, edit, go_back, last_turn
from tests.support.fake_model import call, says
from tests.support.memory_journal import SimulatedCrash

EDIT = edit("plain.txt", "two\n", "TWO\n")
MADE = FILES["plain.txt"].replace(b"two\n", b"TWO\n")


async def crashed(place: Place, *, made: bool, call_id: str = "") -> None:
    """Begin the turn of a place, and let its process end around the edit of a call: after it or before it."""
    kind: type[Event] = FileChanged if made else CallStarted

    def hook(record: Recorded) -> None:
        of_it = getattr(record.event, "call_id", "") == call_id or not call_id
        if isinstance(record.event, kind) and of_it:
            raise SimulatedCrash

    session = await place.world.start()
    await session.prompt(Prompt("Hello."))
    await session.idle()
    setattr(place.world.journal, "before_append" if made else "after_append", hook)
    await session.prompt(Prompt("Do it all."))
    await session.idle()


async def gone_on(place: Place) -> Session:
    """Open the session again, and let its turn come to its end."""
    session = await place.world.reopen()
    await session.resume(Resume())
    await session.idle()
    place.check(session)
    return session


def outcomes(place: Place) -> list[str]:
    return [it.outcome for it in place.world.events(CallFinished)]


@pytest.mark.parametrize("made", [True, False], ids=["made", "not made"])
async def test_an_edit_in_doubt_is_taken_out_where_it_is_in(tmp_path: Path, made: bool) -> None:
    place = Place(tmp_path, says("Hello!"), says(EDIT), says(LAST))
    await crashed(place, made=made)
    path = tmp_path / "plain.txt"
    assert path.read_bytes() == (MADE if made else FILES["plain.txt"])
    path.write_bytes(path.read_bytes() + b"mine\n")
    session = await gone_on(place)
    assert outcomes(place) == ["unknown"]
    plan = await session.plan(last_turn(session))
    assert [(it.doing, it.path.name) for it in plan.items] == ([("merge", "plain.txt")] if made else [])
    assert plan.left == []
    rewound = await go_back(session, last_turn(session))
    assert rewound.left == ()
    assert path.read_bytes() == FILES["plain.txt"] + b"mine\n"
    place.check(session)


async def test_an_edit_in_doubt_that_nobody_can_tell_is_named(tmp_path: Path) -> None:
    place = Place(tmp_path, says("Hello!"), says(EDIT, edit("crlf.txt", "one", "1")), says(LAST))
    await crashed(place, made=True)
    (tmp_path / "plain.txt").write_bytes(b"one\nTWO and mine\nthree\n")
    session = await gone_on(place)
    question_id = await session.ask_rewind(last_turn(session), None)
    facts = session.state.workflow.questions[question_id].question.facts
    assert [(it.name, it.text) for it in facts] == [
        ("restores", "crlf.txt"),
        ("stays", "plain.txt. Nobody saw whether it was edited here, and it has changed since. Look at it."),
    ]
    rewound = await go_back(session, last_turn(session))
    assert [Path(it.path).name for it in rewound.left] == ["plain.txt"]
    assert (tmp_path / "plain.txt").read_bytes() == b"one\nTWO and mine\nthree\n"
    place.check(session)


async def test_an_edit_in_doubt_is_one_of_a_files_changes(tmp_path: Path) -> None:
    """Certain edits before and after it, the later one by a later turn of the next process."""
    first, last = edit("plain.txt", "one", "1"), edit("plain.txt", "five", "5")
    doubt = ToolCall(id="doubt", name=EDIT.name, input=EDIT.input)
    place = Place(tmp_path, says("Hello!"), says(first, doubt), says(last), says(LAST))
    await crashed(place, made=True, call_id="doubt")
    path = tmp_path / "plain.txt"
    path.write_bytes(path.read_bytes().replace(b"three\n", b"three\n\nmine\n\n"))
    session = await gone_on(place)
    assert outcomes(place) == ["completed", "unknown", "completed"]
    rewound = await go_back(session, last_turn(session))
    assert rewound.left == ()
    assert path.read_bytes() == FILES["plain.txt"].replace(b"three\n", b"three\n\nmine\n\n")
    place.check(session)


async def test_an_edit_in_doubt_is_undone_by_itself(tmp_path: Path) -> None:
    place = Place(tmp_path, says("Hello!"), says(EDIT), says(LAST))
    await crashed(place, made=True)
    path = tmp_path / "plain.txt"
    path.write_bytes(path.read_bytes() + b"mine\n")
    session = await gone_on(place)
    [change] = session.state.workflow.changes
    assert change.doubtful
    await go_back(session, Target(change_id=change.change_id), conversation=False)
    assert path.read_bytes() == FILES["plain.txt"] + b"mine\n"
    assert session.state.workflow.undone == [change.change_id]


@pytest.mark.parametrize(
    ("tool", "left"),
    [
        (call("write", path="new.txt", content="new\n"), "new.txt"),
        (call("delete", path="plain.txt"), "plain.txt"),
    ],
    ids=["creation", "deletion"],
)
async def test_a_file_that_is_another_by_now_stays(tmp_path: Path, tool: ToolCall, left: str) -> None:
    place = Place(tmp_path, says("Hello!"), says(tool), says(LAST))
    await crashed(place, made=True)
    (tmp_path / left).write_bytes(b"mine\n")
    session = await gone_on(place)
    assert outcomes(place) == ["unknown"]
    plan = await session.plan(last_turn(session))
    assert [Path(it.path).name for it in plan.left] == [left]
    await go_back(session, last_turn(session))
    assert (tmp_path / left).read_bytes() == b"mine\n"


async def test_what_a_person_removed_or_put_back_needs_nothing(tmp_path: Path) -> None:
    calls = (call("write", path="new.txt", content="new\n"),)
    place = Place(tmp_path, says("Hello!"), says(*calls), says(LAST))
    await crashed(place, made=True)
    (tmp_path / "new.txt").write_bytes(b"mine\n")
    session = await gone_on(place)
    (tmp_path / "new.txt").unlink()
    plan = await session.plan(last_turn(session))
    assert (list(plan.items), list(plan.left)) == ([], [])
