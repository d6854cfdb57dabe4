"""Edits as they arrive: in dirty, hidden and closed files, and where typing crosses them."""

from pathlib import Path
from typing import Any

import pytest

from postil.core.events import CallFinished, FileChanged
from tests.editors.nvim.desk import Desk
from tests.support.lsp_client import Json

TEXT = "def add(a, b):\n    return a - b\n\n\ndef mul(a, b):\n    return a + b\n"
FIXED = TEXT.replace("a - b", "a + b")


@pytest.fixture
def desk(desk: Desk) -> Desk:
    """Edits are allowed, so that they come at once."""
    desk.settings('mode = "accept-edits"\n')
    return desk


def edit(path: str = "app.py", old: str = "a - b", new: str = "a + b") -> Json:
    """The model's wish for one replacement."""
    return {"tool": "edit", "input": {"path": path, "edits": [{"old": old, "new": new}]}}


def outcomes(desk: Desk) -> list[str]:
    """How each call ended."""
    return [it.outcome for it in desk.events(CallFinished)]


def test_a_dirty_document_keeps_its_typing_and_one_undo_brings_the_text_before_the_edit(desk: Desk) -> None:
    path = desk.world.file("app.py", TEXT)
    old, new = "def mul(a, b):\n    return a + b", "def mul(a, b):\n    # τ\n    return a * b"
    both = [{"old": "a - b", "new": "a + b"}, {"old": old, "new": new}]
    desk.play({"tool": "edit", "input": {"path": "app.py", "edits": both}}, "Done.")
    nvim = desk.open(path)
    nvim.keys("Go# τυπωμένο 🎈<Esc>")
    typed = [*TEXT.splitlines(), "# τυπωμένο 🎈"]
    nvim.until(lambda: nvim.lines(path) == typed)
    desk.ask_to_fix(2)
    desk.ended("Done.")
    after = FIXED.replace(old, new)
    assert nvim.lines(path) == [*after.splitlines(), "# τυπωμένο 🎈"]
    assert nvim.modified(path)
    assert path.read_text("utf-8") == TEXT
    (made,) = nvim.spy("edits")
    assert (made["made"], made["count"], made.get("label")) == (True, 1, None)
    nvim.keys("u")
    nvim.until(lambda: nvim.lines(path) == typed)
    nvim.keys("u")
    nvim.until(lambda: nvim.lines(path) == TEXT.splitlines())
    nvim.run("redo | redo")
    assert nvim.lines(path) == [*after.splitlines(), "# τυπωμένο 🎈"]


def test_several_files_at_once_each_where_it_lives(desk: Desk) -> None:
    dirty, hidden, closed = (desk.world.file(it, TEXT) for it in ("dirty.py", "hidden.py", "sub/closed.py"))
    new = desk.world.root / "sub" / "new.py"
    blocks = [edit(it) for it in ("dirty.py", "hidden.py", "sub/closed.py")]
    blocks.append({"tool": "write", "input": {"path": "sub/new.py", "content": "νέο = 1\n"}})
    desk.play({"blocks": blocks}, "Done.")
    nvim = desk.open(hidden)
    nvim.run(f"set hidden | edit {dirty}")
    nvim.keys("Go# typed<Esc>")
    nvim.until(lambda: nvim.lines(dirty)[-1] == "# typed")
    desk.ask_to_fix(2)
    desk.ended("Done.")

    assert nvim.lines(dirty) == [*FIXED.splitlines(), "# typed"]
    assert nvim.lines(hidden) == FIXED.splitlines()
    assert [dirty.read_text("utf-8"), hidden.read_text("utf-8")] == [TEXT, TEXT]
    assert nvim.modified(hidden)
    assert [closed.read_text("utf-8"), new.read_text("utf-8")] == [FIXED, "νέο = 1\n"]
    assert not nvim.loaded(closed)
    assert not nvim.loaded(new)
    where = {Path(it.path).name: it.where for it in desk.events(FileChanged)}
    assert where == {"dirty.py": "buffer", "hidden.py": "buffer", "closed.py": "disk", "new.py": "disk"}
    nvim.run(f"edit {new}")
    assert nvim.lines(new) == ["νέο = 1"]
    assert not nvim.modified(new)


def typed_before_the_edit(first: int, last: int, *lines: str) -> str:
    """Return Lua that types in the moment before the next edit arrives."""
    words = ", ".join(f"'{it}'" for it in lines)
    change = f"vim.api.nvim_buf_set_lines(buffer, {first}, {last}, true, {{ {words} }})"
    return f"spy.before_edit = function(buffer) {change} end"


