"""Files of every kind: edited in the buffer, saved by Postil's wish, undone, to the exact bytes."""

import codecs

from postil.core.events import CallFinished, FileChanged
from tests.editors.vscode.desk import Desk
from tests.editors.vscode.wishes import edit, run

OLD, NEW = "old = 'ä'", "new = 'ö'\nnew = 2"
BODY = "# naïve\nif 1:\n    old = 'ä'\n\ndef f():\n    pass\n"
ODD = "# 🎈 é τ\f\n\fx = '\u2028 🎈🎈'; old = 'ä' # ü\n\x0b\x85\ty = '\u200d'\n"

TEXTS: dict[str, bytes] = {
    "utf-8": BODY.encode(),
    "crlf": BODY.replace("\n", "\r\n").encode(),
    "odd": ODD.encode(),
    "odd crlf": ODD.replace("\n", "\r\n").encode(),
    "no final newline": BODY.removesuffix("\n").encode(),
    "bom": codecs.BOM_UTF8 + BODY.encode(),
    "utf-16": codecs.BOM_UTF16_LE + BODY.encode("utf-16-le"),
    "one line": b"old = '\xc3\xa4'",
}


def edited(data: bytes) -> bytes:
    """The file as it has to be after the edit."""
    encoding = "utf-16-le" if data.startswith(codecs.BOM_UTF16_LE) else "utf-8"
    new = NEW.replace("\n", "\r\n") if b"\r\n" in data else NEW
    return data.replace(OLD.encode(encoding), new.encode(encoding))


def test_edit_save_and_undo_to_the_exact_bytes(desk: Desk) -> None:
    paths = {kind: desk.world.root / f"{kind}.py" for kind in TEXTS}
    for kind, path in paths.items():
        path.write_bytes(TEXTS[kind])
    desk.settings('mode = "accept-edits"\nallow = ["Bash(sh -c true)"]\n')
    reads = [{"tool": "read", "input": {"path": it.name}} for it in paths.values()]
    edits = [edit(it.name, OLD, NEW) for it in paths.values()]
    desk.play({"blocks": reads}, {"blocks": edits}, run("sh -c true"), "Done.")
    spy = desk.open(*paths.values())
    desk.ask_to_fix(paths["one line"], 1)
    desk.ended("Done.")
    assert {kind: path.read_bytes() for kind, path in paths.items()} == {
        kind: edited(data) for kind, data in TEXTS.items()
    }
    assert [it.where for it in desk.events(FileChanged)] == ["buffer"] * len(paths)
    (shell,) = (it for it in desk.events(CallFinished) if it.tool == "shell")
    assert "saved" not in shell.content
    for path in paths.values():
        assert spy("dirty", path) is False
        spy("inEditor", path, "undo")
        spy("save", path)
    assert {kind: path.read_bytes() for kind, path in paths.items()} == TEXTS
