"""Ends of all kinds: a turn that is stopped, a server that is killed, a window that is closed or loaded again."""

import os
import signal
from pathlib import Path

import pytest
from playwright.sync_api import expect

from postil.core.events import (
    CallFinished,
    CallStarted,
    FileChanged,
    ProcessStarted,
    SessionResumed,
    TurnEnded,
)
from tests.editors.vscode.desk import Desk
from tests.editors.vscode.wishes import edit, run
from tests.editors.waiting import is_running, wait_for

TEXT = "value = 1\n"
EDIT = edit("app.py", "value = 1", "value = 2")
KEY = "sk-ant-of-a-test-0123456789"
ENDLESS = "echo once >> ran.txt; tail -f /dev/null"


@pytest.fixture
def path(desk: Desk) -> Path:
    """The file that is open."""
    return desk.world.file("app.py", TEXT)


def run_endless(desk: Desk, path: Path) -> int:
    """Have a command that does not end run; returns its process."""
    desk.play(
        {"when": {"after": "prompt"}, **run(ENDLESS)},
        {"when": {"after": "results", "tool": "shell"}, **EDIT},
        {"when": {"after": "results", "tool": "edit"}, "text": "Done."},
    )
    desk.open(path)
    desk.ask_to_fix(path, 1)
    desk.answer("run a command")
    desk.until((desk.world.root / "ran.txt").exists)
    (spawned,) = desk.until(lambda: desk.events(ProcessStarted))
    assert is_running(spawned.pid)
    return spawned.pid


def kill_server(desk: Desk) -> None:
    """End the server as a crash would, and wait for the next."""
    before = desk.servers()
    os.kill(before[-1], signal.SIGKILL)
    desk.until(lambda: len(desk.servers()) > len(before))
    desk.ready()


def test_a_turn_is_stopped_while_its_command_runs(desk: Desk, path: Path) -> None:
    process = run_endless(desk, path)
    desk.until(lambda: desk.window.status.filter(has_text="Running").count() > 0)
    desk.window.press("Control+k", "Control+Backspace")
    desk.until(lambda: desk.events(TurnEnded))
    assert [it.reason for it in desk.events(TurnEnded)] == ["cancelled"]
    assert [it.outcome for it in desk.events(CallFinished)] == ["cancelled"]
    desk.until(lambda: not is_running(process))
    desk.until(lambda: desk.said("$/progress")[-1]["value"]["kind"] == "end")


def test_closing_the_window_in_the_middle_of_a_command_leaves_no_process(desk: Desk, path: Path) -> None:
    process = run_endless(desk, path)
    desk.quit()
    wait_for(lambda: not is_running(process))
    assert desk.events(TurnEnded) == []


def test_an_open_question_is_there_again_after_the_server_was_killed(desk: Desk, path: Path) -> None:
    desk.play({"when": {"after": "prompt"}, **EDIT}, {"when": {"tool": "edit"}, "text": "Done."})
    spy = desk.open(path)
    desk.ask_to_fix(path, 1)
    desk.question("edit a file")
    kill_server(desk)
    desk.question("edit a file")
    desk.resume()
    desk.answer("edit a file")
    desk.ended("Done.")
    assert spy("text", path) == "value = 2\n"
    assert [it.clean for it in desk.events(SessionResumed)] == [False]
    assert len(desk.events(CallStarted)) == len(desk.events(FileChanged)) == 1
    assert [it.reason for it in desk.events(TurnEnded)] == ["end_turn"]
    assert len(desk.world.model.requests) == 2
    spy("inEditor", path, "undo")
    desk.until(lambda: spy("text", path) == TEXT)


def test_a_command_that_ran_when_the_server_was_killed_is_not_run_again(desk: Desk, path: Path) -> None:
    process = run_endless(desk, path)
    spy = desk.spy
    spy("append", path, "# typed")
    kill_server(desk)
    desk.resume()
    desk.answer("edit a file")
    desk.ended("Done.")
    assert (desk.world.root / "ran.txt").read_text("utf-8") == "once\n"
    assert [it.outcome for it in desk.events(CallFinished)] == ["unknown", "completed"]
    assert spy("text", path) == "value = 2\n# typed"
    assert path.read_text("utf-8") == TEXT
    if is_running(process):
        os.killpg(process, signal.SIGKILL)


def test_a_server_that_ends_again_and_again_says_why_and_is_started_on_request(
    desk: Desk, path: Path
) -> None:
    desk.play("It is there.")
    desk.open(path)
    chat = desk.chat().open()
    launcher = desk.launcher()
    whole = launcher.read_text("utf-8")
    last_words = f"ImportError: no such thing in {Path.home()}/lib and {desk.world.root}, with {KEY}"
    launcher.write_text(f"#!/bin/sh\necho '{last_words}' >&2\nexit 1\n", "utf-8")
    os.kill(desk.servers()[-1], signal.SIGKILL)
    # Five more starts, each after a longer pause than the one before.
    desk.window.expect(chat.dock, "The server ended 6 times within three minutes. It said last: ImportError")
    desk.window.status.filter(has_text="Postil: not running").wait_for()
    assert desk.window.notifications.count() == 0, "nothing pops up"
    desk.window.command("Postil: Report Issue…")
    report = desk.until(lambda: desk.spy("untitled"))
    assert "ImportError: no such thing in ~/lib and (workspace), with [redacted]" in report
    assert not [it for it in (str(Path.home()), str(desk.world.root), KEY) if it in report]
    launcher.write_text(whole, "utf-8")
    chat.dock.get_by_role("button", name="Restart").click()
    expect(chat.dock.get_by_role("button", name="Restart")).to_have_count(0)
    chat.ask("Is it there?")
    chat.shows("It is there.")


def test_a_window_that_is_loaded_again_goes_on_where_it_was(desk: Desk, path: Path) -> None:
    """Its server ends in order and another one begins; the question is open again, and what is typed is still there."""
    desk.play({"when": {"after": "prompt"}, **EDIT}, {"when": {"tool": "edit"}, "text": "Done."})
    spy = desk.open(path)
    spy("append", path, "# typed")
    desk.ask_to_fix(path, 1)
    desk.question("edit a file")
    spy = desk.reload()
    desk.until(lambda: spy("text", path) == TEXT + "# typed")
    desk.resume()
    desk.answer("edit a file")
    desk.ended("Done.")
    assert spy("text", path) == "value = 2\n# typed"
    assert path.read_text("utf-8") == TEXT
    assert [it.clean for it in desk.events(SessionResumed)] == [True]
