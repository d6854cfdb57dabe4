"""A question about a command and each of its answers, as a person gives them by the lightbulb."""

from pathlib import Path

import pytest

from postil.core.events import CallFinished, GrantAdded, PermissionAsked, PermissionDecided
from tests.editors.vscode.desk import Desk
from tests.editors.vscode.wishes import run

COMMAND = "python3 -c pass"
ANSWERS = [
    "Postil: Allow once",
    "Postil: Allow for this session",
    "Postil: Always allow…",
    "Postil: Deny",
    "Postil: Deny and say why…",
]


@pytest.fixture
def path(desk: Desk) -> Path:
    """The file that is open; the same command is asked for again and again."""
    desk.world.trust()
    desk.play(
        {"when": {"after": "prompt"}, **run(COMMAND), "times": "any"},
        {"when": {"after": "results", "tool": "shell"}, "text": "Done.", "times": "any"},
    )
    return desk.world.file("app.py", "value = 1\n")


def test_what_a_question_shows(desk: Desk, path: Path) -> None:
    spy = desk.open(path)
    desk.ask_to_fix(path, 1)
    question = desk.question("run a command")
    first, *facts = question["message"].splitlines()
    assert first == f"Postil asks to run a command: {COMMAND}"
    assert f"in: {desk.world.root}" in facts
    assert f"lasting rule: Bash({COMMAND})" in facts
    offered = [it for it in spy("actions", path, 1) if it["title"] in ANSWERS]
    assert [it["title"] for it in offered] == ANSWERS
    assert {(it["kind"], it["preferred"]) for it in offered} == {("quickfix", False)}
    assert desk.events(PermissionDecided) == [], "what is only looked at answers nothing"
    assert any(COMMAND in it for it in spy("hover", path, 1, 0))
    desk.answer("run a command", "Postil: Deny")
    desk.ended("Done.")
    assert [it.outcome for it in desk.events(CallFinished)] == ["denied"]


def test_each_answer_in_turn(desk: Desk, path: Path) -> None:
    desk.open(path)
    given = ["Postil: Deny", "Postil: Allow once", "Postil: Allow for this session"]
    for turn, title in enumerate(given, 1):
        desk.ask_in(desk.session(), path, 1)
        desk.answer("run a command", title)
        desk.ended("Done.", turn)
    desk.ask_in(desk.session(), path, 1)
    desk.ended("Done.", 4)
    decided = [(it.decision, it.why) for it in desk.events(PermissionDecided)]
    assert decided[:3] == [
        ("deny", "denied"),
        ("allow", "allowed once"),
        ("allow", "allowed for this session"),
    ]
    assert [it.scope for it in desk.events(GrantAdded)] == ["session"]
    assert len(desk.events(PermissionAsked)) == 3, "the fourth time nobody is asked"
    outcomes = [it.outcome for it in desk.events(CallFinished)]
    assert outcomes == ["denied", "completed", "completed", "completed"]


def test_what_is_always_allowed_is_asked_in_no_later_session(desk: Desk, path: Path) -> None:
    desk.open(path)
    desk.ask_in(desk.session(), path, 1)
    desk.choose(path, 1, "Postil: Always allow…")
    rule = desk.window.rows.filter(has_text=f"Bash({COMMAND})")
    rule.wait_for()
    assert desk.events(GrantAdded) == [], "the rule is shown before it holds"
    rule.click()
    desk.ended("Done.")
    assert [it.scope for it in desk.events(GrantAdded)] == ["workspace"]
    desk.reload()
    desk.ask_in(desk.session(), path, 1)
    desk.ended("Done.", 2)
    (session,) = (it for it in desk.journals() if not any(isinstance(event, GrantAdded) for event in it))
    assert [it for it in session if isinstance(it, PermissionAsked)] == []
    assert [it.outcome for it in session if isinstance(it, CallFinished)] == ["completed"]


def test_to_deny_and_to_say_why_or_to_leave_it(desk: Desk, path: Path) -> None:
    desk.open(path)
    desk.ask_to_fix(path, 1)
    question = desk.question("run a command")
    desk.choose(path, 1, "Postil: Deny and say why…")
    desk.window.quick_input.wait_for()
    desk.window.press("Escape")
    desk.window.quick_input.wait_for(state="hidden")
    assert desk.question("run a command") == question, "what is left answers nothing"
    desk.choose(path, 1, "Postil: Deny and say why…")
    desk.window.quick_input.fill("Use make.")
    desk.window.press("Enter")
    desk.ended("Done.")
    assert [(it.decision, it.why) for it in desk.events(PermissionDecided)] == [("deny", "denied: Use make.")]
