"""What hooks answer, read strictly: whatever is not understood is a failure and never consent."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from postil.agent.hooking.answer import Answer, answer_of
from postil.agent.hooking.matching import fitting, matches
from postil.core.hooks import HookOutput, Moment
from tests.support.hooking import hook, prints, says


@pytest.mark.parametrize(
    ("output", "outcome", "why"),
    [
        (prints(), "nothing", ""),
        (says("PreToolUse", permissionDecision="allow"), "nothing", ""),
        (says("PreToolUse", permissionDecision="deny", permissionDecisionReason="No."), "blocks", "No."),
        (says("PreToolUse", permissionDecision="ask", permissionDecisionReason="Hm."), "asks", "Hm."),
        (says("PreToolUse", additionalContext="It is Friday."), "said", ""),
        (says("PreToolUse", updatedInput={"command": "ls"}), "changed", ""),
        (prints('{"decision": "block", "reason": "No."}'), "blocks", "No."),
        (prints('{"decision": "approve"}'), "nothing", ""),
        (prints('{"continue": false, "stopReason": "Enough."}'), "blocks", "Enough."),
        (prints(status=2, stderr="No.\n"), "blocks", "No."),
        (prints(status=2), "blocks", "it gave no reason"),
        (prints(status=1, stderr="boom"), "failed", "it failed with status 1: boom"),
        (prints('{"decision": "block"}', status=1), "failed", "it failed with status 1"),
        (HookOutput(None, "", "", 1.0, "it took too long"), "failed", "it was ended: it took too long"),
        (HookOutput(None, '{"decision": "approve"}', "", 1.0, "x"), "failed", "it was ended: x"),
    ],
)
def test_what_is_understood(output: HookOutput, outcome: str, why: str) -> None:
    answer = answer_of(output, "PreToolUse")
    assert (answer.outcome, answer.why) == (outcome, why)


@pytest.mark.parametrize(
    "text",
    [
        "allow", "[]", "true", "{", '{"decision": "allow"}', '{"permissionDecision": "deny"}', '{"descision": "block"}',
        '{"decision": "block", "decision": "approve"}', '{"continue": "no"}', '{"hookSpecificOutput": {}}',
        '{"hookSpecificOutput": {"hookEventName": "Stop"}}', '{"hookSpecificOutput": {"hookEventName": "PreToolUse", "permissionDecision": "maybe"}}',
        '{"hookSpecificOutput": {"hookEventName": "PreToolUse", "updatedInput": "ls"}}', "[" * 100_000, '{"goes_on": true}',
    ],
)  # fmt: skip
def test_what_is_not_understood_is_a_failure(text: str) -> None:
    answer = answer_of(prints(text), "PreToolUse")
    assert answer.outcome == "failed"
    assert answer.why


@given(st.text(max_size=200), st.sampled_from([0, 1, 2, 127]))
def test_no_text_is_consent(text: str, status: int) -> None:
    answer = answer_of(prints(text, status=status), "PreToolUse")
    assert answer.outcome in ("blocks", "failed") or not text.strip() or isinstance(json.loads(text), dict)


@pytest.mark.parametrize(
    ("moment", "output", "want"),
    [
        ("UserPromptSubmit", prints("It is Friday.\n"), Answer("said", said="It is Friday.")),
        ("SessionStart", prints("Use tabs."), Answer("said", said="Use tabs.")),
        ("SessionStart", prints(status=2, stderr="No."), Answer("failed", "No.")),
        ("Stop", prints('{"decision": "block", "reason": "Test it."}'), Answer("blocks", "Test it.")),
        ("Stop", says("PreToolUse"), None),
        ("SubagentStart", prints('{"decision": "block"}'), None),
        ("PostToolUse", says("PostToolUse", permissionDecision="deny"), None),
        ("PostToolUse", prints("done"), None),
    ],
)
def test_each_moment_has_its_own_answers(moment: Moment, output: HookOutput, want: Answer | None) -> None:
    answer = answer_of(output, moment)
    assert answer == want if want is not None else answer.outcome == "failed"


@pytest.mark.parametrize(
    ("matcher", "name", "want"),
    [
        ("", "shell", True), ("shell|edit", "edit", True), ("shell", "shells", False), ("Bash", "shell", True), ("Edit|Write", "write", True),
        ("Edit", "write", False), ("mcp.*", "mcp_x", True), (".*", "", True),
    ],
)  # fmt: skip
def test_a_matcher_is_held_against_the_whole_name(matcher: str, name: str, want: bool) -> None:
    assert matches(matcher, name) is want


def test_the_same_command_runs_once_and_in_order() -> None:
    hooks = [
        hook("PreToolUse", "a"),
        hook("Stop", "b"),
        hook("PreToolUse", "c"),
        hook("PreToolUse", "a", "shell"),
    ]
    assert [it.command for it in fitting(hooks, "PreToolUse", "shell")] == ["a", "c"]


def test_a_reason_without_end_is_cut() -> None:
    answer = answer_of(prints(status=2, stderr="x" * 100_000), "PreToolUse")
    assert len(answer.why) == 2_000


def as_said(**data: Any) -> HookOutput:
    return prints(json.dumps(data))


def test_a_message_for_the_person_is_one_line() -> None:
    assert answer_of(as_said(systemMessage="a\nb"), "Stop").message == "a ⏎ b"
