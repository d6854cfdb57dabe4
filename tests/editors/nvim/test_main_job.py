"""The main job, from a diagnostic of another source to the end of the turn, as a person goes through it."""

from pathlib import Path

from postil.core.events import CallFinished, FileChanged, TurnEnded
from tests.editors.nvim.desk import Desk

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
    nvim = desk.open(path)
    titles = desk.ask_to_fix(2, "add(2, 3) is -1")
    assert [it.partition(" [")[0] for it in titles] == [
        "Ask agent to fix: add(2, 3) is -1",
        "Ask agent…",
        "Explain",
        "New agent chat",
    ]
    question = desk.question("Postil asks to edit a file")
    assert (question["lnum"], question["severity"]) == (1, 3)
    assert nvim.lines(path) == SAVED.splitlines()
    if nvim.has_new_start:
        nvim.until(lambda: "Waiting for your answer" in nvim.lua("return vim.lsp.status()"))

    titles = desk.answer("edit a file")
    assert any(it.startswith("Postil: Deny") for it in titles)
    desk.question("Postil asks to run a command: python3 app.py")
    fixed = SAVED.replace("a - b", "a + b")
    assert nvim.lines(path) == fixed.splitlines()
    assert nvim.modified(path)
    assert path.read_text("utf-8") == SAVED

    desk.answer("run a command")
    desk.ended("Postil: Fixed.")
    assert path.read_text("utf-8") == fixed
    assert not nvim.modified(path)
    nvim.keys("u")
    nvim.until(lambda: nvim.lines(path) == SAVED.splitlines())
    nvim.until(lambda: nvim.spy("progress")[-1]["kind"] == "end")
    progress = nvim.spy("progress")
    assert [progress[0]["kind"], progress[-1]["kind"]] == ["begin", "end"]
    shown = [it.get("message", "") for it in progress]
    assert "Waiting for your answer · step 1" in shown
    assert f"Run {COMMAND} · step 2" in shown
    assert [(it.where, it.added) for it in desk.events(FileChanged)] == [("buffer", 1)]
    assert [it.reason for it in desk.events(TurnEnded)] == ["end_turn"]
    assert desk.world.model.unused == [3]


def test_without_the_handler_the_command_runs_once_the_person_has_saved(desk: Desk) -> None:
    path = allowed_without_the_handler(desk)
    desk.question("Save app.py, then the command runs")
    desk.nvim.run("silent write")
    desk.ended("Postil: Fixed.")
    assert path.read_text("utf-8") == SAVED.replace("a - b", "a + b")
    assert [it.reason for it in desk.events(TurnEnded)] == ["end_turn"]


def test_without_the_handler_the_person_may_run_the_command_without_saving(desk: Desk) -> None:
    path = allowed_without_the_handler(desk)
    desk.answer("Save app.py, then the command runs", "Postil: Run without saving")
    desk.ended("The command saw the old text.")
    assert path.read_text("utf-8") == SAVED
    assert desk.nvim.modified(path)
    assert desk.nvim.lines(path)[1] == "    return a + b"
    shell = desk.events(CallFinished)[-1]
    assert "Not saved, so the command saw older text of: app.py." in shell.content


def allowed_without_the_handler(desk: Desk) -> Path:
    """Let the edit be made and the command be allowed in an editor that saves nothing for us."""
    path = desk.world.file("app.py", SAVED)
    desk.play(*REPLIES)
    desk.open(path, without=("handlers =", "experimental ="))
    desk.ask_to_fix(2)
    desk.answer("edit a file")
    desk.answer("run a command")
    return path
