"""The chat as a document in real Emacs with eglot, by the configuration that the page gives."""

from __future__ import annotations

import os
import re
import signal

from postil.core.events import PermissionDecided, SessionResumed, TurnEnded
from tests.editors.emacs.daemon import quoted
from tests.editors.emacs.desk import Desk
from tests.editors.waiting import wait_for

MADE = {"when": {"after": "prompt"}, "text": "I look.", "tool": "shell", "input": {"command": "touch made"}}
DONE = {"when": {"after": "results"}, "text": "Done."}


def test_a_conversation_is_written_sent_and_answered_in_a_document(desk: Desk) -> None:
    desk.play("One.\n\n## You\nTwo words.", {"text": "Three.\n\n" * 30, "chunk": 4, "delay": {"each": 0.03}})
    desk.open(desk.world.file("app.py", "value = 1\n"))
    path = desk.chat()
    assert desk.text == "# Chat\n\n## You\n"
    desk.send("Say τ something.\n")
    text = desk.ended()
    assert re.match(r"# Say τ something\.\n<!-- postil s\w+ · Ask first · ", text)
    assert text.partition("\n\n")[2] == (
        "## You\nSay τ something.\n\n## Postil\nOne.\n\n**You**\nTwo words.\n<end>\n\n## You\n"
    )
    desk.send("More.\n")
    desk.shows("Three.\n\nThree.")
    desk.write("And my next words.\n")
    desk.ended(2)
    assert desk.text.count("Three.") == 30
    assert desk.text.endswith("## You\nAnd my next words.\n")
    desk.emacs.lisp("(progn (save-buffer) t)")
    assert path.read_text("utf-8") == desk.text


def test_a_question_an_edit_and_its_undo(desk: Desk) -> None:
    path = desk.world.file("app.py", "a = 1\nb = 2\n")
    edit = {"path": "app.py", "edits": [{"old": "b = 2", "new": "b = 3"}]}
    desk.play(
        {"tool": "read", "input": {"path": "app.py"}}, {"tool": "edit", "input": edit}, "Done.", MADE, DONE
    )
    desk.open(path)
    document = desk.chat()
    desk.send("Edit it.\n")
    desk.shows("- answer: waiting")
    line = desk.line("### Question 1: ")
    desk.emacs.until(lambda: [it for it in desk.diagnostics() if "edit a file" in it["text"]])
    desk.act(line, "Postil: Allow once")
    desk.ended()
    desk.visit(path)
    assert desk.text == "a = 1\nb = 3\n"
    assert path.read_text("utf-8") == "a = 1\nb = 2\n", "it is in the buffer, and nobody has saved"
    desk.visit(document)
    desk.act(desk.line("- edited [app.py:2]"), "Postil: Undo")
    desk.visit(path)
    desk.shows("a = 1\nb = 2\n")
    desk.visit(document)
    desk.send("Make it.\n")
    desk.shows("- answer: waiting")
    desk.write("Use the other folder.\n")
    desk.act(1, "Postil: Deny, and say this")
    desk.ended(2)
    assert [(it.decision, it.why) for it in desk.events(PermissionDecided)][-2:] == [
        ("allow", "allowed once"),
        ("deny", "denied: Use the other folder."),
    ]


def test_completion_and_stop(desk: Desk) -> None:
    desk.play({"text": "A word.\n\n" * 300, "chunk": 5, "delay": {"each": 0.02}})
    desk.open(desk.world.file("app.py", "value = 1\n"))
    desk.chat()
    desk.write("/mode accept")
    desk.emacs.lisp("(progn (completion-at-point) t)")
    desk.shows("/mode accept-edits")
    desk.emacs.lisp(
        f"(progn (delete-region (line-beginning-position) (point-max)) (insert {quoted('Talk.')}) t)"
    )
    desk.act(1, "Postil: Send")
    desk.shows("A word.\n\nA word.")
    desk.act(1, "Postil: Stop")
    desk.ended()
    assert "\n- stopped" in desk.text
    assert 2 <= desk.text.count("A word.") < 300
    assert [it.reason for it in desk.events(TurnEnded)] == ["cancelled"]


def test_after_a_crash_the_document_is_mended_and_the_session_goes_on(desk: Desk) -> None:
    desk.play(MADE, DONE)
    # By itself eglot starts another server where the first had lasted for more than three seconds, which depends on the machine.
    desk.open(desk.world.file("app.py", "value = 1\n"), more="(setq eglot-autoreconnect nil)")
    desk.chat()
    desk.send("Make it.\n")
    desk.shows("- answer: waiting")
    desk.write("typed meanwhile\n")
    os.kill(desk.connected(), signal.SIGKILL)
    desk.emacs.until(lambda: desk.emacs.lisp("(if (eglot-current-server) t :json-false)") is False)
    desk.connect()
    desk.act(1, "Postil: Resume")
    desk.act(desk.line("### Question 1: "), "Postil: Allow once")
    text = desk.ended()
    assert text.count("### Question 1: ") == text.count("- answer: allowed once") == 1
    assert text.count("I look.") == text.count("- ran `touch made`") == text.count("Done.") == 1
    assert text.endswith("## You\ntyped meanwhile\n")
    assert [it.clean for it in desk.events(SessionResumed)] == [False]
    wait_for((desk.world.root / "made").exists)
