"""What another source finds in an edit of ours, which the agent hears of, and files of settings while one types."""

from pathlib import Path

from postil.core.events import CallFinished
from tests.editors.vscode.desk import Desk
from tests.editors.vscode.wishes import edit

TEXT = 'deny = [\n  "Edit(docs/**)",\n  "Edit(docs/**)",\n]\n'


def codes(desk: Desk, path: Path) -> list[str]:
    return [it["code"] for it in desk.spy("diagnostics", "Postil") if it["path"] == str(path)]


def test_problems_of_a_settings_file_while_one_types_and_a_dead_rule_taken_out(desk: Desk) -> None:
    path = desk.world.file(".postil/settings.toml", TEXT)
    desk.play("Nothing.")
    spy = desk.open(path)
    desk.until(lambda: codes(desk, path) == ["duplicate"])
    (found,) = (it for it in spy("diagnostics", "Postil") if it["path"] == str(path))
    assert (found["line"], found["message"]) == (3, "Edit(docs/**) stands here twice.")
    desk.choose(path, 3, "Postil: Remove this rule")
    desk.until(lambda: spy("text", path) == 'deny = [\n  "Edit(docs/**)",\n]\n')
    desk.until(lambda: codes(desk, path) == [])
    spy("append", path, 'allow = ["Bash(make)"]\n')
    desk.until(lambda: codes(desk, path) == ["not-here"])
    spy("inEditor", path, "undo")
    desk.until(lambda: codes(desk, path) == [])
    assert any("never runs" in it for it in spy("hover", path, 2, 5))


def test_where_no_other_source_looks_nothing_is_said(desk: Desk) -> None:
    desk.alone = True  # who has looked at a language before counts as looking at it
    path = desk.world.file("app.py", "a = 1\n")
    desk.settings('mode = "accept-edits"\n')
    desk.play(edit("app.py", "a = 1", "a = 2"), "Done.")
    desk.open(path)
    desk.ask_in(desk.session(), path, 1)
    desk.ended("Done.")
    (finished,) = desk.events(CallFinished)
    assert "reports" not in finished.content
