"""What an agent changed is reviewed hunk by hunk: kept or undone, to the exact bytes, and nothing is pending on disk."""

from pathlib import Path

import pytest

from tests.editors.vscode.desk import Desk
from tests.editors.vscode.wishes import edit

TEXT = "".join(f"line {number}\n" for number in range(40))


@pytest.fixture
def path(desk: Desk) -> Path:
    """A file with two changed hunks."""
    desk.settings('mode = "accept-edits"\n')
    path = desk.world.file("app.txt", TEXT)
    desk.play(
        {"blocks": [edit("app.txt", "line 3\n", "LINE 3\n"), edit("app.txt", "line 30\n", "LINE 30\n")]},
        "Done.",
    )
    desk.open(path)
    desk.ask_to_fix(path, 1)
    desk.ended("Done.")
    return path


def lenses(desk: Desk, path: Path) -> list[str]:
    return [it["title"] for it in desk.spy("lenses", path)]


def test_hunks_carry_lenses_until_they_are_kept_or_undone(desk: Desk, path: Path) -> None:
    spy = desk.spy
    both = TEXT.replace("line 3\n", "LINE 3\n").replace("line 30\n", "LINE 30\n")
    assert spy("text", path) == both
    desk.until(lambda: lenses(desk, path).count("Keep") == 2)
    assert "Postil changed 2 hunks" in lenses(desk, path)
    desk.window.lenses.filter(has_text="Undo").first.wait_for()
    spy("open", path, 4)
    desk.window.command("Postil: Undo Hunk")
    desk.until(lambda: spy("text", path) == TEXT.replace("line 30\n", "LINE 30\n"))
    desk.until(lambda: lenses(desk, path).count("Keep") == 1)
    desk.window.command("Postil: Keep All")
    desk.until(lambda: lenses(desk, path) == [])
    assert spy("text", path) == TEXT.replace("line 30\n", "LINE 30\n")
    spy("inEditor", path, "undo")
    desk.until(lambda: spy("text", path) == both)


def test_all_changes_open_in_one_editor(desk: Desk, path: Path) -> None:
    desk.until(lambda: lenses(desk, path).count("Keep") == 2)
    desk.window.command("Postil: Review Changes")
    desk.until(lambda: any(it["label"].startswith("Changed by Postil") for it in desk.spy("tabs")))
    desk.window.page.locator(".multiDiffEntry, .monaco-diff-editor").first.wait_for()
