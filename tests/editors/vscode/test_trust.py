"""A folder that the editor does not trust: Postil reads there and says so, and granting trust goes over without a restart."""

from pathlib import Path

import pytest

from postil.core.events import ConfigurationInForce, TurnEnded
from tests.editors.vscode.desk import Desk
from tests.editors.vscode.wishes import edit

TEXT = "value = 1\n"
EDIT = edit("app.py", "value = 1", "value = 2")


@pytest.fixture
def path(desk: Desk) -> Path:
    """The file that is open."""
    return desk.world.file("app.py", TEXT)


def test_it_works_restricted_and_goes_on_when_trust_is_granted(desk: Desk, path: Path) -> None:
    desk.set(
        security__workspace__trust__enabled=True,
        security__workspace__trust__startupPrompt="never",
        security__workspace__trust__untrustedFiles="open",
        security__workspace__trust__banner="never",
    )
    desk.world.trust()
    desk.play(
        {"when": {"after": "prompt"}, "text": "I only read here."},
        {"when": {"after": "prompt"}, **EDIT},
        {"when": {"tool": "edit"}, "text": "Done."},
    )
    spy = desk.open(path)
    assert spy("trusted") is False
    chat = desk.chat().open()
    chat.frame.get_by_text("Nothing that this folder configures is used").wait_for()
    desk.window.status.filter(has_text="Postil: restricted").wait_for()
    chat.ask("What is here?")
    chat.shows("I only read here.")
    desk.until(lambda: len(desk.events(TurnEnded)) == 1)
    assert [it.trusted for it in desk.events(ConfigurationInForce)] == [False]

    chat.button("Manage trust").click()
    editor = desk.window.page.locator(".workspace-trust-editor")
    editor.get_by_role("button", name="Trust").first.click()
    desk.until(lambda: spy("trusted") is True)
    spy("execute", "workbench.action.closeModalEditor")  # it lies above the chat
    editor.wait_for(state="detached")
    chat.frame.get_by_text("Nothing that this folder configures is used").wait_for(state="detached")
    chat.ask("Now edit.")
    chat.answer("Allow once")
    chat.shows("Done.")
    desk.until(lambda: len(desk.events(TurnEnded)) == 2)
    assert [it.trusted for it in desk.events(ConfigurationInForce)] == [False, True]
    assert spy("text", path) == "value = 2\n"
    assert len(desk.servers()) == 1, "nothing was restarted"
