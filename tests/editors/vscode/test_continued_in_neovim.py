"""A session that is begun in VS Code, closed there, and continued in Neovim: both real, on one folder and one record."""

from __future__ import annotations

import importlib
import re
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from postil.core.events import (
    PermissionDecided,
    PromptReceived,
    SessionClosed,
    SessionCreated,
    SessionResumed,
    TurnEnded,
)
from tests.editors.nvim.chat import Chat
from tests.editors.nvim.conftest import needed
from tests.editors.nvim.desk import Desk as Person
from tests.editors.nvim.desk import new_desk
from tests.editors.vscode.desk import Desk
from tests.editors.vscode.wishes import edit, run

TEXT = "value = 1\nother = 1\n"


def test_a_session_of_vs_code_goes_on_in_neovim(desk: Desk, tmp_path_factory: pytest.TempPathFactory) -> None:
    binary = needed("wheel")
    importlib.import_module("pynvim")  # The thread that imports it first is the main one to it.
    path = desk.world.file("app.py", TEXT)
    desk.play(
        {"when": {"after": "prompt"}, "text": "I look.", **edit("app.py", "value = 1", "value = 2")},
        {"when": {"after": "results"}, "text": "Done in the window."},
        {"when": {"after": "prompt"}, "text": "I look again.", **run("touch made")},
        {"when": {"after": "results"}, "text": "Done in the document."},
    )
    spy = desk.open(path)
    window = desk.chat().open()
    window.ask("Edit it.")
    window.answer("Allow once")
    window.shows("Done in the window.")
    desk.until(lambda: desk.events(TurnEnded))
    spy("save", path)
    desk.until(lambda: path.read_text("utf-8") == "value = 2\nother = 1\n")
    desk.quit()

    # A thread of its own: what drives the browser and what drives Neovim both want the loop of the one that they are in.
    with ThreadPoolExecutor(1) as thread:
        thread.submit(go_on, desk, path, binary, tmp_path_factory.mktemp("nv")).result()
    assert (desk.world.root / "made").exists()
    faces = [it.face for it in desk.journal() if isinstance(it, PromptReceived | PermissionDecided)]
    assert faces == ["lsp:VS Code", "lsp:VS Code", "lsp:Neovim", "lsp:Neovim"]
    assert [it.face for it in desk.events(SessionResumed)] == ["lsp:Neovim"]
    assert len(desk.events(SessionCreated)) == 1
    assert desk.events(SessionClosed)
    told = desk.asked()[-1]
    assert told.index("Edit it.") < told.index("Done in the window.") < told.index("Once more.")


def go_on(desk: Desk, path: Path, binary: Path, home: Path) -> None:
    """Open the session in Neovim, ask for more, and take back what was done before."""
    with new_desk(home, home, binary, desk) as person:
        nvim = person.open_module(path)
        nvim.lua("spy.choice = 'Edit it.'")
        nvim.run("Postil chat of")
        nvim.until(lambda: "/.postil/chat/" in here(person))
        document = Path(here(person))
        person.attached()
        chat = Chat.shown(person, document)
        chat.shows("Done in the window.")
        assert re.match(r"# Edit it\.\n<!-- postil s\w+ ", chat.text)
        assert "## You\nEdit it.\n\n## Postil\nI look.\n" in chat.text
        assert "\n- edited [app.py:1](../../app.py#L1), " in chat.text
        assert re.search(r"^- answer: allowed once, by you in VS Code, ", chat.text, re.MULTILINE)
        chat.send("Once more.")
        person.answer("run a command")
        chat.ended(2)
        assert re.search(r"^- answer: allowed once, by you in Neovim, ", chat.text, re.MULTILINE)
        assert chat.text.count("I look.") == chat.text.count("Done in the document.") == 1
        # What was done in the other editor is taken back from here.
        person.choose(chat.line("- edited [app.py:1]"), "Postil: Undo")
        nvim.until(lambda: nvim.lines(path) == TEXT.splitlines())


def here(person: Person) -> str:
    """Return the file in the window that has the cursor."""
    return str(person.nvim.lua("return vim.api.nvim_buf_get_name(0)"))
