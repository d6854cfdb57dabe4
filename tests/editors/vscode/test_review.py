"""Review in real VS Code: lenses over the agent's hunks, keeping and undoing them, and all changes beside each other."""

from pathlib import Path

import pytest

from postil.core.events import ChangesKept
from tests.editors.vscode.desk import Desk
from tests.support.lsp_client import Json

LINES = "".join(f"line_{number} = 0\n" for number in range(9))
BEFORE = f"x = 1\n{LINES}y = 1\n"
AFTER = f"x = 2\n{LINES}y = 2\nz = 3\n"
EDITS = [{"old": "x = 1", "new": "x = 2"}, {"old": "y = 1", "new": "y = 2\nz = 3"}]
EDIT = {"tool": "edit", "input": {"path": "a.py", "edits": EDITS}}
HUNK = ["Keep", "Undo", "Why?"]


def lenses(desk: Desk) -> list[str]:
    return desk.window.lenses.all_inner_texts()


def top(hunks: str) -> list[str]:
    return [f"Postil changed {hunks}", "Keep file", "Undo file", "Next"]


def kept(desk: Desk) -> list[str]:
    """Return by which face changes were kept, as the record has it."""
    events = [it for journal in desk.journals() for it in journal]
    return [it.face for it in events if isinstance(it, ChangesKept)]


def edited(desk: Desk, *then: Json) -> Path:
    """Let the agent change two places of a file."""
    path = desk.world.file("a.py", BEFORE)
    desk.play(
        {"when": {"after": "prompt"}, "blocks": [EDIT]},
        {"when": {"after": "results"}, "text": "Done."},
        *then,
    )
    desk.open(path)
    desk.ask_to_fix(path, 1)
    desk.until(lambda: lenses(desk) == ["Postil asks", "Answer…"])
    desk.answer("edit")
    desk.ended("Done.")
    desk.until(lambda: lenses(desk) == top("2 hunks") + HUNK + HUNK)
    return path


@pytest.mark.oldest
def test_a_hunk_is_undone_to_the_byte_and_another_kept(desk: Desk) -> None:
    path = edited(desk)
    desk.choose(path, 1, "Undo this hunk")
    desk.until(lambda: lenses(desk) == top("1 hunk") + HUNK)
    assert "Keep this hunk" not in [it["title"] for it in desk.spy("actions", path, 1)]
    assert kept(desk) == []
    desk.window.lenses.filter(has_text="Keep").last.click()
    desk.until(lambda: lenses(desk) == [])
    assert kept(desk) == ["lsp:VS Code"]
    desk.spy("save", path)
    desk.until(lambda: path.read_text("utf-8") == AFTER.replace("x = 2", "x = 1"))


def test_why_begins_a_prompt_about_the_hunk_that_the_person_sends(desk: Desk) -> None:
    edited(desk, {"when": {"user": "Why this change"}, "text": "It was off by one."})
    desk.window.lenses.filter(has_text="Why?").first.click()
    chat = desk.chat()
    desk.until(lambda: chat.composer.input_value() == "Why this change in @a.py:1?")
    desk.until(lambda: chat.composer.evaluate("it => document.hasFocus() && it === document.activeElement"))
    assert len(desk.world.model.requests) == 2, "nothing is sent by itself"
    desk.window.press("Enter")
    chat.shows("It was off by one.")
    assert "x = 2" in desk.asked()[-1], "the hunk is told"


def test_a_hunk_that_the_person_edits_is_theirs(desk: Desk) -> None:
    path = edited(desk)
    desk.window.press("Control+Home", "End")
    desk.spy("type", "0")
    desk.until(lambda: lenses(desk) == top("1 hunk") + HUNK)
    titles = [it["title"] for it in desk.spy("actions", path, 1)]
    assert "Undo this hunk" not in titles


def test_all_changes_are_undone_by_the_server(desk: Desk) -> None:
    path = edited(desk)
    desk.spy("execute", "postil.undoAll", None)
    desk.until(lambda: lenses(desk) == [])
    desk.spy("save", path)
    desk.until(lambda: path.read_text("utf-8") == BEFORE)


def test_what_was_kept_stays_kept_when_the_window_is_loaded_again(desk: Desk) -> None:
    path = edited(desk)
    desk.choose(path, 1, "Keep this hunk")
    desk.until(lambda: lenses(desk) == top("1 hunk") + HUNK)
    desk.spy("save", path)
    desk.until(lambda: path.read_text("utf-8") == AFTER)
    desk.reload()
    desk.until(lambda: lenses(desk) == top("1 hunk") + HUNK)


@pytest.mark.oldest
def test_all_changes_open_in_one_editor(desk: Desk) -> None:
    edited(desk)
    desk.window.command("Postil: Review Changes")
    desk.until(lambda: any(it["label"].startswith("Changed by Postil") for it in desk.spy("tabs")))
    desk.window.page.locator(".multiDiffEntry, .monaco-diff-editor").first.wait_for()