@pytest.mark.parametrize("version", [0, 1])
def test_an_edit_that_crosses_typing_is_not_made_but_redone(desk: Desk, version: int) -> None:
    """Neovim opens a document at version 0 and would not check an edit that names it."""
    path = desk.world.file("app.py", TEXT)
    desk.play(edit(), "Done.")
    nvim = desk.open(path)
    if version:
        nvim.keys("Go# typed<Esc>")
        nvim.until(lambda: nvim.lines(path)[-1] == "# typed")
    nvim.lua(typed_before_the_edit(0, 0, "# one", "# two"))
    desk.ask_to_fix(2)
    desk.ended("Done.")
    expected = ["# one", "# two", *FIXED.splitlines(), *(["# typed"] if version else [])]
    assert nvim.lines(path) == expected
    crossed, redone = nvim.spy("edits")
    assert (crossed["applied"], crossed["made"], redone["made"]) == (True, False, True)
    if not version:
        assert crossed["version"] == 1
    assert redone["version"] > crossed["version"] > 0
    assert outcomes(desk) == ["completed"]


def test_typing_in_the_very_place_of_an_edit_is_told_to_the_agent(desk: Desk) -> None:
    path = desk.world.file("app.py", TEXT)
    desk.play(
        {"when": {"after": "prompt"}, **edit()},
        {"when": {"failed": True}, **edit(old="sub(a, b)", new="a + b")},
        {"when": {"failed": False}, "text": "Done."},
    )
    nvim = desk.open(path)
    nvim.lua(typed_before_the_edit(1, 2, "    return sub(a, b)"))
    desk.ask_to_fix(2)
    desk.ended("Done.")
    assert nvim.lines(path) == FIXED.splitlines()
    assert [it["made"] for it in nvim.spy("edits")] == [False, True]
    assert outcomes(desk) == ["failed", "completed"]
    nvim.keys("u")
    nvim.until(lambda: nvim.lines(path)[1] == "    return sub(a, b)")


def test_a_file_that_something_else_writes_while_its_buffer_is_dirty(desk: Desk) -> None:
    """The buffer is what is edited; neither the typing nor what was written is lost."""
    path = desk.world.file("app.py", TEXT)
    desk.play(
        {"when": {"after": "prompt"}, **edit()},
        {"when": {"tool": "edit"}, "tool": "shell", "input": {"command": "sh -c 'cat app.py'"}},
        {"when": {"tool": "shell"}, "text": "Done."},
    )
    nvim = desk.open(path)
    nvim.keys("Go# typed<Esc>")
    nvim.until(lambda: nvim.lines(path)[-1] == "# typed")
    elsewhere = "# written elsewhere\n" + TEXT
    path.write_text(elsewhere, "utf-8")
    desk.ask_to_fix(2)
    question = desk.question("run a command: sh -c 'cat app.py'")
    assert "\nsaves: app.py" in question["message"]
    desk.answer("run a command")
    desk.ended("Done.")
    assert nvim.lines(path) == [*FIXED.splitlines(), "# typed"]
    assert nvim.modified(path)
    assert path.read_text("utf-8") == elsewhere
    shell: Any = desk.events(CallFinished)[-1]
    assert "# written elsewhere" in shell.content
    assert "Could not be saved, so the command saw older text of: app.py." in shell.content


def test_a_buffer_without_changes_shows_what_a_command_wrote(desk: Desk) -> None:
    """The agent's next edit is one of the new text, and neither is undone by the other."""
    path = desk.world.file("app.py", TEXT)
    desk.play(
        {"when": {"after": "prompt"}, "tool": "shell", "input": {"command": "sed -i 1i#\\ written app.py"}},
        {"when": {"tool": "shell", "result": "no output"}, "tool": "ask_user", "input": ASK},
        {"when": {"tool": "ask_user"}, **edit()},
        {"when": {"tool": "edit"}, "tool": "shell", "input": {"command": "sh -c 'cat app.py'"}},
        {"when": {"tool": "shell"}, "text": "Done."},
    )
    nvim = desk.open(path)
    desk.ask_to_fix(2)
    desk.answer("run a command: sed")
    desk.question("Go on?")
    nvim.until(lambda: nvim.lines(path) == ["# written", *TEXT.splitlines()])
    assert not nvim.modified(path)
    desk.answer("Go on?", "Postil: Yes")
    desk.answer("run a command: sh")
    desk.ended("Done.")
    assert path.read_text("utf-8") == "# written\n" + FIXED
    nvim.keys("u")
    nvim.until(lambda: nvim.lines(path) == ["# written", *TEXT.splitlines()])


ASK: Json = {"question": "Go on?", "options": ["Yes", "No"]}
