"""Taking back in Neovim what its own undo cannot: creations, renames, deletions, closed files, all of a turn."""

from pathlib import Path

import pytest

from postil.core.changes import Rewound
from tests.editors.nvim.desk import Desk
from tests.support.lsp_client import Json

FILES = {
    "app.py": b"one\ntwo\nthree\nfour\n",
    "closed.txt": b"eins\r\nzwei\r\n",
    "gone.txt": b"\xff\xfe" + "weg\n".encode("utf-16-le"),
    "name.txt": b"no newline at the end",
}
CALLS: tuple[Json, ...] = (
    {"tool": "edit", "input": {"path": "app.py", "edits": [{"old": "one", "new": "1"}]}},
    {"tool": "edit", "input": {"path": "closed.txt", "edits": [{"old": "zwei", "new": "2"}]}},
    {"tool": "write", "input": {"path": "new/made.txt", "content": "made\n"}},
    {"tool": "delete", "input": {"path": "gone.txt"}},
    {"tool": "move", "input": {"path": "name.txt", "to": "docs/name.txt"}},
)


@pytest.fixture
def desk(desk: Desk) -> Desk:
    """The work is done, with `app.py` open and typed in."""
    desk.settings('mode = "accept-edits"\n')
    path = Path()
    for name, data in reversed(FILES.items()):
        path = desk.world.file(name, "")
        path.write_bytes(data)
    desk.play({"blocks": list(CALLS)}, "Done.")
    nvim = desk.open(path)
    nvim.keys("Gofive<Esc>")
    nvim.until(lambda: nvim.lines(path)[-1] == "five")
    desk.ask_to_fix(2)
    desk.ended("Done.")
    assert nvim.lines(path) == ["1", "two", "three", "four", "five"]
    assert tree(desk) == {
        "app.py": FILES["app.py"],
        "closed.txt": b"eins\r\n2\r\n",
        "new/made.txt": b"made\n",
        "docs/name.txt": FILES["name.txt"],
    }
    return desk


def tree(desk: Desk) -> dict[str, bytes]:
    root = desk.world.root
    return {str(it.relative_to(root)): it.read_bytes() for it in root.rglob("*") if it.is_file()}


def test_a_turn_goes_back_to_the_byte_and_typing_stays(desk: Desk) -> None:
    nvim, path = desk.nvim, desk.world.root / "app.py"
    desk.choose(1, "Postil: Rewind to before this turn")
    desk.answer("Postil asks to go back to before", "Postil: Rewind files and conversation")
    nvim.until(lambda: desk.events(Rewound))
    assert nvim.lines(path) == ["one", "two", "three", "four", "five"]
    assert nvim.modified(path)
    assert tree(desk) == FILES
    nvim.keys("u")
    nvim.until(lambda: nvim.lines(path) == ["1", "two", "three", "four", "five"])


def test_one_change_is_undone_and_what_was_typed_after_it_stays(desk: Desk) -> None:
    nvim, path = desk.nvim, desk.world.root / "app.py"
    nvim.keys("Gosix<Esc>")
    nvim.until(lambda: nvim.lines(path)[-1] == "six")
    desk.choose(1, "Postil: Undo change")
    desk.answer("Postil asks to undo a change", "Postil: Undo")
    nvim.until(lambda: desk.events(Rewound))
    assert nvim.lines(path) == ["one", "two", "three", "four", "five", "six"]
    assert tree(desk)["closed.txt"] == b"eins\r\n2\r\n"


def test_a_file_that_was_opened_since_goes_back_in_its_buffer(desk: Desk) -> None:
    """The edit had gone to the disk; where the file is open now, its undo goes through the buffer."""
    nvim, gone = desk.nvim, desk.world.root / "closed.txt"
    nvim.run(f"edit {gone}")
    nvim.until(lambda: nvim.lines(gone) == ["eins", "2"])
    desk.choose(1, "Postil: Rewind to before this turn")
    desk.answer("Postil asks to go back to before", "Postil: Rewind files")
    nvim.until(lambda: desk.events(Rewound))
    assert nvim.lines(gone) == ["eins", "zwei"]
    nvim.run(f"buffer {gone} | write")
    nvim.run(f"buffer {desk.world.root / 'app.py'} | write")
    assert tree(desk) == FILES | {"app.py": FILES["app.py"] + b"five\n"}
