"""The main job, from a diagnostic of another source to the end of the turn, in the editor's own places."""

from pathlib import Path

import pytest

from postil.core.events import CallFinished, FileChanged, TurnEnded
from tests.editors.vscode.desk import Desk

SAVED = "def add(a, b):\n    return a - b\n\n\nprint(add(2, 3))\n"
COMMAND = "python3 app.py"
REPLIES = (
    {
        "when": {"after": "prompt"},
        "blocks": [
            {"text": "It subtracts."},
            {"tool": "edit", "input": {"path": "app.py", "edits": [{"old": "a - b", "new": "a + b"}]}},
        ],
    },
    {"when": {"tool": "edit"}, "tool": "shell", "input": {"command": COMMAND}},
    {"when": {"tool": "shell", "result": "^5"}, "text": "Fixed."},
    {"when": {"tool": "shell"}, "text": "The command saw the old text."},
)


def test_from_a_diagnostic_to_a_fixed_and_saved_file(desk: Desk) -> None:
    path = desk.world.file("app.py", SAVED)
    desk.play(*REPLIES)
    spy = desk.open(path)
    titles = desk.ask_to_fix(path, 2, "add(2, 3) is -1")
    assert "Ask agent to fix: add(2, 3) is -1" in titles
    question = desk.question("Postil asks to edit a file")
    assert (question["line"], question["severity"]) == (2, 2)
    assert spy("text", path) == SAVED
    assert not any(it["preferred"] for it in spy("actions", path, 2)), "no answer is a default"

    desk.answer("edit a file")
    desk.question("Postil asks to run a command: python3 app.py")
    fixed = SAVED.replace("a - b", "a + b")
    assert spy("text", path) == fixed
    assert spy("dirty", path) is True
    assert path.read_text("utf-8") == SAVED

    desk.answer("run a command")
    desk.ended("Fixed.")
    assert path.read_text("utf-8") == fixed
    assert spy("dirty", path) is False
    spy("inEditor", path, "undo")
    desk.until(lambda: spy("text", path) == SAVED)
    assert [(it.where, it.added) for it in desk.events(FileChanged)] == [("buffer", 1)]
    assert [it.outcome for it in desk.events(CallFinished)] == ["completed", "completed"]
    assert [it.reason for it in desk.events(TurnEnded)] == ["end_turn"]
    assert desk.world.model.unused == [3]


@pytest.mark.oldest
def test_the_same_by_hand_in_the_window(desk: Desk) -> None:
    """By the lightbulb, the list of problems and Ctrl+Z, as somebody does it who sees the window."""
    path: Path = desk.world.file("app.py", SAVED)
    desk.play(*REPLIES)
    spy = desk.open(path)
    spy("report", path, 2, "add(2, 3) is -1", "checker")
    window = desk.window
    spy("open", path, 2)
    titles = window.lightbulb("Ask agent to fix: add(2, 3) is -1")
    assert any(it.startswith("Ask agent to fix") for it in titles)
    window.problems().filter(has_text="Postil asks to edit a file").wait_for()
    spy("open", path, 2)
    titles = window.lightbulb("Postil: Allow once")
    assert titles[0] != "Postil: Always allow…"
    desk.until(lambda: spy("text", path) == SAVED.replace("a - b", "a + b"))
    window.tab("app.py").and_(window.page.locator(".dirty")).wait_for()
    window.problems().filter(has_text="Postil asks to run a command: python3 app.py").wait_for()
    spy("open", path, 2)
    window.lightbulb("Postil: Deny")
    desk.ended("The command saw the old text.")
    window.page.locator(".monaco-editor .view-line").first.click()
    window.press("Control+z")
    desk.until(lambda: spy("text", path) == SAVED)
