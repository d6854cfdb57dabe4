"""What can be done with an answer in Emacs: fold it, undo it, deny what it asks for, take its edit back to the byte; and its crashes."""

from __future__ import annotations

import os
import re
import signal

import pytest

from postil.core.events import (
    CallFinished,
    CallStarted,
    FileChanged,
    PermissionDecided,
    ProcessStarted,
    SessionResumed,
    TurnEnded,
)
from tests.editors.emacs.desk import Desk
from tests.editors.waiting import is_running, wait_for

ENDLESS = "echo once >> ran.txt; tail -f /dev/null"


def test_rows_and_turns_fold(desk: Desk) -> None:
    desk.play(
        {"when": {"after": "prompt"}, "tool": "read", "input": {"path": "app.py"}}, "Read.\n\nAll of it."
    )
    desk.open(desk.world.file("app.py", "value = 1\n"))
    desk.chat()
    desk.send("Read it.\n")
    desk.ended()
    text, row = desk.text, "- read 1 file, "
    assert "    - read [app.py]" in text
    seen = desk.fold(row)
    assert "    - read [app.py]" not in seen
    assert row in seen
    assert "\nRead.\n\nAll of it.\n" in seen
    assert desk.fold(row) == text
    # A whole turn; then its rows without what is below them; then all of it.
    seen = desk.fold("## Postil")
    assert seen.partition("## Postil\n")[2].strip() == "## You"
    seen = desk.fold("## Postil")
    assert row in seen
    assert "    - read [app.py]" not in seen
    assert desk.fold("## Postil") == text == desk.text


@pytest.mark.parametrize("key", ["a key between", "no key"])
def test_an_undo_while_it_streams_pauses_and_continue_writes_it_again(desk: Desk, key: str) -> None:
    """Without a key since *Send*, one undo takes back all of the answer and its heading."""
    words = [f"word{number}." for number in range(60)]
    desk.play({"text": "\n\n".join(words), "chunk": 5, "delay": {"each": 0.05}})
    desk.open(desk.world.file("app.py", "value = 1\n"))
    desk.chat()
    desk.send("Talk.\n")
    desk.shows("word3.")
    if key == "a key between":
        desk.press(1, "C-a")
        desk.emacs.until(lambda: len(re.findall(r"word\d+\.", desk.text)) > 8)
    desk.undo()
    left = re.findall(r"word\d+\.", desk.text)
    assert left == (words[: len(left)] if key == "a key between" else [])
    assert bool(left) is ("## Postil" in desk.text) is (key == "a key between")
    wait_for(lambda: [it.reason for it in desk.events(TurnEnded)] == ["end_turn"])
    assert re.findall(r"word\d+\.", desk.text) == left
    desk.act(1, "Postil: Continue")
    assert desk.ended().count("## Postil") == 1
    assert re.findall(r"word\d+\.", desk.text) == words


def test_what_is_denied_does_not_run(desk: Desk) -> None:
    desk.play(
        {"when": {"after": "prompt"}, "tool": "shell", "input": {"command": "touch made"}}, "As you like."
    )
    desk.open(desk.world.file("app.py", "value = 1\n"))
    desk.chat()
    desk.send("Make it.\n")
    desk.shows("- answer: waiting")
    desk.act(desk.line("### Question 1: "), "Postil: Deny")
    text = desk.ended()
    assert "- answer: denied, by you in the editor, " in text, "eglot 1.9 does not say who it is"
    assert "As you like." in text
    assert [it.decision for it in desk.events(PermissionDecided)] == ["deny"]
    assert [it.outcome for it in desk.events(CallFinished)] == ["denied"]
    assert not (desk.world.root / "made").exists()
    assert not [it for it in desk.diagnostics() if "run a command" in it["text"]]


def test_an_edit_and_what_takes_it_back_are_exact_to_the_byte(desk: Desk) -> None:
    desk.world.trust()
    before = "a = 'τ🎈'\r\nb = 2\r\n\tc = 3\r\n".encode()
    path = desk.world.root / "app.py"
    path.write_bytes(before)
    after = before.replace(b"b = 2", "b = 'λ'".encode())
    edit = {"path": "app.py", "edits": [{"old": "b = 2", "new": "b = 'λ'"}]}
    desk.play(
        {"when": {"after": "prompt"}, "tool": "read", "input": {"path": "app.py"}},
        {"tool": "edit", "input": edit},
        "Done.",
    )
    desk.open(path)
    document = desk.chat()
    desk.send("/mode accept-edits\n")
    desk.emacs.until(lambda: "/mode" not in desk.text)
    desk.send("Edit it.\n")
    desk.ended()
    desk.visit(path)
    assert path.read_bytes() == before, "it is in the buffer, and nobody has saved"
    assert desk.save() == after
    desk.visit(document)
    desk.act(desk.line("- edited [app.py:2]"), "Postil: Undo")
    desk.visit(path)
    desk.shows("b = 2\n")
    assert desk.save() == before
    # The editor's own undo: a step for what was taken back, and one for the edit.
    desk.undo()
    assert desk.save() == after
    assert len(desk.events(FileChanged)) == 2


def test_stop_ends_a_command(desk: Desk) -> None:
    process = run_endless(desk)
    desk.act(1, "Postil: Stop")
    desk.ended()
    wait_for(lambda: not is_running(process))
    assert [it.outcome for it in desk.events(CallFinished)] == ["cancelled"]
    assert [it.reason for it in desk.events(TurnEnded)] == ["cancelled"]


def test_eglot_connects_again_by_itself_and_nothing_is_repeated(desk: Desk) -> None:
    process = run_endless(desk)
    desk.write("typed meanwhile\n")
    first = desk.connected()
    os.kill(first, signal.SIGKILL)
    desk.emacs.until(lambda: desk.connected() != first)
    desk.act(1, "Postil: Resume")
    text = desk.ended()
    assert (desk.world.root / "ran.txt").read_text("utf-8") == "once\n"
    assert [it.outcome for it in desk.events(CallFinished)] == ["unknown"]
    assert [it.clean for it in desk.events(SessionResumed)] == [False]
    assert len(desk.events(CallStarted)) == 1
    assert text.count("I look.") == text.count("### Question 1: ") == text.count("Done.") == 1
    assert text.endswith("## You\ntyped meanwhile\n")
    if is_running(process):
        os.killpg(process, signal.SIGKILL)


def run_endless(desk: Desk) -> int:
    """Have a command that does not end run; returns its process. A server that dies is started anew, however short it lived."""
    call = {"when": {"after": "prompt"}, "text": "I look.", "tool": "shell", "input": {"command": ENDLESS}}
    desk.play(call, {"when": {"after": "results"}, "text": "Done."})
    desk.open(desk.world.file("app.py", "value = 1\n"), more="(setq eglot-autoreconnect t)")
    desk.chat()
    desk.send("Run it.\n")
    desk.shows("- answer: waiting")
    desk.act(desk.line("### Question 1: "), "Postil: Allow once")
    wait_for((desk.world.root / "ran.txt").exists)
    (spawned,) = wait_for(lambda: desk.events(ProcessStarted))
    assert is_running(spawned.pid)
    return spawned.pid
