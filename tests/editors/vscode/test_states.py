"""What stands in the way, and how it is said: no trust, no Python, no key, a bad one, and a service that fails."""

import re
from pathlib import Path

import pytest

from postil.core.events import CallFinished, ModelFailed, TurnEnded
from tests.editors.vscode.desk import Desk
from tests.editors.vscode.wishes import edit, run


@pytest.fixture
def path(desk: Desk) -> Path:
    """The file that is open."""
    return desk.world.file("app.py", "a - b\n")


def test_in_a_folder_that_is_not_trusted_the_users_rules_are_asked_about_as_well(
    desk: Desk, path: Path
) -> None:
    """What the editor does not trust is not trusted, also where Postil was told otherwise before."""
    desk.settings('allow = ["Bash(python3 -c pass)"]\n')
    desk.set(security__workspace__trust__enabled=True, security__workspace__trust__startupPrompt="never")
    desk.world.file(".postil/settings.toml", 'mode = "accept-edits"\n')
    desk.play(
        {"when": {"after": "prompt"}, **run("python3 -c pass")},
        {"when": {"tool": "shell"}, **edit()},
        {"when": {"tool": "edit"}, "text": "I may not."},
    )
    spy = desk.open(path)
    assert spy("trusted") is False
    chat = desk.chat().open()
    desk.window.expect(chat.frame.locator(".notice"), "Restricted.")
    desk.window.status.filter(has_text="Postil: restricted").wait_for()
    chat.ask("Fix it.")
    desk.window.expect(chat.card, "Run this command?")
    assert chat.card.get_by_role("button", name="Always allow…").count() == 0
    chat.answer("Deny")
    desk.window.expect(chat.card, "Edit this file?")
    chat.answer("Deny")
    chat.shows("I may not.")
    assert spy("text", path) == "a - b\n"
    assert [it.outcome for it in desk.events(CallFinished)] == ["denied", "denied"]
    chat.button("Manage trust").click()
    desk.until(lambda: any("trust" in it["label"].lower() for it in spy("tabs")))


def test_without_a_key_the_chat_says_so_and_waits(desk: Desk, path: Path) -> None:
    desk.alone = True  # its secrets stay in the window
    desk.play("Hello.")
    del desk.world.env["ANTHROPIC_API_KEY"]
    del desk.world.env["ANTHROPIC_BASE_URL"]
    desk.open(path)
    chat = desk.chat().open()
    chat.frame.get_by_text("No API key").wait_for()
    desk.until(lambda: chat.composer.get_attribute("placeholder") == "Write now, send when the key is set")
    chat.button("Set API key…").click()
    desk.window.quick_input.wait_for()
    assert desk.window.quick_input.get_attribute("type") == "password"
    desk.window.quick_input.fill("key-of-a-test-0123456789")
    desk.window.press("Enter")
    chat.frame.get_by_text("No API key").wait_for(state="detached")
    for file in desk.server.home.joinpath("user", "User").rglob("*"):
        assert not file.is_file() or b"key-of-a-test" not in file.read_bytes(), file


def test_a_key_that_is_not_accepted_is_asked_for_again(desk: Desk, path: Path) -> None:
    desk.alone = True  # its secrets stay in the window
    refused = {"status": 401, "type": "authentication_error", "message": "invalid x-api-key"}
    desk.play({"error": refused, "times": 1}, {"text": "Welcome.", "times": 1})
    desk.open(path)
    chat = desk.chat().open()
    chat.ask("Hello.")
    chat.shows("401")
    desk.until(lambda: desk.events(TurnEnded))
    assert [it.kind for it in desk.events(ModelFailed)] == ["authentication"]
    desk.until(lambda: chat.composer.get_attribute("placeholder") == "Write now, send when the key is set")
    chat.button("Set API key…").click()
    desk.window.quick_input.wait_for()
    assert desk.window.quick_input.get_attribute("type") == "password"
    desk.window.quick_input.fill("key-of-a-test-0123456789")
    desk.window.press("Enter")
    chat.button("Set API key…").wait_for(state="detached")
    chat.button("Try again").click()
    chat.shows("Welcome.")


@pytest.mark.parametrize(
    ("error", "words"),
    [
        ({"status": 500, "type": "api_error", "message": "oh"}, r"had an error \(500\)\. Next try in \d"),
        # As late as the service wants it: by itself the first try would be within seconds.
        (
            {"status": 429, "type": "rate_limit_error", "message": "slow", "retry_after": 30},
            r"Rate limited\. Next try in [123]\d s",
        ),
    ],
)
def test_a_service_that_fails_for_a_while_is_told_of_in_the_dock(
    desk: Desk, path: Path, error: dict[str, object], words: str
) -> None:
    desk.play({"error": error, "times": "any"})
    desk.open(path)
    chat = desk.chat().open()
    chat.ask("Hello.")
    desk.window.expect(chat.dock, re.compile(words))
    chat.button("Stop").click()
    desk.until(lambda: [it.reason for it in desk.events(TurnEnded)] == ["cancelled"])


def test_a_service_that_cannot_be_reached_is_told_of_in_the_dock(desk: Desk, path: Path) -> None:
    desk.play("Hello.")
    desk.world.env["ANTHROPIC_BASE_URL"] = "http://127.0.0.1:9"
    desk.open(path)
    chat = desk.chat().open()
    chat.ask("Hello.")
    desk.window.expect(chat.dock, "Next try in")
    # The item itself; that of the progress says the same, and when the next try is.
    desk.window.status.filter(has_text=re.compile("Postil: offline")).wait_for()
