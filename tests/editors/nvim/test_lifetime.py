"""Ends of all kinds: a turn that is stopped, a server that is killed, an editor that is left."""

import os
import signal
from pathlib import Path

import pytest

from postil.core.events import (
    CallFinished,
    CallStarted,
    FileChanged,
    ProcessStarted,
    SessionResumed,
    TurnEnded,
)
from tests.editors.nvim.desk import Desk
from tests.editors.waiting import is_running, wait_for

TEXT = "value = 1\n"
EDIT = {"tool": "edit", "input": {"path": "app.py", "edits": [{"old": "value = 1", "new": "value = 2"}]}}
ENDLESS = "echo once >> ran.txt; tail -f /dev/null"


@pytest.fixture
def path(desk: Desk) -> Path:
    """The file that is open."""
    return desk.world.file("app.py", TEXT)


def run_endless(desk: Desk, path: Path) -> int:
    """Have a command that does not end run; returns its process."""
    desk.play(
        {"when": {"after": "prompt"}, "tool": "shell", "input": {"command": ENDLESS}},
        {"when": {"after": "results", "tool": "shell"}, **EDIT},
        {"when": {"after": "results", "tool": "edit"}, "text": "Done."},
    )
    desk.open(path)
    desk.ask_to_fix(1)
    desk.answer("run a command")
    wait_for((desk.world.root / "ran.txt").exists)
    (spawned,) = wait_for(lambda: desk.events(ProcessStarted))
    assert is_running(spawned.pid)
    return spawned.pid


def kill_server(desk: Desk) -> None:
    """End the server as a crash would."""
    nvim = desk.nvim
    (server,) = nvim.children()
    os.kill(server, signal.SIGKILL)
    nvim.until(lambda: not nvim.children())
    nvim.until(lambda: nvim.lua("return #(vim.lsp.get_clients or vim.lsp.get_active_clients)() == 0"))


def test_a_turn_is_stopped_by_command_while_its_command_runs(desk: Desk, path: Path) -> None:
    process = run_endless(desk, path)
    desk.nvim.until(lambda: any("tail -f" in it.get("message", "") for it in desk.nvim.spy("progress")))
    desk.nvim.run("PostilStop")
    wait_for(lambda: desk.events(TurnEnded))
    assert [it.reason for it in desk.events(TurnEnded)] == ["cancelled"]
    assert [it.outcome for it in desk.events(CallFinished)] == ["cancelled"]
    wait_for(lambda: not is_running(process))
    desk.nvim.until(lambda: desk.nvim.spy("progress")[-1]["kind"] == "end")


def test_leaving_the_editor_in_the_middle_of_a_command_leaves_no_process(desk: Desk, path: Path) -> None:
    process = run_endless(desk, path)
    desk.quit()
    wait_for(lambda: not is_running(process))
    assert desk.events(TurnEnded) == []


def test_an_open_question_is_there_again_after_the_server_was_killed(desk: Desk, path: Path) -> None:
    desk.play({"when": {"after": "prompt"}, **EDIT}, {"when": {"tool": "edit"}, "text": "Done."})
    nvim = desk.open(path)
    desk.ask_to_fix(1)
    desk.question("edit a file")
    kill_server(desk)
    nvim.until(lambda: nvim.diagnostics() == [])
    nvim.run("edit")
    desk.attached()
    known = desk.journal()
    (session,) = desk.command("session.list", {})["sessions"]
    assert session["title"].startswith("Fix this problem")
    attached = desk.command("session.attach", {"sessionId": session["sessionId"]})
    assert attached["suspended"]
    assert [it["event"]["type"] for it in attached["events"]][: len(known)] == [it.type for it in known]
    desk.question("edit a file")
    nvim.run("PostilResume")
    desk.answer("edit a file")
    desk.ended("Done.")
    assert nvim.lines(path) == ["value = 2"]
    assert [it.clean for it in desk.events(SessionResumed)] == [False]
    assert len(desk.events(CallStarted)) == len(desk.events(FileChanged)) == 1
    assert [it.reason for it in desk.events(TurnEnded)] == ["end_turn"]
    assert len(desk.world.model.requests) == 2
    nvim.keys("u")
    nvim.until(lambda: nvim.lines(path) == TEXT.splitlines())


def test_a_command_that_ran_when_the_server_was_killed_is_not_run_again(desk: Desk, path: Path) -> None:
    process = run_endless(desk, path)
    nvim = desk.nvim
    nvim.keys("Go# typed<Esc>")
    nvim.until(lambda: nvim.lines(path)[-1] == "# typed")
    kill_server(desk)
    nvim.run("doautocmd FileType")
    desk.attached()
    nvim.run("PostilResume")
    desk.answer("edit a file")
    desk.ended("Done.")
    assert (desk.world.root / "ran.txt").read_text("utf-8") == "once\n"
    assert [it.outcome for it in desk.events(CallFinished)] == ["unknown", "completed"]
    assert nvim.lines(path) == ["value = 2", "# typed"]
    assert path.read_text("utf-8") == TEXT
    if is_running(process):
        os.killpg(process, signal.SIGKILL)
