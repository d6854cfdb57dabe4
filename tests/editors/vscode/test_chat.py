"""A conversation in the side bar: asked, streamed, answered, stopped, steered, and there again after whatever ends it."""

import os
import signal
from pathlib import Path

import pytest

from postil.core.events import CallFinished, PermissionDecided, PromptReceived, PromptSteered, TurnEnded
from tests.editors.vscode.desk import Desk
from tests.editors.vscode.wishes import edit, run

TEXT = "def add(a, b):\n    return a - b\n"
FIXED = TEXT.replace("a - b", "a + b")
WORDS = " ".join(f"word{number}" for number in range(120))


@pytest.fixture
def path(desk: Desk) -> Path:
    """The file that is open."""
    return desk.world.file("app.py", TEXT)


@pytest.mark.oldest
def test_ask_stream_answer_in_the_chat_and_look_at_the_diff(desk: Desk, path: Path) -> None:
    streamed = {"text": f"{WORDS} end."}
    desk.play(
        {"when": {"after": "prompt"}, "blocks": [streamed, edit()], "chunk": 8, "delay": {"each": 0.03}},
        {"when": {"tool": "edit"}, "text": "Now it **adds**."},
    )
    spy = desk.open(path)
    chat = desk.chat().open()
    chat.ask("add subtracts. Fix it.")
    chat.shows("word3")
    assert "end." not in chat.log.inner_text(), "words are shown as they come"
    chat.shows("end.")
    desk.window.expect(chat.card, "app.py")
    assert spy("text", path) == TEXT
    desk.question("edit a file")
    chat.answer("Allow once")
    chat.shows("Now it adds.")
    assert chat.log.locator("strong", has_text="adds").is_visible()
    desk.until(lambda: desk.questions() == [])
    assert (spy("text", path), path.read_text("utf-8")) == (FIXED, TEXT)
    row = chat.row("app.py")
    desk.window.expect(row, "+1")
    row.focus()
    row.press("Enter")
    desk.until(lambda: [it for it in spy("tabs") if it["kind"] == "diff" and it["active"]])
    desk.window.diff.wait_for()
    spy("inEditor", path, "undo")
    desk.until(lambda: (spy("text", path), spy("dirty", path)) == (TEXT, False))
    assert [it.face for it in desk.events(PermissionDecided)] == ["lsp:VS Code"]


def test_an_answer_in_the_editor_closes_the_card_and_the_item_of_the_status_bar(
    desk: Desk, path: Path
) -> None:
    desk.play({"when": {"after": "prompt"}, **edit()}, {"when": {"tool": "edit"}, "text": "Done."})
    desk.open(path)
    chat = desk.chat().open()
    chat.ask("Fix it.")
    chat.card.wait_for()
    item = desk.window.status.filter(has_text="Postil: 1 question")
    item.wait_for()
    desk.window.expect(chat.dock, "Waiting for your answer")
    desk.answer("edit a file", "Postil: Deny")
    chat.card.wait_for(state="detached")
    item.wait_for(state="detached")
    chat.shows("Done.")
    assert [(it.decision, it.by) for it in desk.events(PermissionDecided)] == [("deny", "person")]


def test_the_item_of_the_status_bar_leads_to_the_card_which_answers_to_a_digit(
    desk: Desk, path: Path
) -> None:
    desk.play({"when": {"after": "prompt"}, **edit()}, {"when": {"tool": "edit"}, "text": "Done."})
    spy = desk.open(path)
    desk.ask_to_fix(path, 2)
    desk.window.status.filter(has_text="Postil: 1 question").click()
    chat = desk.chat()
    chat.card.wait_for()
    desk.until(lambda: chat.card.evaluate("it => document.hasFocus() && it === document.activeElement"))
    desk.until(lambda: chat.card.get_attribute("data-armed") is not None)
    assert desk.events(PermissionDecided) == [], "to look at a question is no answer"

    desk.window.press("1")
    desk.until(lambda: desk.events(PermissionDecided))
    desk.ended("Done.")
    assert [it.option_id for it in desk.events(PermissionDecided)] == ["allow_once"]
    assert spy("text", path) == FIXED


