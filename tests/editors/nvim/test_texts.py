"""Files of every kind: edited in the buffer, saved by Postil's wish, undone, to the exact bytes."""

import codecs

from postil.core.events import CallFinished, FileChanged
from tests.editors.nvim.desk import Desk
from tests.support.lsp_client import Json

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
    "latin-1": BODY.encode("latin-1"),
    "utf-16": codecs.BOM_UTF16_LE + BODY.encode("utf-16-le"),
    "one line": b"old = '\xc3\xa4'",
}


def edited(data: bytes) -> bytes:
    """The file as it has to be after the edit."""
    encoding = next((it for it in ("utf-8", "latin-1") if _decodes(data, it)), "")
    if data.startswith(codecs.BOM_UTF16_LE):
        encoding = "utf-16-le"
    new = NEW.replace("\n", "\r\n") if b"\r\n" in data else NEW
    return data.replace(OLD.encode(encoding), new.encode(encoding))


def _decodes(data: bytes, encoding: str) -> bool:
    try:
        data.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


def test_edit_save_and_undo_to_the_exact_bytes(desk: Desk) -> None:
    """Neovim adds a final newline where there is none, unless it is told not to."""
    paths = {kind: desk.world.root / f"{kind}.py" for kind in TEXTS}
    for kind, path in paths.items():
        path.write_bytes(TEXTS[kind])
    desk.settings('mode = "accept-edits"\nallow = ["Bash(sh -c true)"]\n')
    desk.play(
        {"blocks": [{"tool": "read", "input": {"path": it.name}} for it in paths.values()]},
        {"blocks": [edit(kind) for kind in TEXTS]},
        {"tool": "shell", "input": {"command": "sh -c true"}},
        "Done.",
    )
    nvim = desk.open(*paths.values())
    nvim.run("set hidden nofixeol")
    for path in paths.values():
        nvim.run(f"edit {nvim.escaped(path)}")
        desk.attached()
    desk.ask_to_fix(1)
    desk.ended("Done.")
    assert {kind: path.read_bytes() for kind, path in paths.items()} == {
        kind: edited(data) for kind, data in TEXTS.items()
    }
    assert [it.where for it in desk.events(FileChanged)] == ["buffer"] * len(paths)
    (shell,) = (it for it in desk.events(CallFinished) if it.tool == "shell")
    assert "saved" not in shell.content
    for path in paths.values():
        assert not nvim.modified(path)
        nvim.run(f"edit {nvim.escaped(path)} | undo | write")
    assert {kind: path.read_bytes() for kind, path in paths.items()} == TEXTS


def test_a_final_newline_that_neovim_adds_is_no_unsaved_change(desk: Desk) -> None:
    path = desk.world.file("app.py", "old = 'ä'")
    desk.settings('mode = "accept-edits"\nallow = ["Bash(sh -c true)"]\n')
    shell = {"tool": "shell", "input": {"command": "sh -c true"}}
    replace = {"tool": "edit", "input": {"path": "app.py", "edits": [{"old": OLD, "new": NEW}]}}
    desk.play(replace, shell, shell, "Done.")
    nvim = desk.open(path)
    desk.ask_to_fix(1)
    nvim.until(lambda: nvim.spy("messages") or nvim.diagnostics())
    assert path.read_text("utf-8") == NEW + "\n"
    assert nvim.diagnostics() == []


def edit(kind: str) -> Json:
    """The model's wish for the replacement, with the line endings of the file."""
    new = NEW.replace("\n", "\r\n") if "crlf" in kind else NEW
    return {"tool": "edit", "input": {"path": f"{kind}.py", "edits": [{"old": OLD, "new": new}]}}
