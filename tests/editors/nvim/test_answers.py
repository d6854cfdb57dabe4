"""A question about a command and each of its five answers, as a person gives them in Neovim."""

from pathlib import Path

import pytest

from postil.core.events import CallFinished, GrantAdded, PermissionAsked, PermissionDecided, TurnEnded
from tests.editors.nvim.desk import Desk

COMMAND = "python3 -c pass"
SHELL = {"tool": "shell", "input": {"command": COMMAND}}
ANSWERS = [
    "Postil: Allow once",
    "Postil: Allow for this session",
    "Postil: Always allow…",
    "Postil: Deny",
    "Postil: Deny and say why…",
]


@pytest.fixture
def path(desk: Desk) -> Path:
    """The file that is open; twice the same command is asked for, and then in another session."""
    desk.world.trust()
    desk.play(
        {"when": {"after": "prompt"}, **SHELL, "times": "any"},
        {"when": {"after": "results", "tool": "shell"}, "text": "Done.", "times": "any"},
    )
    return desk.world.file("app.py", "value = 1\n")


def decisions(desk: Desk) -> list[tuple[str, str]]:
    return [(it.decision, it.why) for it in desk.events(PermissionDecided)]


def test_what_a_question_shows(desk: Desk, path: Path) -> None:
    nvim = desk.open(path)
    desk.ask_to_fix(1)
    question = desk.question("run a command")
    lines = question["message"].split("\n")
    assert [it for it in lines if not it.startswith("runs: ")] == [
        f"Postil asks to run a command: {COMMAND}",
        "Answer by Quick Fix.",
        f"in: {desk.world.root}",
        "why: 'pass' may make it do more than tell",
        f"lasting rule: Bash({COMMAND})",
        "also allows: the same in another folder of the workspace, and as a part of a longer command",
        "always allowed is kept: for this workspace, in your own list of grants and not in its files",
    ]
    titles = desk.choose(1, "nothing of this", chosen=False)
    assert [it for it in titles if it.startswith("Postil: ")] == ANSWERS
    assert decisions(desk) == [], "a menu that is left answers nothing"
    nvim.run("lua vim.lsp.buf.hover()")
    nvim.until(lambda: any(COMMAND in it for it in desk.floating()))
    assert any("lasting rule" in it.replace("\\", "") for it in desk.floating())
    desk.answer("run a command", "Postil: Deny")
    desk.ended("Done.")


@pytest.mark.parametrize(
    ("title", "decision", "why", "scope"),
    [
        ("Postil: Allow once", "allow", "allowed once", None),
        ("Postil: Allow for this session", "allow", "allowed for this session", "session"),
        ("Postil: Always allow…", "allow", "always allowed in this workspace", "workspace"),
        ("Postil: Deny", "deny", "denied", None),
        ("Postil: Deny and say why…", "deny", "denied: Use make.", None),
    ],
)
def test_each_answer(desk: Desk, path: Path, title: str, decision: str, why: str, scope: str | None) -> None:
    nvim = desk.open(path)
    nvim.lua("spy.words = 'Use make.'")
    desk.ask_to_fix(1)
    # The two denials begin with the same words, so the longer one is named by all of it.
    desk.answer("run a command", title)
    desk.ended("Done.")
    assert decisions(desk) == [(decision, why)]
    assert [it.scope for it in desk.events(GrantAdded)] == ([scope] if scope is not None else [])
    assert [it.outcome for it in desk.events(CallFinished)] == [
        "completed" if decision == "allow" else "denied"
    ]
    assert nvim.spy("prompts") == ([{"prompt": "Why not? "}] if "why" in title else [])
    if scope is not None:
        desk.ask_to_fix(1)
        nvim.until(lambda: len(desk.events(TurnEnded)) == 2)
        assert len(desk.events(PermissionAsked)) == 1


def test_to_say_why_and_to_leave_it_answers_nothing(desk: Desk, path: Path) -> None:
    nvim = desk.open(path)
    desk.ask_to_fix(1)
    question = desk.question("run a command")
    desk.choose(1, "Postil: Deny and say why…")
    nvim.until(lambda: nvim.spy("prompts"))
    assert decisions(desk) == []
    assert desk.question("run a command") == question
    desk.answer("run a command", "Postil: Allow once")
    desk.ended("Done.")
    assert decisions(desk) == [("allow", "allowed once")]