def test_who_answers_by_a_digit_types_on_where_they_typed_before(desk: Desk, path: Path) -> None:
    desk.play({"when": {"after": "prompt"}, **edit()}, {"when": {"tool": "edit"}, "text": "Done."})
    spy = desk.open(path)
    chat = desk.chat().open()
    chat.ask("Fix it.")
    chat.card.wait_for()
    chat.composer.press_sequentially("Then this")
    desk.window.press("Control+k", "Control+y")
    desk.until(lambda: chat.card.evaluate("it => document.hasFocus() && it === document.activeElement"))
    desk.until(lambda: chat.card.get_attribute("data-armed") is not None)
    desk.window.press("1")
    chat.card.wait_for(state="detached")
    desk.ended("Done.")
    desk.until(lambda: chat.composer.evaluate("it => document.hasFocus() && it === document.activeElement"))
    desk.window.page.keyboard.type(" and that")
    desk.until(lambda: chat.composer.input_value() == "Then this and that")
    assert spy("text", path) == FIXED


def test_the_palette_shows_the_whole_question_before_it_answers(desk: Desk, path: Path) -> None:
    desk.play(
        {"when": {"after": "prompt"}, **run("python3 -c pass")}, {"when": {"tool": "shell"}, "text": "Done."}
    )
    desk.open(path)
    desk.ask_to_fix(path, 2)
    desk.question("run a command")
    desk.window.command("Postil: Allow Once")
    row = desk.window.rows.filter(has_text="Allow once").filter(has_not_text="Postil")
    row.wait_for()
    assert "python3 -c pass" in seen(desk)
    assert "in the sandbox without network" in "".join(seen(desk, "description"))
    assert clipped(desk) == []
    chosen = desk.window.rows.and_(desk.window.page.locator(".focused"))
    desk.until(lambda: chosen.count() == 0)
    desk.window.press("Enter")
    desk.window.press("ArrowDown")
    assert row.is_visible(), "Enter alone is no answer"
    assert desk.events(PermissionDecided) == []
    desk.window.press("Escape")
    desk.window.press("Control+k", "Control+y")
    card = desk.chat().card
    card.wait_for()
    desk.until(lambda: card.evaluate("it => document.hasFocus() && it === document.activeElement"))
    assert desk.events(PermissionDecided) == []
    desk.window.command("Postil: Allow Once")
    # The palette's own row reads the same until the list of answers takes its place.
    desk.until(lambda: "python3 -c pass" in seen(desk))
    desk.window.pick("Allow once")
    desk.ended("Done.")
    assert [it.outcome for it in desk.events(CallFinished)] == ["completed"]


def test_a_long_command_is_all_in_view_and_its_list_goes_when_the_card_answers(
    desk: Desk, path: Path
) -> None:
    command = f"python3 -c pass {'WIDE-words ' * 8}; touch at-the-end"
    desk.play({"when": {"after": "prompt"}, **run(command)}, {"when": {"tool": "shell"}, "text": "Done."})
    desk.open(path)
    chat = desk.chat().open()
    chat.ask("Do it.")
    chat.card.wait_for()
    desk.window.command("Postil: Answer…")
    desk.window.rows.filter(has_text="Allow once").wait_for()
    assert command.replace(" ", "") in "".join(seen(desk)).replace(" ", "")
    assert clipped(desk) == []
    chat.answer("Deny")
    desk.window.quick_input.wait_for(state="hidden")
    desk.ended("Done.")
    assert [it.decision for it in desk.events(PermissionDecided)] == ["deny"]


def seen(desk: Desk, what: str = "name") -> list[str]:
    """Return the names, or descriptions, of the rows of the list that are seen; of a long one, its pieces."""
    texts = desk.window.rows.locator(f".quick-input-list-row:first-child .label-{what}").all_inner_texts()
    return [it.replace("\xa0", " ").removeprefix("↪ ") for it in texts]


