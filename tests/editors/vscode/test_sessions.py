"""The list of sessions: searched, opened, renamed and deleted, with what is asked before."""

from postil.core.events import PromptReceived
from tests.editors.vscode.desk import Desk


def prompts(desk: Desk) -> list[str]:
    """The prompts of all sessions that are on the disk."""
    return sorted(it.text for journal in desk.journals() for it in journal if isinstance(it, PromptReceived))


def test_sessions_are_searched_renamed_and_deleted_in_their_list(desk: Desk) -> None:
    desk.play({"when": {"user": "apple"}, "text": "Red."}, {"when": {"user": "pear"}, "text": "Green."})
    desk.open(desk.world.file("app.py", "value = 1\n"))
    window, chat = desk.window, desk.chat().open()
    chat.ask("An apple?")
    chat.shows("Red.")
    window.command("Postil: New Session")
    chat.frame.get_by_role("heading", name="Ask, or hand over a task").wait_for()
    chat.ask("A pear?")
    chat.shows("Green.")

    window.command("Postil: Resume Session…")
    apple, pear = (window.rows.filter(has_text=it) for it in ("An apple?", "A pear?"))
    apple.wait_for()
    pear.wait_for()
    window.quick_input.fill("apple")
    pear.wait_for(state="detached")
    window.row_button(apple, "Rename this session").click()
    desk.until(lambda: window.quick_input.input_value() == "An apple?")
    window.quick_input.fill("Fruit of the tree")
    window.press("Enter")
    fruit = window.rows.filter(has_text="Fruit of the tree")
    fruit.wait_for()
    assert apple.count() == 0

    window.quick_input.fill("")
    window.row_button(pear, "Delete this session").click()
    window.dialog.wait_for()
    window.expect(window.dialog, "Delete “A pear?”?")
    window.expect(window.dialog, "go for good")
    window.dialog.get_by_role("button", name="Cancel").click()
    pear.wait_for()
    assert prompts(desk) == ["A pear?", "An apple?"]
    window.row_button(pear, "Delete this session").click()
    window.dialog.get_by_role("button", name="Delete").click()
    desk.until(lambda: prompts(desk) == ["An apple?"])
    pear.wait_for(state="detached")
    chat.frame.get_by_role("heading", name="Ask, or hand over a task").wait_for(state="attached")
    fruit.click()
    chat.shows("Red.")
