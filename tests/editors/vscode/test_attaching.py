"""What a person attaches from the editor: the chip is there, and what it stands for is what the model is told."""

import json
from pathlib import Path

from postil.core.events import PromptReceived, TurnEnded
from tests.editors.vscode.chat import Chat
from tests.editors.vscode.desk import Desk

ADD = "Add Selection to Chat"


def chips(chat: Chat) -> list[str]:
    """What is attached, by its names."""
    return chat.frame.locator(".composer .chip .name").all_inner_texts()


def test_a_selection_is_attached_before_the_chat_was_ever_opened_from_each_folder_of_a_window(
    desk: Desk, tmp_path: Path
) -> None:
    path = desk.world.file("app.py", "one = 1\ntwo = 2\nthree = 3\n")
    lib = tmp_path / "lib"
    lib.mkdir()
    other = lib / "app.py"
    other.write_text("four = 4\nfive = 5\n", "utf-8")
    desk.world.trust(lib)
    desk.workspace = tmp_path / "both.code-workspace"
    desk.workspace.write_text(
        json.dumps({"folders": [{"path": str(it)} for it in (desk.world.root, lib)]}), "utf-8"
    )
    desk.play("I see.")
    spy = desk.open(path)
    window, chat = desk.window, desk.chat()
    assert not chat.frame.owner.is_visible(), "the chat was never opened"
    spy("open", path, 2)
    window.typed_in.wait_for()
    window.press("Shift+End")
    window.command(f"Postil: {ADD}")
    desk.until(lambda: chips(chat) == ["app.py:2"])
    desk.until(lambda: chat.composer.evaluate("it => it === document.activeElement"))

    spy("open", other, 1)
    window.typed_in.wait_for()
    window.press("Shift+ArrowDown")
    window.context_menu(window.typed_in.locator(".view-line").first, ADD)
    desk.until(lambda: chips(chat) == ["app.py:2", "lib/app.py:1"])
    desk.until(lambda: chat.composer.evaluate("it => it === document.activeElement"))
    window.page.keyboard.type("What is this?")
    window.press("Enter")
    chat.shows("I see.")
    desk.until(lambda: desk.events(TurnEnded))
    (prompt,) = desk.events(PromptReceived)
    attached = [(it.path, it.text, it.first_line, it.last_line) for it in prompt.context]
    assert attached == [("app.py", "two = 2", 2, 2), ("lib/app.py", "four = 4", 1, 1)]
    (told,) = desk.asked()
    assert "two = 2" in told
    assert "four = 4" in told
    assert "three = 3" not in told
    assert chips(chat) == [], "what was sent is attached no longer"


def test_files_are_dropped_while_shift_is_held_from_the_explorer_too(desk: Desk) -> None:
    """Without Shift VS Code keeps what is dragged from all that its webviews show."""
    path = desk.world.file("app.py", "one = 1\n")
    desk.world.file("other.py", "two = 2\n")
    desk.play("I see.")
    desk.open(path)
    window, chat = desk.window, desk.chat().open()
    keyboard = window.page.keyboard
    box = chat.frame.locator(".composer .box")
    over = chat.frame.locator(".composer .box.over")
    window.drag(window.tab("app.py"), box)
    window.drop()

    window.press("Control+Shift+e")
    window.drag(window.file("other.py"), chat.icon)
    keyboard.down("Shift")
    window.drag_on(chat.icon)
    chat.composer.wait_for()  # it opens beneath what is held over its icon
    window.drag_on(chat.log.or_(chat.frame.locator(".empty")).first)
    over.wait_for()
    window.drop()
    keyboard.up("Shift")
    over.wait_for(state="detached")
    desk.until(lambda: chips(chat) == ["other.py"])
    desk.until(lambda: chat.composer.evaluate("it => document.hasFocus() && it === document.activeElement"))
    keyboard.type("What is this?")
    window.press("Enter")
    chat.shows("I see.")
    (told,) = desk.asked()
    assert "two = 2" in told
    assert "one = 1" not in told