def clipped(desk: Desk) -> list[str]:
    """Return the rows of what is asked about of which not every character is seen."""
    texts = desk.window.rows.locator(".quick-input-list-row:first-child .monaco-icon-label-container")
    return texts.evaluate_all(
        "all => all.filter(it => it.scrollWidth > it.clientWidth).map(it => it.textContent)"
    )


def test_stop_ends_a_command_at_once_and_the_next_prompt_is_taken(desk: Desk, path: Path) -> None:
    desk.world.trust()
    desk.play(
        {"when": {"user": "Wait"}, **run("touch begun; tail -f /dev/null")},
        {"when": {"user": "Hello"}, "text": "Hello to you."},
    )
    desk.open(path)
    chat = desk.chat().open()
    chat.ask("Wait.")
    chat.answer("Allow once")
    desk.until((desk.world.root / "begun").exists)
    desk.window.expect(chat.dock, "Running")
    chat.button("Stop").click()
    desk.until(lambda: desk.events(TurnEnded))
    assert [it.reason for it in desk.events(TurnEnded)] == ["cancelled"]
    chat.ask("Hello.")
    chat.shows("Hello to you.")


def test_a_message_that_is_queued_waits_and_one_that_steers_does_not(desk: Desk, path: Path) -> None:
    desk.world.trust()
    desk.play(
        {"when": {"user": "First", "after": "prompt"}, **run("until test -e go; do sleep 0.05; done")},
        {"when": {"user": "Third"}, "text": "Third answered."},
        {"when": {"user": "Second"}, "text": "Second answered."},
    )
    desk.open(path)
    chat = desk.chat().open()
    chat.ask("First.")
    chat.answer("Allow once")
    desk.window.expect(chat.dock, "Running")
    chat.ask("Second.")
    chat.button("Next: Second.").wait_for()
    chat.ask("Third.", "Control+Enter")
    chat.button("Steers: Third.").wait_for()
    desk.world.file("go", "")
    chat.shows("Second answered.")
    desk.until(lambda: len(desk.events(TurnEnded)) == 2)
    said = chat.log.inner_text()
    assert said.index("Third.") < said.index("Third answered.") < said.index("Second.")
    assert [it.prompt.text for it in desk.events(PromptSteered)] == ["Third."], "it joins the turn"
    assert [it.text for it in desk.events(PromptReceived)] == ["First.", "Second."]
    assert [it.outcome for it in desk.events(CallFinished)] == ["completed"], "nothing is stopped for it"
    assert [it.reason for it in desk.events(TurnEnded)] == ["end_turn"] * 2


@pytest.mark.oldest
def test_the_chat_goes_on_after_the_server_was_killed(desk: Desk, path: Path) -> None:
    desk.play({"when": {"after": "prompt"}, **edit()}, {"when": {"tool": "edit"}, "text": "Done."})
    spy = desk.open(path)
    chat = desk.chat().open()
    chat.ask("Fix it.")
    chat.card.wait_for()
    before = desk.servers()
    os.kill(before[-1], signal.SIGKILL)
    desk.until(lambda: len(desk.servers()) > len(before))
    chat.shows("Fix it.")
    chat.write("What was written while it was away stays.")
    desk.window.expect(chat.log, "Nothing was run again.")
    chat.answer("Allow once")
    chat.shows("Done.")
    assert spy("text", path) == FIXED
    assert len(desk.world.model.requests) == 2, "what the model said before is not asked again"
    assert chat.composer.input_value() == "What was written while it was away stays."


@pytest.mark.oldest
def test_a_window_that_is_loaded_again_shows_the_conversation_as_it_was(desk: Desk, path: Path) -> None:
    desk.play(
        {"when": {"user": "Hello"}, "text": "Hello to you."}, {"when": {"user": "And"}, "text": "And on."}
    )
    desk.open(path)
    chat = desk.chat().open()
    chat.ask("Hello.")
    chat.shows("Hello to you.")
    desk.until(lambda: desk.events(TurnEnded))
    desk.reload()
    chat = desk.chat().open()
    chat.shows("Hello to you.")
    chat.ask("And?")
    chat.shows("And on.")
    assert [it.text for it in desk.events(PromptReceived)] == ["Hello.", "And?"], "it is the same session"
