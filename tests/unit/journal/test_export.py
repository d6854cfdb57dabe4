"""Accounts of calls, and sessions as one file: the same in, the same out."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest

from postil.core import events as ev
from postil.core.events import Durable, Recorded
from postil.journal.account import ledger
from postil.journal.audit import Outside, verify
from postil.journal.codec import BadLine
from postil.journal.export import export, read_export
from tests.support.golden import SESSIONS
from tests.support.golden_parts import asked, begin, call, decided, prompt, replied, routed, started
from tests.support.kept_journal import LONG, SESSION, Kept

TURN = "t0001"


@pytest.fixture
def kept(tmp_path: Path) -> Kept:
    return Kept(tmp_path)


def test_an_account_of_each_call() -> None:
    records = [Recorded(seq, 0.0, it) for seq, it in enumerate(SESSIONS["grants_and_todo"], 1)]
    todo, ask, shell = ledger(records).accounts
    assert [it.call.name for it in (todo, ask, shell)] == ["todo", "ask_user", "shell"]
    assert [type(it.event).__name__ for it in ask.steps] == [
        "PermissionDecided", "CallStarted", "QuestionAsked", "QuestionAnswered",
    ]  # fmt: skip
    assert [it.seq for it in shell.matched] == [7]
    assert todo.matched == []
    assert (shell.mode, shell.prompted.seq, shell.routed and shell.routed.seq) == ("default", 5, 6)
    data = shell.as_data()
    assert data["wanted"] == {"tool": "shell", "input": {"command": "git status"}}
    assert data["finished"]["outcome"] == "completed"
    assert json.loads(json.dumps(data)) == data


def test_ids_that_come_again_are_other_calls() -> None:
    def step(number: int) -> list[Durable]:
        return [
            replied(TURN, number, call("c1", "read", path=str(number)), stop="tool_use"),
            decided(TURN, "c1"),
            started(TURN, "c1", "read", "read", f"Read {number}"),
            ev.CallFinished(
                turn_id=TURN, call_id="c1", tool="read", outcome="completed", content=str(number)
            ),
        ]

    events = [*begin(), prompt(TURN, "Go."), routed(TURN), *step(1), *step(2), asked(TURN, "c1", "q1", "x")]
    one, two = ledger(Recorded(seq, 0.0, it) for seq, it in enumerate(events, 1)).accounts
    assert [it.seq for it in one.steps] == [6, 7]
    assert [it.seq for it in two.steps] == [10, 11]


def test_an_export_is_the_same_session_in_one_file(kept: Kept) -> None:
    data = b"".join(export(kept.lines, kept.blob, "s0001", kept.check()))
    held = read_export(data.splitlines(keepends=True))
    assert held.lines == kept.lines
    key = hashlib.sha256(LONG.encode()).hexdigest()
    assert held.blobs == {key: LONG.encode()}
    assert (held.session_id, held.seq, held.sum) == ("s0001", len(SESSION), kept.check().sum)
    assert verify(held.lines, held.blobs.get, Outside(held.session_id)).whole
    assert all(json.loads(line) for line in data.splitlines())


def test_bytes_that_are_no_text_are_exported_too(kept: Kept) -> None:
    blob = "\ud800".encode("utf-8", "surrogatepass") * 70_000
    key = hashlib.sha256(blob).hexdigest()
    (kept.folder / "blobs" / key).write_bytes(blob)
    change = ev.EditIntent(path="a", before=None, after=key)
    (kept.folder / "more").mkdir()
    more = Kept(
        kept.folder / "more",
        [*begin(), prompt(TURN, "Go."), routed(TURN), replied(TURN, 1, call("c1", "edit"), stop="tool_use"),
         decided(TURN, "c1"), started(TURN, "c1", "edit", "edit", "Edit", "file_edit", edits=(change,))],
    )  # fmt: skip
    report = verify(more.lines, kept.blob)
    assert report.whole
    held = read_export(export(more.lines, kept.blob, "s0001", report))
    assert held.blobs == {key: blob}


def test_of_a_broken_journal_what_holds_is_exported(kept: Kept) -> None:
    lines = [*kept.lines[:6], b"#\n", *kept.lines[7:]]
    held = read_export(export(lines, kept.blob, "s0001", kept.check(lines)))
    assert (held.lines, held.seq) == (kept.lines[:6], 6)


@pytest.mark.parametrize(
    "lines",
    [
        [],
        [b"[]\n"],
        [b"not json"],
        [b'{"export": 9}\n'],
        [b'{"export": 1}\n'],
        [b'{"export":1,"session":"s","events":0,"sum":""}\n', b'{"blob":"0"}\n'],
        [b'{"export":1,"session":"s","events":0,"sum":""}\n', b'{"blob":"0","base64":"!"}\n'],
    ],
)
def test_a_file_that_is_no_export(lines: list[bytes]) -> None:
    with pytest.raises(BadLine):
        read_export(lines)
