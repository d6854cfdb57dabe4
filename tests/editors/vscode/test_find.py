"""Finding in the conversation, by the editor's own key."""

from __future__ import annotations

from tests.editors.vscode.desk import Desk


def test_the_key_for_finding_is_the_chats_while_it_has_the_focus(desk: Desk) -> None:
    desk.play({"when": {"after": "prompt"}, "text": "The **need**le is in the haystack."})
    desk.open(desk.world.file("app.py", "needle = 1\n"))
    chat = desk.chat().open()
    chat.ask("Where is it?")
    chat.shows("haystack")
    chat.composer.press("Control+f")
    words = chat.frame.get_by_role("textbox", name="Find in the conversation")
    words.wait_for()
    words.fill("needle")
    desk.window.expect(chat.frame.get_by_role("search"), "1 of 1")
    marked = "() => [...(CSS.highlights.get('postil-found-here') ?? [])].map((it) => it.toString()).join()"
    desk.until(lambda: chat.log.evaluate(marked) == "needle")
    assert desk.window.page.locator(".find-widget.visible").count() == 0, "the editor looks for nothing"
    words.press("Escape")
    words.wait_for(state="detached")
    desk.until(lambda: chat.composer.evaluate("(it) => it === document.activeElement"))
