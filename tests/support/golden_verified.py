"""A session whose edits are verified, for the golden files."""

from __future__ import annotations

from postil.core import events as ev
from postil.core.effects import TodoItem
from postil.core.messages import Text
from postil.core.origin import Source
from postil.core.verification import WantedCheck
from tests.support.golden_parts import (
    AFTER,
    answered,
    asked,
    begin,
    call,
    decided,
    edited,
    ended,
    finished,
    prompt,
    replied,
    routed,
    shell_started,
    started,
)

PROJECT = Source(origin="workspace", name="/project")


def verified() -> list[ev.Durable]:
    """An edit is checked: one check fails and the model mends it; then it passes, the editor agrees, and the plan says so. A person denies another."""
    turn, path = "t0001", "/project/stats.py"

    def check(call_id: str, number: int) -> ev.ChecksStarted:
        wanted = (
            WantedCheck(
                call_id=call_id, name="pytest", command="pytest", source="pyproject.toml", timeout=600
            ),
            WantedCheck(
                call_id=f"{call_id}b",
                name="ruff",
                command="ruff check .",
                source="pyproject.toml",
                timeout=600,
            ),
        )[: 3 - number]
        return ev.ChecksStarted(turn_id=turn, round=number, checks=wanted, held="no-edits")

    def told(call_id: str, code: int, summary: str) -> ev.EvidenceRecorded:
        return ev.EvidenceRecorded(
            turn_id=turn, call_id=call_id, check="pytest", command="pytest", by="postil", outcome="failed" if code else "passed",
            exit_code=code, summary=summary, output=f"{summary}\n" if code else "", edit=9, versions={path: AFTER},
        )  # fmt: skip

    return [
        *begin(), prompt(turn, "Mend the division."), routed(turn),
        replied(turn, 1, call("call_0", "todo", items=[]), call("call_1", "edit", path="stats.py", edits=[]), stop="tool_use"),
        decided(turn, "call_0"), started(turn, "call_0", "todo", "think", "Plan"),
        ev.TodoUpdated(turn_id=turn, items=(TodoItem(text="Mend", status="completed"), TodoItem(text="Tell"))),
        finished(turn, "call_0", "todo", "The plan has 2 items."),
        decided(turn, "call_1"), *edited(turn, "call_1"),
        replied(turn, 2, Text(text="Mended.")),
        check("check_1", 1), decided(turn, "check_1"), *shell_started(turn, "check_1", "pytest"),
        finished(turn, "check_1", "shell", "1 failed\nexit code 1", details={"exit_code": 1}), told("check_1", 1, "1 failed"),
        asked(turn, "check_1b", "q0001", "ruff check ."), answered(turn, "check_1b", "q0001", "reject_once", decision="deny"),
        finished(turn, "check_1b", "shell", "The user denied this.", "denied"),
        ev.ChecksFailed(turn_id=turn, round=1, checks=("pytest",), text="pytest failed (1 failed)", sources=(PROJECT,)),
        replied(turn, 3, call("call_2", "shell", command="git status"), stop="tool_use"),
        decided(turn, "call_2"), *shell_started(turn, "call_2", "git status"),
        finished(turn, "call_2", "shell", "clean\nexit code 0", details={"exit_code": 0, "only_reads": True}),
        replied(turn, 4, Text(text="It was flaky.")),
        check("check_2", 2), decided(turn, "check_2"), *shell_started(turn, "check_2", "pytest"),
        finished(turn, "check_2", "shell", "1 passed\nexit code 0", details={"exit_code": 0}), told("check_2", 0, "1 passed"),
        ev.EvidenceRecorded(
            turn_id=turn, check="editor", by="editor", outcome="passed", summary="no errors in 1 edited file", edit=9, versions={path: AFTER},
        ),
        ev.TodoUpdated(
            turn_id=turn, items=(TodoItem(text="Mend", status="completed", evidence="pytest (1 passed)"), TodoItem(text="Tell")),
        ),
        ev.VerificationEnded(turn_id=turn, verified=True, words="verified: pytest (1 passed)", evidence=("pytest (1 passed)",)),
        ended(turn, steps=4),
    ]  # fmt: skip
