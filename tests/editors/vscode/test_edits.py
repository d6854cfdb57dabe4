"""Edits as they arrive: in dirty, hidden and closed files, and where typing crosses them."""

from pathlib import Path

import pytest

from postil.core.events import CallFinished, FileChanged
from tests.editors.vscode.desk import Desk
from tests.editors.vscode.wishes import ASK, edit, run

TEXT = "def add(a, b):\n    return a - b\n\n\ndef mul(a, b):\n    return a + b\n"
FIXED = TEXT.replace("a - b", "a + b")
TYPED = TEXT + "# typed"


@pytest.fixture
def desk(desk: Desk) -> Desk:
    """Edits are allowed, so that they come at once."""
    desk.settings('mode = "accept-edits"\n')
    return desk


def outcomes(desk: Desk) -> list[str]:
    """How each call ended."""
    return [it.outcome for it in desk.events(CallFinished)]


def test_a_dirty_document_keeps_its_typing_and_one_undo_brings_the_text_before_the_edit(desk: Desk) -> None:
    path = desk.world.file("app.py", TEXT)
    old, new = "def mul(a, b):\n    return a + b", "def mul(a, b):\n    # τ\n    return a * b"
    both = [{"old": "a - b", "new": "a + b"}, {"old": old, "new": new}]
    desk.play({"tool": "edit", "input": {"path": "app.py", "edits": both}}, "Done.")
    spy = desk.open(path)
    spy("append", path, "# τυπωμένο 🎈")
    typed = TEXT + "# τυπωμένο 🎈"
    desk.ask_to_fix(path, 2)
    desk.ended("Done.")
    after = FIXED.replace(old, new) + "# τυπωμένο 🎈"
    assert spy("text", path) == after
    assert spy("dirty", path) is True
    assert path.read_text("utf-8") == TEXT
    (made,) = desk.said("workspace/applyEdit")
    assert len(made["edit"]["documentChanges"]) == 1
    spy("inEditor", path, "undo")
    desk.until(lambda: spy("text", path) == typed)
    spy("inEditor", path, "undo")
    desk.until(lambda: spy("text", path) == TEXT)
    assert spy("dirty", path) is False, "it is the text that was saved, to the byte"
    spy("inEditor", path, "redo")
    spy("inEditor", path, "redo")
    desk.until(lambda: spy("text", path) == after)


def test_several_files_at_once_each_where_it_lives(desk: Desk) -> None:
    dirty, hidden, closed = (desk.world.file(it, TEXT) for it in ("dirty.py", "hidden.py", "sub/closed.py"))
    new = desk.world.root / "sub" / "new.py"
    blocks = [edit(it) for it in ("dirty.py", "hidden.py", "sub/closed.py")]
    blocks.append({"tool": "write", "input": {"path": "sub/new.py", "content": "νέο = 1\n"}})
    desk.play({"blocks": blocks}, "Done.")
    spy = desk.open(hidden, dirty)
    spy("append", dirty, "# typed")
    desk.ask_to_fix(dirty, 2)
    desk.ended("Done.")
    assert spy("text", dirty) == FIXED + "# typed"
    assert spy("text", hidden) == FIXED
    assert [dirty.read_text("utf-8"), hidden.read_text("utf-8")] == [TEXT, TEXT]
    assert spy("dirty", hidden) is True
    assert [closed.read_text("utf-8"), new.read_text("utf-8")] == [FIXED, "νέο = 1\n"]
    assert [spy("text", closed), spy("text", new)] == [None, None], "what is closed stays closed"
    where = {Path(it.path).name: it.where for it in desk.events(FileChanged)}
    assert where == {"dirty.py": "buffer", "hidden.py": "buffer", "closed.py": "disk", "new.py": "disk"}
    assert spy("active") == str(dirty), "nothing takes the person's place away"
    assert [it["label"] for it in spy("tabs")] == ["hidden.py", "dirty.py"]
    spy("open", new)
    assert (spy("text", new), spy("dirty", new)) == ("νέο = 1\n", False)


