"""Taking back in VS Code what its own undo cannot: creations, renames, deletions, closed files, all of a turn."""

import pytest

from postil.core.changes import Rewound
from tests.editors.vscode.desk import Desk
from tests.editors.vscode.wishes import edit
from tests.support.lsp_client import Json

FILES = {
    "app.py": b"one\ntwo\nthree\nfour\n",
    "closed.txt": b"eins\r\nzwei\r\n",
    "gone.txt": b"\xff\xfe" + "weg\n".encode("utf-16-le"),
    "name.txt": b"no newline at the end",
}
CALLS: tuple[Json, ...] = (
    edit("app.py", "one", "1"),
    edit("closed.txt", "zwei", "2"),
    {"tool": "write", "input": {"path": "new/made.txt", "content": "made\n"}},
    {"tool": "delete", "input": {"path": "gone.txt"}},
    {"tool": "move", "input": {"path": "name.txt", "to": "docs/name.txt"}},
)


@pytest.fixture
def desk(desk: Desk) -> Desk:
    """The work is done, with `app.py` open and typed in."""
    desk.settings('mode = "accept-edits"\n')
    for name, data in FILES.items():
        desk.world.file(name, "").write_bytes(data)
    path = desk.world.root / "app.py"
    desk.play({"blocks": list(CALLS)}, "Done.")
    spy = desk.open(path)
    spy("append", path, "five\n")
    desk.ask_to_fix(path, 2)
    desk.ended("Done.")
    assert spy("text", path) == "1\ntwo\nthree\nfour\nfive\n"
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
    spy, path = desk.spy, desk.world.root / "app.py"
    desk.choose(path, 1, "Postil: Rewind to before this turn")
    desk.answer("Postil asks to go back to before", "Postil: Rewind files and conversation")
    desk.until(lambda: desk.events(Rewound))
    assert spy("text", path) == "one\ntwo\nthree\nfour\nfive\n"
    assert spy("dirty", path) is True
    assert tree(desk) == FILES
    spy("inEditor", path, "undo")
    desk.until(lambda: spy("text", path) == "1\ntwo\nthree\nfour\nfive\n")


def test_one_change_is_undone_and_what_was_typed_after_it_stays(desk: Desk) -> None:
    spy, path = desk.spy, desk.world.root / "app.py"
    spy("append", path, "six\n")
    desk.choose(path, 1, "Postil: Undo change")
    desk.answer("Postil asks to undo a change", "Postil: Undo")
    desk.until(lambda: desk.events(Rewound))
    assert spy("text", path) == "one\ntwo\nthree\nfour\nfive\nsix\n"
    assert tree(desk)["closed.txt"] == b"eins\r\n2\r\n"


def test_a_file_that_was_opened_since_goes_back_in_its_buffer(desk: Desk) -> None:
    """The edit had gone to the disk; where the file is open now, its undo goes through the buffer."""
    spy, closed = desk.spy, desk.world.root / "closed.txt"
    spy("open", closed)
    assert spy("text", closed) == "eins\r\n2\r\n"
    desk.choose(closed, 1, "Postil: Rewind to before this turn")
    desk.answer("Postil asks to go back to before", "Postil: Rewind files")
    desk.until(lambda: desk.events(Rewound))
    assert spy("text", closed) == "eins\r\nzwei\r\n"
    spy("save", closed)
    spy("save", desk.world.root / "app.py")
    assert tree(desk) == FILES | {"app.py": FILES["app.py"] + b"five\n"}
