"""Code in an answer, and answers about code: inserted, copied, explained, and why it was changed."""

from pathlib import Path

import pytest

from postil.core.events import PromptReceived
from tests.editors.vscode.desk import Desk

TEXT = "def add(a, b):\n    return a + b\n\n"
CODE = "def mul(a, b):\n    return a * b"
ANSWER = f"Like this:\n\n```python\n{CODE}\n```\n\nThat is all."


@pytest.fixture
def path(desk: Desk) -> Path:
    """The file that is open."""
    return desk.world.file("app.py", TEXT)


def test_code_of_an_answer_is_copied_and_inserted_at_the_cursor_and_undo_takes_it_back(
    desk: Desk, path: Path
) -> None:
    desk.play(ANSWER)
    spy = desk.open(path)
    chat = desk.chat().open()
    chat.ask("How do I multiply?")
    chat.shows("That is all.")
    spy("open", path, 4)

    block = chat.frame.locator(".codeblock").first
    block.get_by_role("button", name="Copy").click()
    desk.until(lambda: desk.window.page.evaluate("navigator.clipboard.readText()") == CODE)
    assert spy("text", path) == TEXT
    block.get_by_role("button", name="Insert at cursor").click()
    desk.until(lambda: spy("text", path) == TEXT + CODE)
    assert path.read_text("utf-8") == TEXT, "it is not saved"
    desk.window.typed_in.wait_for()
    desk.window.press("Control+z")
    desk.until(lambda: (spy("text", path), spy("dirty", path)) == (TEXT, False))


def test_explain_answers_in_the_chat_about_the_place_of_the_cursor(desk: Desk, path: Path) -> None:
    desk.play({"text": "It **adds**.", "times": 1}, {"text": "Two numbers.", "times": 1})
    spy = desk.open(path)
    chat = desk.chat().open()
    spy("open", path, 2)
    desk.window.command("Postil: Explain")
    chat.shows("It adds.")
    spy("open", path, 1)
    desk.window.lightbulb("Explain")
    chat.shows("Two numbers.")
    asked = desk.events(PromptReceived)
    assert [it.anchor.line for it in asked if it.anchor is not None] == [1, 0], "in the session in view"
    assert [part.text for it in asked for part in it.context] == [TEXT.rstrip()] * 2, "what is around it"
    assert (spy("text", path), spy("active")) == (TEXT, str(path)), "the person stays where they were"
