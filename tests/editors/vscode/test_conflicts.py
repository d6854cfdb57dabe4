"""A command changes a file while the person types in it: a warning at its line, and the person says which text stays."""

from pathlib import Path

from postil.core.events import CallFinished
from tests.editors.vscode.desk import Desk
from tests.editors.vscode.wishes import run

OLD, NEW = "a = 1\nb = 2\n", "a = 1\nb = 3\n"
TYPED = OLD + "# typed"
WARNING = "The file changed on disk while this buffer has unsaved edits."
COMMAND = "touch begun; until [ -e typed ]; do sleep 0.02; done; sed -i s/2/3/ app.py"


def overtaken(desk: Desk) -> Path:
    """Type while the command runs, and let it write then; returns once the warning is shown."""
    path = desk.world.file("app.py", OLD)
    desk.play(run(COMMAND), "Done.")
    spy = desk.open(path)
    desk.ask_to_fix(path, 1)
    desk.answer("run a command")
    desk.until((desk.world.root / "begun").exists)
    spy("append", path, "# typed")
    desk.command("session.list", {})  # by its answer the typing has arrived
    desk.world.file("typed", "")
    desk.until(lambda: conflicts(desk))
    (warning,) = conflicts(desk)
    assert (warning["message"], warning["severity"], warning["path"]) == (WARNING, 1, str(path))
    assert warning["line"] == 2
    return path


def conflicts(desk: Desk) -> list[dict[str, object]]:
    return [it for it in desk.spy("diagnostics", "Postil") if it["code"] == "conflict"]


def test_take_disk_is_one_step_that_undo_takes_back(desk: Desk) -> None:
    path = overtaken(desk)
    titles = desk.choose(path, 2, "Take disk")
    assert [it for it in titles if it.startswith(("Keep mine", "Take disk"))] == ["Keep mine", "Take disk"]
    desk.ended("Done.")
    spy = desk.spy
    assert (spy("text", path), path.read_text("utf-8")) == (NEW, NEW)
    spy("inEditor", path, "undo")
    desk.until(lambda: spy("text", path) == TYPED)
    (shell,) = desk.events(CallFinished)
    assert "app.py: the user took the disk's text" in shell.content


def test_keep_mine_leaves_both_texts_where_they_are(desk: Desk) -> None:
    path = overtaken(desk)
    desk.choose(path, 2, "Keep mine")
    desk.ended("Done.")
    assert (desk.spy("text", path), desk.spy("dirty", path)) == (TYPED, True)
    assert path.read_text("utf-8") == NEW
    (shell,) = desk.events(CallFinished)
    assert "app.py: the user kept the unsaved text" in shell.content