@pytest.mark.parametrize("typed_before", [False, True])
def test_an_edit_that_crosses_typing_is_not_made_but_redone(desk: Desk, typed_before: bool) -> None:
    path = desk.world.file("app.py", TEXT)
    desk.play(edit(), "Done.")
    spy = desk.open(path)
    if typed_before:
        spy("append", path, "# typed")
    desk.hold_edit()
    desk.ask_to_fix(path, 2)
    desk.held()
    spy("replaceLine", path, 1, "# one\n# two\ndef add(a, b):")
    desk.let_edit_go()
    desk.ended("Done.")
    assert spy("text", path) == "# one\n# two\n" + FIXED + ("# typed" if typed_before else "")
    crossed, redone = (
        it["edit"]["documentChanges"][0]["textDocument"]["version"] for it in desk.said("workspace/applyEdit")
    )
    assert redone > crossed > 0
    assert [it["applied"] for it in desk.replies("workspace/applyEdit")] == [False, True]
    assert outcomes(desk) == ["completed"]


def test_typing_in_the_very_place_of_an_edit_is_told_to_the_agent(desk: Desk) -> None:
    path = desk.world.file("app.py", TEXT)
    desk.play(
        {"when": {"after": "prompt"}, **edit()},
        {"when": {"failed": True}, **edit(old="sub(a, b)", new="a + b")},
        {"when": {"failed": False}, "text": "Done."},
    )
    spy = desk.open(path)
    desk.hold_edit()
    desk.ask_to_fix(path, 2)
    desk.held()
    spy("replaceLine", path, 2, "    return sub(a, b)")
    desk.let_edit_go()
    desk.ended("Done.")
    assert spy("text", path) == FIXED
    assert [it["applied"] for it in desk.replies("workspace/applyEdit")] == [False, True]
    assert outcomes(desk) == ["failed", "completed"]
    spy("inEditor", path, "undo")
    desk.until(lambda: spy("text", path).splitlines()[1] == "    return sub(a, b)")


def test_a_file_that_something_else_writes_while_its_buffer_is_dirty(desk: Desk) -> None:
    """The buffer is what is edited; neither the typing nor what was written is lost."""
    path = desk.world.file("app.py", TEXT)
    desk.play(
        {"when": {"after": "prompt"}, **edit()},
        {"when": {"tool": "edit"}, **run("sh -c 'cat app.py'")},
        {"when": {"tool": "shell"}, "text": "Done."},
    )
    spy = desk.open(path)
    spy("append", path, "# typed")
    elsewhere = "# written elsewhere\n" + TEXT
    path.write_text(elsewhere, "utf-8")
    desk.ask_to_fix(path, 2)
    question = desk.question("run a command: sh -c 'cat app.py'")
    assert "\nsaves: app.py" in question["message"]
    desk.answer("run a command")
    desk.ended("Done.")
    assert spy("text", path) == FIXED + "# typed"
    assert spy("dirty", path) is True
    assert path.read_text("utf-8") == elsewhere
    shell = desk.events(CallFinished)[-1]
    assert "# written elsewhere" in shell.content
    assert "Could not be saved, so the command saw older text of: app.py." in shell.content


def test_a_buffer_without_changes_shows_what_a_command_wrote(desk: Desk) -> None:
    """The agent's next edit is one of the new text, and neither is undone by the other."""
    path = desk.world.file("app.py", TEXT)
    desk.play(
        {"when": {"after": "prompt"}, **run("sed -i 1i#\\ written app.py")},
        {"when": {"tool": "shell", "result": "no output"}, "tool": "ask_user", "input": ASK},
        {"when": {"tool": "ask_user"}, **edit()},
        {"when": {"tool": "edit"}, **run("sh -c 'cat app.py'")},
        {"when": {"tool": "shell"}, "text": "Done."},
    )
    spy = desk.open(path)
    desk.ask_to_fix(path, 2)
    desk.answer("run a command: sed")
    desk.question("Go on?")
    desk.until(lambda: spy("text", path) == "# written\n" + TEXT)
    assert spy("dirty", path) is False
    desk.answer("Go on?", "Postil: Yes")
    desk.answer("run a command: sh")
    desk.ended("Done.")
    assert path.read_text("utf-8") == "# written\n" + FIXED
    spy("inEditor", path, "undo")
    desk.until(lambda: spy("text", path) == "# written\n" + TEXT)
