"""What cannot have happened is found in a journal whose chain was made anew; what can, is never called a fault."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from postil.core import events as ev
from postil.core.events import Durable, FileChanged, PermissionDecided
from postil.journal.audit import verify
from tests.support.golden import SESSIONS
from tests.support.golden_parts import begin, call, prompt, replied, routed
from tests.support.kept_journal import Kept, first

EDITED = SESSIONS["edit_and_shell"]
TURN = "t0001"


def place(kind: type[Durable], nth: int = 0) -> int:
    return [index for index, it in enumerate(EDITED) if isinstance(it, kind)][nth]


def without(kind: type[Durable], nth: int = 0) -> list[Durable]:
    return [it for index, it in enumerate(EDITED) if index != place(kind, nth)]


def with_other(kind: type[Durable], nth: int = 0, **fields: Any) -> list[Durable]:
    return [
        it.model_copy(update=fields) if index == place(kind, nth) else it for index, it in enumerate(EDITED)
    ]


def twice(kind: type[Durable], nth: int = 0) -> list[Durable]:
    index = place(kind, nth)
    return [*EDITED[: index + 1], EDITED[index], *EDITED[index + 1 :]]


@pytest.mark.parametrize(
    ("events", "line", "says"),
    [
        (without(ev.SessionCreated), 1, "the session was not created before it"),
        (twice(ev.SessionCreated), 2, "created a second time"),
        (with_other(ev.SessionCreated, session_id="s9"), 1, "it is of session s9"),
        (without(ev.PromptReceived), place(ev.Routed), "nobody had asked for turn t0001"),
        (twice(ev.PromptReceived), place(ev.PromptReceived) + 2, "is asked for a second time"),
        (without(ev.Routed), place(ev.ModelReplied), "before the turn starts"),
        (twice(ev.Routed), place(ev.Routed) + 2, "starts a second time"),
        (without(ev.ModelReplied), place(PermissionDecided), "the model had not asked for call call_0"),
        (with_other(ev.ModelReplied, 1, step=3), place(ev.ModelReplied, 1) + 1, "step 3 follows step 1"),
        (without(PermissionDecided), place(ev.CallStarted), "starts although nobody had decided it"),
        (without(PermissionDecided, 1), place(ev.CallStarted, 1), "starts although nobody had decided it"),
        (with_other(PermissionDecided, decision="deny"), place(ev.CallStarted) + 1, "although it was denied"),
        (without(ev.PermissionAsked), place(PermissionDecided, 1), "without having been asked"),
        (with_other(PermissionDecided, 1, fingerprint="f"), place(PermissionDecided, 1) + 1, "something else"),
        (with_other(PermissionDecided, 1, option_id="maybe"), place(PermissionDecided, 1) + 1, "no answer 'maybe'"),
        (twice(PermissionDecided, 1), place(PermissionDecided, 1) + 2, "is answered a second time"),
        (twice(ev.PermissionAsked), place(ev.PermissionAsked) + 2, "is asked a second time"),
        (with_other(ev.GrantAdded, question_id="q9"), place(ev.GrantAdded) + 1, "was never asked"),
        (without(ev.CallStarted, 1), place(FileChanged), "is changed without an intent before it"),
        (with_other(ev.CallStarted, 1, edits=()), place(FileChanged) + 1, "without an intent before it"),
        (with_other(ev.CallStarted, tool="shell"), place(ev.CallStarted) + 1, "wanted read and starts shell"),
        (with_other(FileChanged, path="/project/other"), place(FileChanged) + 1, "/project/other is changed"),
        (with_other(FileChanged, change_id="c9"), place(FileChanged) + 1, "without an intent before it"),
        (with_other(FileChanged, after=None), place(FileChanged) + 1, "is deleted against its intent"),
        (without(ev.CallStarted, 2), place(ev.ProcessStarted), "call_2, which is not running"),
        (without(ev.CallStarted), place(ev.CallFinished), "is completed and never started"),
        (without(ev.CallFinished), place(ev.ModelReplied, 1), "replies before call call_0 has ended"),
        (without(ev.CallFinished, 2), place(ev.ModelReplied, 2), "replies before call call_2 has ended"),
        (twice(ev.CallFinished), place(ev.CallFinished) + 2, "call call_0 had ended"),
        (with_other(ev.CallFinished, outcome="denied"), place(ev.CallFinished) + 1, "nobody had denied it"),
        (twice(ev.TurnEnded), place(ev.TurnEnded) + 2, "turn t0001 had ended"),
        ([*EDITED, EDITED[place(ev.CallStarted)]], len(EDITED) + 1, "turn t0001 had ended"),
        ([*EDITED, ev.QuestionAnswered(question_id="q9")], len(EDITED) + 1, "answered and was never asked"),
    ],
)  # fmt: skip
def test_what_cannot_have_happened(tmp_path: Path, events: list[Durable], line: int, says: str) -> None:
    report = Kept(tmp_path, events).check()
    assert first(report) == line
    assert any(says in it.what for it in report.faults if it.line == line), report.faults


def test_a_turn_that_ends_before_its_calls(tmp_path: Path) -> None:
    ended = next(it for it in EDITED if isinstance(it, ev.TurnEnded))
    read = replied(TURN, 1, call("c1", "read", path="a"), stop="tool_use")
    report = Kept(tmp_path, [*begin(), prompt(TURN, "Go."), routed(TURN), read, ended]).check()
    assert [(it.line, it.what) for it in report.faults] == [(6, "turn t0001 ends, and call c1 never did")]


def test_what_is_open_at_the_end_is_no_fault(tmp_path: Path) -> None:
    """A process may end anywhere; every beginning of an honest journal is one."""
    for name, events in SESSIONS.items():
        (tmp_path / name).mkdir()
        lines = Kept(tmp_path / name, events).lines
        for end in range(1, len(lines)):
            assert verify(lines[:end], lambda _: None).faults == [], (name, end)


COMPACTED = SESSIONS["compacted"]


@pytest.mark.parametrize(
    ("kind", "what"),
    [
        (ev.CompactionStarted, "compaction k0001 has not started, or has ended"),
        (ev.CompactionFailed, "compaction k0002 starts before k0001 has ended"),
    ],
)
def test_a_compaction_begins_and_ends_once(tmp_path: Path, kind: type[Durable], what: str) -> None:
    index = next(number for number, it in enumerate(COMPACTED) if isinstance(it, kind))
    report = Kept(tmp_path, [*COMPACTED[:index], *COMPACTED[index + 1 :]]).check()
    assert what in report.faults[0].what
