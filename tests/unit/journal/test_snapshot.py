"""Snapshots save time and decide nothing: whatever is wrong with one, the state is the journal's."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from postil.core import paged
from postil.core.changes import FileChanged
from postil.core.errors import Damaged
from postil.core.events import Durable, PermissionAsked, QuestionAnswered, QuestionAsked, Recorded
from postil.core.fold import apply, fold
from postil.core.question import Option, Question
from postil.core.seen import SeenPart, SeenText
from postil.core.state import State
from postil.journal.layout import JOURNAL
from postil.journal.log import Mark
from postil.journal.opening import load, load_checked
from postil.journal.snapshot import CONVERSATION, WORKFLOW, Snapshots, freeze, read_header
from postil.journal.store import SessionStore
from postil.journal.writer import SNAPSHOT_EVERY
from postil.workspace.files.real_disk import RealDisk
from tests.support.golden import SESSIONS
from tests.support.golden_parts import answered, asked, begin, call, finished, replied, routed
from tests.support.journals import Ticking, closed, prompt, write_journal


@pytest.fixture(autouse=True, params=[2, paged.PAGE])
def _page(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> None:
    monkeypatch.setattr(paged, "PAGE", request.param)


def changed(turn_id: str, call_id: str, path: str, before: str, after: str) -> FileChanged:
    return FileChanged(
        turn_id=turn_id, call_id=call_id, change_id=f"h-{after}", label="Edit", path=path,
        before=before, after=after, where="disk", added=1, removed=1,
    )  # fmt: skip


async def session(tmp_path: Path, *, more: int = 0) -> tuple[Path, list[Recorded]]:
    """A session with a snapshot before its last `more` events."""
    store = SessionStore(tmp_path / "state", clock=Ticking())
    journal = await store.create(tmp_path, "s1")
    events = [*SESSIONS["edit_and_shell"], prompt(9, "bad byte \udcff"), closed()]
    cut = len(events) - more
    records = [await journal.append(event, sync=False) for event in events[:cut]]
    assert await journal.snapshot(fold(records), force=True)
    records += [await journal.append(event, sync=False) for event in events[cut:]]
    await journal.close()
    return await store.folder("s1"), records


@pytest.mark.parametrize("more", [0, 1, 5])
async def test_opening_with_a_snapshot_is_opening_without(tmp_path: Path, more: int) -> None:
    folder, records = await session(tmp_path, more=more)
    quick, slow = load(RealDisk(), folder), load(RealDisk(), folder, use_snapshots=False)
    assert (quick.from_snapshot, slow.from_snapshot) == (True, False)
    assert quick.state == slow.state == fold(records)
    assert quick.reader.position == slow.reader.position
    assert (quick.closed, slow.closed) == (True, True)


def asked_on(call_id: str, marks: dict[str, str]) -> PermissionAsked:
    event = asked("t0001", call_id, "q0", "make")
    return event.model_copy(update={"marks": marks})


def seeing(path: str) -> list[Durable]:
    """A call that has shown a file, after an answer about that file."""
    question = Question(
        id="q1",
        kind="conflict",
        title="Which?",
        subject=path,
        options=(Option(id="mine", title="Mine", kind="choice"),),
    )
    first, second = call("c1", "read", path=path), call("c2", "shell", command="make")
    return [
        *begin(), prompt(1, "Look.").model_copy(update={"turn_id": "t0001"}), routed("t0001"), replied("t0001", 1, first, second, stop="tool_use"),
        asked_on("c2", {path: "3"}), answered("t0001", "c2", "q0", "allow_once"),
        QuestionAsked(turn_id="t0001", call_id="c2", question=question),
        QuestionAnswered(question_id="q1", option_id="mine", by="person", face="lsp"),
        finished("t0001", "c1", "read", "    1\tx", seen=(SeenPart(path=path, hash="1", first=1, last=None),)),
    ]  # fmt: skip


async def test_paths_that_are_not_utf_8_are_kept_as_they_are(tmp_path: Path) -> None:
    store = SessionStore(tmp_path / "state", clock=Ticking())
    journal = await store.create(tmp_path, "s1")
    path = "/caf\udce9/a.txt"
    records = [await journal.append(event, sync=False) for event in seeing(path)]
    state = fold(records)
    assert state.workflow.calls["c2"].choices == {"conflict": {path: "mine"}}
    assert state.workflow.calls["c2"].marks == {path: "3"}
    assert state.workflow.showing == {path: SeenText(hash="1")}
    assert await journal.snapshot(state, force=True)
    await journal.close()
    folder = await store.folder("s1")
    quick, slow = load(RealDisk(), folder), load(RealDisk(), folder, use_snapshots=False)
    assert (quick.from_snapshot, slow.from_snapshot) == (True, False)
    assert quick.state == slow.state == state


def test_a_frozen_state_does_not_see_what_comes_after() -> None:
    """Each event changes what it changes in the live state alone, whatever part of it that is."""
    events = [*seeing("/p/a.txt"), replied("t0001", 2, call("c3", "read", path="/p/a.txt"), stop="tool_use")]
    events += [changed("t0001", "c3", "/p/a.txt", "1", "2"), *seeing("/p/b.txt")[2:]]
    records = [Recorded(seq, float(seq), event) for seq, event in enumerate(events, 1)]
    state = State.empty()
    for number, record in enumerate(records):
        frozen, wanted = freeze(state), fold(records[:number])
        apply(state, record)
        assert frozen == wanted, f"{record.event.type} changed a state that was frozen before it"


async def test_what_was_long_ago_is_not_read_before_it_is_looked_at(tmp_path: Path) -> None:
    store = SessionStore(tmp_path / "state", clock=Ticking())
    journal = await store.create(tmp_path, "s1")
    events = [*begin()]
    for number in range(1, 2 * paged.PAGE + 2):
        turn = f"t{number}"
        events += [prompt(number).model_copy(update={"turn_id": turn}), routed(turn)]
        events += [changed(turn, f"c{number}", "/p/a.txt", str(number), str(number + 1))]
    records = [await journal.append(event, sync=False) for event in events]
    assert await journal.snapshot(fold(records), force=True)
    await journal.close()
    loaded = load_checked(RealDisk(), await store.folder("s1"))
    assert loaded.from_snapshot
    workflow = loaded.state.workflow
    assert (workflow.changes.unread, workflow.marks.unread) == (True, True)
    assert [it.after for it in workflow.changes.since(records[-2].seq)] == [str(2 * paged.PAGE + 2)]
    assert workflow.changes.unread
    assert loaded.state == fold(records)


def _lost(folder: Path, name: str) -> None:
    (folder / name).unlink()


def _torn(folder: Path, name: str) -> None:
    raw = (folder / name).read_bytes()
    (folder / name).write_bytes(raw[: len(raw) // 2])


def _zeros(folder: Path, name: str) -> None:
    (folder / name).write_bytes(bytes((folder / name).stat().st_size))


def _changed(key: str, value: object) -> Callable[[Path, str], None]:
    def change(folder: Path, name: str) -> None:
        first, _, rest = (folder / name).read_text().partition("\n")
        header = json.loads(first.removesuffix(",") + "}")["header"]
        header[key] = value
        head = json.dumps(header)
        check = hashlib.sha256(head.encode()).hexdigest()
        (folder / name).write_text(f'{{"header":{head},"check":"{check}",\n{rest}')

    return change


def _reformatted(folder: Path, name: str) -> None:
    (folder / name).write_text(json.dumps(json.loads((folder / name).read_bytes()), indent=1))


def _shape(folder: Path, name: str) -> None:
    text = (folder / name).read_text()
    (folder / name).write_text(text.replace('"body":{', '"body":{"invented":1,'))


@pytest.mark.parametrize("name", [CONVERSATION, WORKFLOW])
@pytest.mark.parametrize(
    "spoil",
    [
        _lost, _torn, _zeros, _shape, _reformatted, _changed("postil", "9.9"), _changed("seq", 3), _changed("sum", "0" * 32),
        _changed("start", 10), _changed("end", 10**9), _changed("surplus", 1),
    ],
)  # fmt: skip
async def test_a_snapshot_that_disagrees_is_not_believed(
    tmp_path: Path, spoil: Callable[[Path, str], None], name: str
) -> None:
    folder, records = await session(tmp_path, more=2)
    spoil(folder, name)
    loaded = load(RealDisk(), folder)
    assert not loaded.from_snapshot
    assert loaded.state == fold(records)


@pytest.mark.parametrize(
    "spoil", [_changed("postil", "9.9"), _changed("seq", 3), _changed("sum", "0" * 32), _changed("start", 10)]
)
async def test_two_that_agree_with_each_other_alone_are_not_believed(
    tmp_path: Path, spoil: Callable[[Path, str], None]
) -> None:
    folder, records = await session(tmp_path, more=2)
    spoil(folder, CONVERSATION)
    spoil(folder, WORKFLOW)
    loaded = load(RealDisk(), folder)
    assert not loaded.from_snapshot
    assert loaded.state == fold(records)


@pytest.mark.parametrize("gone", [1, 2, None], ids=["the last", "two", "all"])
async def test_events_that_a_snapshot_has_and_the_journal_has_not_are_damage(
    tmp_path: Path, gone: int | None
) -> None:
    """A snapshot is written after its events are safe: to go on without them would forget what was promised."""
    folder, records = await session(tmp_path)
    lines = (folder / JOURNAL).read_bytes().splitlines(keepends=True)
    left = len(lines) - (gone or len(lines))
    (folder / JOURNAL).write_bytes(b"".join(lines[:left]))
    loaded = load(RealDisk(), folder)
    assert not loaded.from_snapshot
    assert loaded.state == fold(records[:left])
    events = f"Event {len(lines)} is" if gone == 1 else f"Events {left + 1} to {len(lines)} are"
    assert loaded.damage == f"{events} gone from the journal's end."


@pytest.mark.parametrize("name", [CONVERSATION, WORKFLOW])
async def test_no_byte_of_a_snapshot_is_believed_that_was_not_written(tmp_path: Path, name: str) -> None:
    folder, records = await session(tmp_path, more=2)
    path, wanted = folder / name, fold(records)
    good = path.read_bytes()
    for place in [*range(0, len(good), 17), *range(1200, 1400), len(good) - 2, len(good) - 1]:
        path.write_bytes(_flipped(good, place))
        assert load(RealDisk(), folder).state == wanted, f"byte {place} of {len(good)}"
        header = read_header(RealDisk(), folder, name)
        assert header is None or header.title == "Mend the division."


async def test_a_spoilt_journal_is_told_of_whether_or_not_there_are_snapshots(tmp_path: Path) -> None:
    folder, _ = await session(tmp_path, more=2)
    store = SessionStore(tmp_path / "state", clock=Ticking())
    path, held = folder / JOURNAL, {name: (folder / name).read_bytes() for name in (CONVERSATION, WORKFLOW)}
    good = path.read_bytes()
    header = read_header(RealDisk(), folder)
    assert header is not None
    for place in [*range(0, header.end, 97), header.start - 1, header.end - 2]:
        path.write_bytes(_flipped(good, place))
        for name, data in held.items():
            (folder / name).write_bytes(data)
        with_them = await _verdict(store)
        assert path.read_bytes() == _flipped(good, place), "it is not written"
        for name in held:
            (folder / name).unlink()
        assert with_them == await _verdict(store), f"byte {place} of {len(good)}"
        assert with_them[0].startswith(("Event ", "The journal")), f"byte {place} of {len(good)}"


async def test_a_long_text_that_is_gone_is_told_of_whether_or_not_there_are_snapshots(tmp_path: Path) -> None:
    store = SessionStore(tmp_path / "state", clock=Ticking())
    journal = await store.create(tmp_path, "s1")
    events = [*SESSIONS["simple"], prompt(9, "long " * 20_000), closed()]
    records = [await journal.append(event, sync=False) for event in events]
    assert await journal.snapshot(fold(records), force=True)
    await journal.close()
    folder = await store.folder("s1")
    assert load_checked(RealDisk(), folder).from_snapshot
    for blob in (folder / "blobs").iterdir():
        blob.unlink()
    assert not load_checked(RealDisk(), folder).from_snapshot


async def _verdict(store: SessionStore) -> tuple[str, State]:
    """Return why a session cannot be written to, and what can be read of it."""
    with pytest.raises(Damaged) as caught:
        await store.open("s1")
    state, _, report = await store.view("s1")
    assert report.damage == caught.value.message
    return caught.value.message, state


def _flipped(data: bytes, place: int) -> bytes:
    return data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :]


async def test_the_projections_are_separate(tmp_path: Path) -> None:
    folder, _ = await session(tmp_path)
    conversation = json.loads((folder / CONVERSATION).read_bytes())
    workflow = json.loads((folder / WORKFLOW).read_bytes())
    assert conversation["body"].keys() == {"rest", "messages"}
    assert conversation["body"]["rest"].keys() == {"faded", "compactions"}
    assert workflow["body"].keys() == {"rest", "changes", "marks", "decisions"}
    assert "messages" not in workflow["body"]["rest"]
    assert conversation["header"] == workflow["header"]
    header = read_header(RealDisk(), folder)
    assert header is not None
    assert (header.title, header.turns, header.closed) == ("Mend the division.", 2, True)


async def test_a_snapshot_is_written_when_enough_has_happened(tmp_path: Path) -> None:
    store = SessionStore(tmp_path / "state", clock=Ticking())
    journal = await store.create(tmp_path, "s1")
    state, written = State.empty(), list[int]()
    for number in range(1, 2 * SNAPSHOT_EVERY + 10):
        fold([await journal.append(prompt(number), sync=False)], state)
        if await journal.snapshot(state):
            written.append(number)
    assert written == [SNAPSHOT_EVERY, 2 * SNAPSHOT_EVERY]
    assert await journal.snapshot(state, force=True)
    assert not await journal.snapshot(State.empty(), force=True), (
        "the state of no event that was written here"
    )
    await journal.close()


def test_what_is_saved_again_and_again_is_the_state(tmp_path: Path) -> None:
    """Pages that were written before are not made anew, and what has grown or was cut since is not what they were."""
    records = write_journal(tmp_path / JOURNAL, [*SESSIONS["edit_and_shell"], *SESSIONS["rewound"][2:]])
    lines = (tmp_path / JOURNAL).read_bytes().splitlines(keepends=True)
    snapshots, state, start = Snapshots(RealDisk(), tmp_path, tmp_path / JOURNAL), State.empty(), 0
    for record, line in zip(records, lines, strict=True):
        apply(state, record)
        mark = Mark(record.seq, json.loads(line)["sum"], start, start + len(line))
        start = mark.end
        assert snapshots.save(state, mark)
        found = Snapshots(RealDisk(), tmp_path, tmp_path / JOURNAL).load()
        assert found is not None
        assert found[0] == state


def test_saving_that_fails_is_no_error(tmp_path: Path) -> None:
    snapshots = Snapshots(RealDisk(), tmp_path / "missing", tmp_path / "journal")
    records = write_journal(tmp_path / "journal", SESSIONS["simple"])
    assert not snapshots.save(fold(records), Mark(1, "", 0, 0))
    assert snapshots.load() is None
