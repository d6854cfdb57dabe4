"""Several folders in one window, and two windows on one folder."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from postil.core.events import CallStarted, SessionClosed, TurnEnded
from tests.editors.vscode.bridge import Bridge
from tests.editors.vscode.codeserver import CodeServer
from tests.editors.vscode.desk import Desk
from tests.editors.vscode.wishes import edit
from tests.editors.vscode.workbench import Workbench

TEXT = "value = 1\n"


@pytest.fixture
def second(browser: Browser) -> Iterator[Workbench]:
    """Another window, still empty."""
    window = Workbench(browser)
    yield window
    window.context.close()


def test_a_session_is_taken_over_by_another_window_and_nothing_is_repeated(
    desk: Desk, server: CodeServer, bridge: Bridge, second: Workbench
) -> None:
    path = desk.world.file("app.py", TEXT)
    desk.play({"when": {"after": "prompt"}, **edit("app.py", "value = 1", "value = 2")}, "Done.")
    desk.open(path)
    chat = desk.chat().open()
    chat.ask("Edit it.")
    chat.card.wait_for()
    (title,) = [it["title"] for it in desk.command("session.list", {})["sessions"]]

    second.go(server.address(desk.world.root))
    spy = desk.until(lambda: bridge.next(desk.world.root))
    desk.until(lambda: spy("extension", "postil.postil")["active"])
    desk.until(lambda: len(desk.replies("initialize", by="editor")) == 2)
    other = desk.chat(second).open()
    second.command("Postil: Resume Session…")
    second.pick(title)
    other.frame.get_by_text("open in another window").wait_for()
    assert other.composer.count() == 0
    other.button("Take over").click()

    chat.frame.get_by_text("Another window has taken this session over.").wait_for()
    assert chat.composer.count() == 0
    other.answer("Allow once")
    other.shows("Done.")
    chat.shows("Done.")
    (journal,) = desk.journals()
    assert len([it for it in journal if isinstance(it, CallStarted)]) == 1
    assert len([it for it in journal if isinstance(it, TurnEnded)]) == 1
    assert any(isinstance(it, SessionClosed) and "taken over" in it.reason for it in journal)
    spy.close()
    second.close()


def test_both_folders_of_a_window_are_worked_in_and_another_one_is_added_meanwhile(
    desk: Desk, tmp_path: Path
) -> None:
    path = desk.world.file("app.py", TEXT)
    lib, late = tmp_path / "lib", tmp_path / "late"
    for folder in (lib, late):
        folder.mkdir()
        (folder / "app.py").write_text(TEXT, "utf-8")
    desk.world.trust(lib, late)
    workspace = tmp_path / "both.code-workspace"
    workspace.write_text(json.dumps({"folders": [{"path": str(it)} for it in (desk.world.root, lib)]}))
    desk.play(
        edit("app.py", "value = 1", "value = 2") | {"times": 1},
        edit("lib/app.py", "value = 1", "value = 3") | {"times": 1},
        {"text": "Both.", "times": 1},
        edit("late/app.py", "value = 1", "value = 4") | {"times": 1},
        {"text": "The third.", "times": 1},
    )
    desk.workspace = workspace
    spy = desk.open(path)
    chat = desk.chat().open()
    chat.ask("Edit both.")
    chat.answer("Allow once")
    chat.answer("Allow once")
    chat.shows("Both.")
    assert (spy("text", path), (lib / "app.py").read_text("utf-8")) == ("value = 2\n", "value = 3\n")

    spy("folders", late, True)
    desk.until(lambda: desk.command("trust", {})["trusted"] and len(desk.events(SessionClosed)) == 1)
    chat.ask("And the third.")
    chat.answer("Allow once")
    chat.shows("The third.")
    assert (late / "app.py").read_text("utf-8") == "value = 4\n"
    assert len(desk.servers()) == 1, "the server follows by itself"
    assert len(desk.journals()) == 1
