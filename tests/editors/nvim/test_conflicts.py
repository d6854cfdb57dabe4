"""A command changes a file while the person types in it: a warning at its line, and the person says which text stays."""

from pathlib import Path

import pytest

from postil.core.events import CallFinished
from tests.editors.nvim.desk import Desk
from tests.editors.nvim.neovim import Neovim
from tests.editors.waiting import wait_for

OLD, NEW = ["a = 1", "b = 2"], ["a = 1", "b = 3"]
TYPED = [*OLD, "# typed"]
WARNING = "The file changed on disk while this buffer has unsaved edits."
COMMAND = "touch begun; until [ -e typed ]; do sleep 0.02; done; sed -i s/2/3/ app.py"


def overtaken(desk: Desk, without: tuple[str, ...]) -> tuple[Neovim, Path]:
    """Type while the command runs, and let it write then; returns once the warning is shown."""
    path = desk.world.file("app.py", "\n".join([*OLD, ""]))
    desk.play({"tool": "shell", "input": {"command": COMMAND}}, "Done.")
    nvim = desk.open(path, without=without)
    desk.ask_to_fix(1)
    desk.answer("run a command")
    wait_for((desk.world.root / "begun").exists, nvim.said)
    nvim.keys("Go# typed<Esc>")
    nvim.until(lambda: nvim.lines(path) == TYPED)
    desk.command("session.list", {})  # by its answer the typing has arrived
    desk.world.file("typed", "")
    (warning,) = nvim.until(nvim.diagnostics)
    assert (warning["message"], warning["severity"], warning["name"]) == (WARNING, 2, str(path))
    assert warning["lnum"] == 1
    return nvim, path


@pytest.mark.parametrize("without", [(), ("handlers =", "experimental =")])
def test_take_disk_is_one_step_that_undo_takes_back(desk: Desk, without: tuple[str, ...]) -> None:
    nvim, path = overtaken(desk, without)
    titles = desk.choose(2, "Take disk")
    assert [it.partition(" [")[0] for it in titles[:2]] == ["Keep mine", "Take disk"]
    desk.ended("Done.")
    assert nvim.lines(path) == NEW
    assert path.read_text("utf-8").splitlines() == NEW
    assert nvim.modified(path) is bool(without), "where Postil may save, Neovim knows that it shows the file"
    nvim.keys("u" if without or nvim.has_new_start else "uu")  # the older one has read the file again
    nvim.until(lambda: nvim.lines(path) == TYPED)
    (shell,) = desk.events(CallFinished)
    assert "app.py: the user took the disk's text" in shell.content


def test_keep_mine_leaves_both_texts_where_they_are(desk: Desk) -> None:
    nvim, path = overtaken(desk, ())
    desk.choose(2, "Keep mine")
    desk.ended("Done.")
    assert nvim.lines(path) == TYPED
    assert nvim.modified(path)
    assert path.read_text("utf-8").splitlines() == NEW
    (shell,) = desk.events(CallFinished)
    assert "app.py: the user kept the unsaved text" in shell.content
