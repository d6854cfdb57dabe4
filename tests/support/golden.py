"""The sessions of `tests/golden`, event by event. `UPDATE_GOLDEN=1 pytest tests/unit/journal` writes their files."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from postil.core import events as ev
from postil.core.compaction import FadedResult
from postil.core.effects import FileForm, TodoItem
from postil.core.ephemeral import (
    CallProgress,
    ModelRetrying,
    SessionHalted,
    StageChanged,
    TextDelta,
    ThinkingDelta,
)
from postil.core.event import Event
from postil.core.event_codec import decode_durable, encode
from postil.core.lost import Lost
from postil.core.messages import Text, Thinking, ToolCall, Usage
from postil.core.origin import Source
from postil.core.question import Anchor, Option, PromptContext, Question
from postil.core.seen import SeenPart
from postil.core.spending import Allowance, Raise, Spent
from tests.support.golden_delegated import delegated
from tests.support.golden_findings import findings
from tests.support.golden_hooks import hooked, skilled
from tests.support.golden_parts import (
    AFTER,
    BEFORE,
    DIFF,
    MODEL,
    agent_type,
    answered,
    asked,
    begin,
    call,
    configuration,
    decided,
    edited,
    ended,
    finished,
    model_called,
    prompt,
    remembered,
    replied,
    routed,
    shell_started,
    started,
)  # fmt: skip
from tests.support.golden_verified import verified
from tests.support.golden_waiting import renamed, waited

PROJECT = Source(origin="workspace", name="/project")
FOLDER = Path(__file__).parent.parent / "golden"


def dump(value: Any) -> str:
    return json.dumps(value, ensure_ascii=True, sort_keys=True, separators=(",", ":"))


def event_lines(events: list[ev.Durable]) -> str:
    """Return the lines of a golden event file: one event a second from a fixed time on."""
    lines = [
        dump({"seq": seq, "at": 1_800_000_000.0 + seq, "event": encode(event)})
        for seq, event in enumerate(events, 1)
    ]
    return "\n".join(lines) + "\n"


def read_events(path: Path) -> Iterator[ev.Recorded]:
    for line in path.read_text("ascii").splitlines():
        data = json.loads(line)
        yield ev.Recorded(data["seq"], data["at"], decode_durable(data["event"]))


def simple() -> list[ev.Durable]:
    return [
        *begin(), prompt("t0001", "What does this project do?"), routed("t0001"),
        replied("t0001", 1, Text(text="It computes statistics. \U0001f4c8 Zahlen: é, 数.")),
        ended("t0001", cost=0.0125), ev.SessionClosed(reason="the editor closed"),
    ]  # fmt: skip


def edit_and_shell() -> list[ev.Durable]:
    turn = "t0001"
    anchor = Anchor(uri="file:///project/stats.py", line=0, end_line=0, end_character=20)
    selection = PromptContext(
        kind="selection", path="stats.py", text="return total / count", first_line=1, last_line=1
    )
    thinking = Thinking(text="Zero.", raw={"type": "thinking", "thinking": "Zero.", "signature": "c2ln"})
    edit = call("call_1", "edit", path="stats.py", edits=[{"old": "count", "new": "max(count, 1)"}])
    return [
        *begin(),
        prompt(turn, "Mend the division.\nThe test fails.", context=(selection,), anchor=anchor),
        routed(turn),
        replied(turn, 1, thinking, Text(text="I look first."), call("call_0", "read", path="stats.py"), stop="tool_use"),
        decided(turn, "call_0"),
        started(turn, "call_0", "read", "read", "Read stats.py"),
        finished(turn, "call_0", "read", "return total / count\n"),
        replied(turn, 2, edit, call("call_2", "shell", command="pytest -q"), stop="tool_use"),
        asked(turn, "call_1", "q0001", "stats.py", diff=DIFF, anchor=anchor),
        answered(turn, "call_1", "q0001", "allow_once"),
        *edited(turn, "call_1"),
        asked(turn, "call_2", "q0002", "pytest -q"),
        ev.GrantAdded(grant_id="g0001", rule="shell(pytest *)", scope="session", question_id="q0002"),
        answered(turn, "call_2", "q0002", "allow_session"),
        *shell_started(turn, "call_2", "pytest -q"),
        finished(turn, "call_2", "shell", "1 passed\n", details={"exit_code": 0}),
        replied(turn, 3, Text(text="Mended; the test passes."), cost=None),
        ended(turn, steps=3, cost=None),
    ]  # fmt: skip


def denied() -> list[ev.Durable]:
    turn = "t0001"
    trust = Question(
        id="q0000", kind="trust", title="Trust this folder?", subject="/project", about=("/project",),
        options=(Option(id="trust", title="Trust this folder", kind="choice"), Option(id="restrict", title="Keep it restricted", kind="choice")),
    )  # fmt: skip
    return [
        *begin(trusted=False), prompt(turn, "Clean up."), routed(turn),
        replied(turn, 1, call("call_1", "shell", command="rm -rf build"), call("call_2", "write", path=".git/config", content=""), stop="tool_use"),
        asked(turn, "call_1", "q0001", "rm -rf build"),
        decided(turn, "call_1", "deny", "person", rule="", why="Use make clean.", question_id="q0001", option_id="reject_with_reason", face="lsp"),
        finished(turn, "call_1", "shell", "Denied by the user: Use make clean.", "denied"),
        decided(turn, "call_2", "deny", rule="protected(.git)", why="the file is protected"),
        finished(turn, "call_2", "write", "Denied: the file is protected.", "denied"),
        replied(turn, 2, call("call_3", "shell", command="make clean"), stop="tool_use"),
        decided(turn, "call_3", "deny", "nobody", rule="", why="there is nobody to ask"),
        finished(turn, "call_3", "shell", "Denied: there is nobody to ask.", "denied"),
        ev.QuestionAsked(turn_id=None, question=trust),
        ev.QuestionAnswered(question_id="q0000", option_id="trust", face="lsp"),
        configuration("default", "the workspace is trusted now"),
        replied(turn, 3, Text(text="I may not do that."), stop="refusal"),
        ended(turn, "refusal", 3),
    ]  # fmt: skip


def cancelled() -> list[ev.Durable]:
    turn = "t0001"
    calls = [
        call("call_1", "shell", command="make"),
        call("call_2", "read", path="a"),
        call("call_3", "shell", command="ls"),
    ]
    return [
        *begin(), prompt(turn, "Build it."), routed(turn), replied(turn, 1, *calls, stop="tool_use"),
        decided(turn, "call_1", rule="shell(make)", why="allowed in your settings"),
        *shell_started(turn, "call_1", "make"),
        asked(turn, "call_3", "q0001", "ls"),
        finished(turn, "call_1", "shell", "Stopped by the user. Output so far:\ncc a.c\n", "cancelled"),
        finished(turn, "call_2", "read", "Not run: the turn was stopped.", "not_run"),
        finished(turn, "call_3", "shell", "Not run: the turn was stopped.", "not_run"),
        ended(turn, "cancelled", message="Stopped by you."),
    ]  # fmt: skip


def failed_model() -> list[ev.Durable]:
    fault = ev.ModelFailed(
        turn_id="t0001", step=1, kind="overloaded", message="The model's service is overloaded.",
        mend="Try again in a minute.", attempts=5,
    )  # fmt: skip
    return [
        *begin(), prompt("t0001", "Hello?"), routed("t0001"), fault,
        ended("t0001", "failed", 0, message=fault.message, mend=fault.mend),
        prompt("t0002", "And now?"), routed("t0002"),
        replied("t0002", 1, ToolCall(id="call_1", name="read", input={}, malformed='{"path": '), stop="tool_use"),
        finished("t0002", "call_1", "read", "The input was not a JSON object.", "failed"),
        replied("t0002", 2, Text(text="Here I am."), stop="max_tokens"), ended("t0002", "max_tokens", 2),
    ]  # fmt: skip


def crash_and_resume() -> list[ev.Durable]:
    turn = "t0001"
    unknown = Question(
        id="q0001", kind="unknown", title="A command was cut off. What now?", subject="make install",
        options=(Option(id="go_on", title="Go on", kind="choice"), Option(id="stop", title="Stop", kind="choice")),
    )  # fmt: skip
    return [
        *begin(), prompt(turn, "Install it."), routed(turn),
        replied(turn, 1, call("call_1", "read", path="Makefile"), call("call_2", "shell", command="make install"), stop="tool_use"),
        decided(turn, "call_1"), started(turn, "call_1", "read", "read", "Read Makefile"),
        finished(turn, "call_1", "read", "install:\n"),
        asked(turn, "call_2", "q0000", "make install"), answered(turn, "call_2", "q0000", "allow_once"),
        *shell_started(turn, "call_2", "make install"),
        ev.JournalRepaired(dropped_bytes=57, kept_in="journal.torn-1"),
        ev.SessionResumed(face="cli", postil="0.1.0", clean=False, reason="Process 4241 ended without closing the session."),
        finished(turn, "call_2", "shell", "Whether it finished is unknown.", "unknown", sources=(PROJECT, Source(origin="network", name="example.org"))),
        ev.QuestionAsked(turn_id=turn, call_id="call_2", question=unknown),
        ev.QuestionAnswered(question_id="q0001", option_id="go_on", face="cli"),
        replied(turn, 2, Text(text="It was interrupted.")), ended(turn, "interrupted", 2),
        prompt("t0002", "Check it."), routed("t0002"), replied("t0002", 1, Text(text="It is there.")), ended("t0002"),
        ev.SessionClosed(reason="done"),
        ev.SessionResumed(face="lsp", postil="0.2.0", clean=True),
    ]  # fmt: skip


def salvaged() -> list[ev.Durable]:
    """A record is cut twice: while a question and calls are open, and then between turns; each time the model is told."""
    turn, unknown = "t0001", "Whether this was done is unknown."
    return [
        *begin(), prompt(turn, "Install it."), routed(turn),
        replied(turn, 1, call("call_1", "read", path="Makefile"), call("call_2", "shell", command="make"), call("call_3", "shell", command="make install"), stop="tool_use"),
        decided(turn, "call_1"), started(turn, "call_1", "read", "read", "Read Makefile"),
        finished(turn, "call_1", "read", "install:\n"), decided(turn, "call_2"),
        asked(turn, "call_3", "q0000", "make install"),
        ev.JournalRepaired(dropped_bytes=5700, kept_in="appendix.jsonl", lost=Lost(paths=("/project/a.py",), commands=("make",))),
        ev.SessionResumed(face="cli", postil="0.1.0", clean=False, reason="The last process ended without closing the session."),
        finished(turn, "call_2", "shell", unknown, "unknown"), finished(turn, "call_3", "shell", unknown, "unknown"),
        replied(turn, 2, Text(text="I look first.")), ended(turn, steps=2),
        ev.JournalRepaired(dropped_bytes=57, kept_in="appendix.jsonl", lost=Lost(paths=("/project/b.py", "/project/a.py"))),
        prompt("t0002", "And now?"), routed("t0002"), replied("t0002", 1, Text(text="It is there.")), ended("t0002"),
    ]  # fmt: skip


def requests() -> list[ev.Durable]:
    """The first request of a session, and one that begins otherwise after a tool was added; a limit that was raised."""
    raised = Raise(scope="session", to=Allowance(cost=4.0))
    halt = Question(
        id="q0001",
        kind="halt",
        title="Halted before the next call, at $1.88 of this session's $2.00",
        subject="It needs about $0.31.",
        about=(raised.text,),
        options=(
            Option(id="raise", title="Raise the limit and continue", kind="choice"),
            Option(id="end", title="End turn", kind="choice"),
        ),
    )
    broken = ev.ModelFailed(
        turn_id="t0002", step=1, kind="truncated", message="The reply broke off before its end.", begun=True
    )
    first = {"model": MODEL, "tools": "1111", "identity": "2222"}
    return [
        *begin(), prompt("t0001", "Hello."), routed("t0001"),
        ev.PrefixChanged(turn_id="t0001", step=1, why="the session's first request", digests=first, tools={"read": "aa"}),
        model_called("t0001", 1, 1), replied("t0001", 1, Text(text="Hello.")), ended("t0001"),
        prompt("t0002", "Again."), routed("t0002"),
        ev.PrefixChanged(
            turn_id="t0002", step=1, changed=("tools",), why="tools added: fetch",
            digests={**first, "tools": "3333"}, tools={"read": "aa", "fetch": "bb"},
        ),
        ev.QuestionAsked(turn_id="t0002", question=halt),
        ev.QuestionAnswered(question_id="q0001", option_id="raise", face="lsp"),
        model_called("t0002", 1, 2),
        ev.ModelBrokeOff(turn_id="t0002", step=1, number=2, input=1_900, most=Spent(tokens=2_924, nano=14_990_000)),
        model_called("t0002", 1, 3), broken,
        ended("t0002", "failed", 0), prompt("t0003", "Again."), routed("t0003"),
        model_called("t0003", 1, 4), replied("t0003", 1, Text(text="Hello again."), cost=0.0375), ended("t0003"),
    ]  # fmt: skip


def queued() -> list[ev.Durable]:
    return [
        *begin(), agent_type(), remembered(), prompt("t0001", "First."), routed("t0001"), prompt("t0002", "Second.\nWith more."),
        prompt("t0003", "Third."), replied("t0001", 1, Text(text="One.")), ended("t0001"),
        routed("t0002"), replied("t0002", 1, Text(text="Two."), stop="other"), ended("t0002", "max_turn_requests"),
    ]  # fmt: skip


def grants_and_todo() -> list[ev.Durable]:
    turn = "t0001"
    question = Question(
        id="q0001", kind="ask_user", title="The agent asks", subject="Which version?", free_text=True,
        options=(Option(id="1", title="3.11", kind="choice"), Option(id="2", title="3.12", kind="choice")),
    )  # fmt: skip
    items = (
        TodoItem(text="Ask", status="in_progress"),
        TodoItem(text="Do"),
        TodoItem(text="Old", status="cancelled"),
    )
    return [
        *begin(),
        ev.GrantAdded(grant_id="g0001", rule="shell(git status)", scope="workspace"),
        ev.GrantAdded(grant_id="g0002", rule="shell(ls *)", scope="session"),
        prompt(turn, "Plan it."), routed(turn),
        ev.ToolsMatched(turn_id=turn, query="python version", hits=("ask_user", "shell")),
        replied(turn, 1, call("call_1", "todo", items=[]), call("call_2", "ask_user", text="Which version?"), call("call_3", "shell", command="git status"), stop="tool_use"),
        decided(turn, "call_1"), started(turn, "call_1", "todo", "think", "Plan"),
        ev.TodoUpdated(turn_id=turn, items=items), finished(turn, "call_1", "todo", "The plan has 3 lines."),
        decided(turn, "call_2"), started(turn, "call_2", "ask_user", "other", "Ask"),
        ev.QuestionAsked(turn_id=turn, call_id="call_2", question=question),
        ev.QuestionAnswered(question_id="q0001", option_id="2", text="or later", face="lsp"),
        finished(turn, "call_2", "ask_user", "3.12\nor later", sources=(Source(origin="user"),)),
        decided(turn, "call_3", rule="shell(git status)", why="you allowed it for this workspace"),
        *shell_started(turn, "call_3", "git status"),
        finished(turn, "call_3", "shell", "clean\n", details={"exit_code": 0}),
        ev.GrantRevoked(grant_id="g0002"), configuration("plan", "mode changed by person"),
        replied(turn, 2, Text(text="Planned.")), ended(turn, "budget_exhausted", 2, message="The budget is used up."),
    ]  # fmt: skip


def rewound() -> list[ev.Durable]:
    """An edit is undone; then the session goes back to before the turn, and one file is left alone."""
    path, gone, form = (
        "/project/stats.py",
        "/project/old.py",
        FileForm(encoding="utf-16-le", mark=True, mode=0o755),
    )
    back = ev.EditIntent(path=path, before=AFTER, after=BEFORE)
    again = ev.EditIntent(path=path, before=BEFORE, after=AFTER)
    return [
        *begin(), prompt("t0001", "Hello."), routed("t0001"), replied("t0001", 1, Text(text="Hello.")), ended("t0001"),
        prompt("t0002", "Mend the division."), routed("t0002"),
        replied("t0002", 1, call("call_1", "edit", path="stats.py", edits=[]), stop="tool_use"),
        decided("t0002", "call_1"), *edited("t0002", "call_1"),
        replied("t0002", 2, Text(text="Mended.")), ended("t0002", steps=2), ev.ChangesKept(change_ids=("c0001",), face="lsp"),
        ev.RewindStarted(rewind_id="r0001", change_id="c0002", label="Undo Edit stats.py", undoes=("c0001",), edits=(back,), face="lsp"),
        ev.FileChanged(
            turn_id=None, call_id=None, rewind_id="r0001", change_id="c0002", label="Undo Edit stats.py", path=path,
            before=AFTER, after=BEFORE, added=1, removed=1, where="buffer", diff="",
        ),
        ev.Rewound(rewind_id="r0001", outcome="completed", note="The user took back changes of yours: stats.py."),
        ev.RewindStarted(
            rewind_id="r0002", change_id="c0003", label="Rewind", turn_id="t0002", undoes=("c0001", "c0002"), conversation=True,
            edits=(again, ev.EditIntent(path=gone, before=None, after=BEFORE, form=form)), face="lsp",
        ),
        ev.FileChanged(
            turn_id=None, call_id=None, rewind_id="r0002", change_id="c0003", label="Rewind", path=gone,
            before=None, after=BEFORE, added=1, removed=0, where="disk", diff="", renamed_from=None,
        ),
        ev.Rewound(
            rewind_id="r0002", outcome="completed", turn_id="t0002",
            left=(ev.LeftAlone(path=path, why="You changed the same lines since."),), undone=(),
        ),
    ]  # fmt: skip


def compacted() -> list[ev.Durable]:
    """An old result fades, a compaction fails, a second one works, and then the last turn is taken back."""
    part = SeenPart(path="/project/stats.py", hash="1" * 64, first=1, last=None)
    shows = finished("t0001", "call_1", "read", "x = 1\n" * 200, sources=(PROJECT,), seen=(part,))
    asks = ev.CompactionStarted(compaction_id="k0001", turn_id="t0002", cause="window", upto=3, tokens=90_000)
    again = ev.CompactionStarted(
        compaction_id="k0002", turn_id=None, cause="person", upto=4, tokens=90_500, face="lsp"
    )
    return [
        *begin(), prompt("t0001", "Look at stats.py."), routed("t0001"),
        replied("t0001", 1, call("call_1", "read", path="stats.py")), decided("t0001", "call_1"),
        started("t0001", "call_1", "read", "read", "Read stats.py"), shows,
        replied("t0001", 2, Text(text="It is one.")), ended("t0001", steps=2),
        prompt("t0002", "Go on."), routed("t0002"),
        ev.ResultsFaded(
            turn_id="t0002", step=1, tokens=300,
            results=(FadedResult(message=2, call_id="call_1", text="[`read` stats.py: no longer shown.]"),),
        ),
        asks, model_called("t0002", 1, 1),
        ev.CompactionFailed(
            compaction_id="k0001", turn_id="t0002", step=1, reason="failed", message="The service is overloaded.", begun=True,
        ),
        replied("t0002", 1, Text(text="Done.")), ended("t0002"),
        again, model_called("k0002", 1, 2),
        ev.Compacted(
            compaction_id="k0002", turn_id=None, step=1, upto=4, kept="# What was said before\n\n", summary="It is one.", rest="\n\nNo more.",
            before=90_500, after=1_200, model=MODEL, usage=Usage(input=5_000, output=200), cost=0.018, seconds=4.0,
        ),
        prompt("t0003", "And now?"), routed("t0003"), replied("t0003", 1, Text(text="Two.")), ended("t0003"),
        ev.RewindStarted(rewind_id="r0001", change_id="c0001", label="Rewind", turn_id="t0003", conversation=True, face="lsp"),
        ev.Rewound(rewind_id="r0001", outcome="completed", turn_id="t0003", undone=()),
    ]  # fmt: skip


SESSIONS: dict[str, list[ev.Durable]] = {
    build.__name__: build()
    for build in (
        simple, edit_and_shell, denied, cancelled, failed_model, crash_and_resume, salvaged, queued, grants_and_todo,
        rewound, requests, compacted, hooked, skilled, findings, verified, delegated, renamed, waited,
    )
}  # fmt: skip

EPHEMERAL: list[Event] = [
    StageChanged(turn_id="t0001", stage="thinking", step=1),
    ThinkingDelta(turn_id="t0001", step=1, text="Zero."),
    StageChanged(turn_id="t0001", stage="writing", step=1),
    TextDelta(turn_id="t0001", step=1, text="I look "),
    TextDelta(turn_id="t0001", step=1, text="first. \U0001f4c8"),
    ModelRetrying(
        turn_id="t0001",
        step=2,
        attempt=1,
        of=5,
        seconds=0.5,
        message="The service is overloaded (529).",
        kind="overloaded",
        why="The service is overloaded",
    ),
    StageChanged(turn_id="t0001", stage="running", detail="pytest -q", step=2),
    CallProgress(call_id="call_2", text="1 passed\n"),
    SessionHalted(message="The disk is full.", mend="Make room, then resume the session."),
]
