"""A client's files as an editor: what comes out of a write decides, and silence is never taken for a file without unsaved text."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest

from postil.acp import editor
from postil.acp.capabilities import Capabilities
from postil.acp.editor import AcpEditor, ClientHasNone, ClientRefused
from postil.core.errors import EditRefused, StaleDocument, ToolError
from postil.core.ports import Replacement

BOTH = Capabilities(can_read=True, can_write=True)


class Files:
    """A client whose buffers are texts; `written` is what it makes of a text that it is given."""

    def __init__(self) -> None:
        self.texts: dict[Path, str] = {}
        self.written: Callable[[str], str] = str
        self.says_no = False
        self.silent = False
        self.refuses = False

    async def read(self, path: Path) -> str:
        if self.silent:
            await asyncio.Event().wait()
        if self.refuses:
            raise ClientRefused("not for you")
        if path not in self.texts:
            raise ClientHasNone("no such file")
        return self.texts[path]

    async def write(self, path: Path, text: str) -> None:
        self.texts[path] = self.written(text)
        if self.says_no:
            raise ClientRefused("no")


@pytest.fixture
def files() -> Files:
    return Files()


def change(path: Path) -> Replacement:
    return Replacement(path, "one\n", "two\n", "Edit", "c1")


async def test_what_the_client_formats_while_it_writes_is_its_text(tmp_path: Path, files: Files) -> None:
    path = tmp_path / "a"
    path.write_text("saved\n")
    files.texts[path] = "one\n"
    files.written = str.upper
    its = AcpEditor(files, BOTH, [tmp_path])
    await its.replace(change(path))
    shown = its.document(path)
    assert shown is not None
    assert shown.text == "TWO\n"


async def test_an_edit_that_is_in_is_made_whatever_the_client_says(tmp_path: Path, files: Files) -> None:
    path = tmp_path / "a"
    files.texts[path] = "one\n"
    files.says_no = True
    await AcpEditor(files, BOTH, [tmp_path]).replace(change(path))
    assert files.texts[path] == "two\n"


async def test_an_edit_that_is_not_in_was_not_made(tmp_path: Path, files: Files) -> None:
    path = tmp_path / "a"
    files.texts[path] = "one\n"
    files.written = lambda _: "one\n"
    with pytest.raises(EditRefused, match="did not take the edit"):
        await AcpEditor(files, BOTH, [tmp_path]).replace(change(path))
    files.written, files.says_no = lambda _: "something else\n", True
    with pytest.raises(StaleDocument):
        await AcpEditor(files, BOTH, [tmp_path]).replace(change(path))


async def test_a_text_that_moved_on_is_not_written_over(tmp_path: Path, files: Files) -> None:
    path = tmp_path / "a"
    files.texts[path] = "typed\n"
    with pytest.raises(StaleDocument):
        await AcpEditor(files, BOTH, [tmp_path]).replace(change(path))
    assert files.texts[path] == "typed\n"


async def test_a_client_that_is_silent_is_an_error(
    tmp_path: Path, files: Files, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(editor, "SECONDS", 0.01)
    path = tmp_path / "a"
    path.write_text("one\n")
    files.silent = True
    its = AcpEditor(files, BOTH, [tmp_path])
    with pytest.raises(ToolError, match="did not say in time"):
        await its.learn([path])
    with pytest.raises(EditRefused):
        await its.replace(change(path))


async def test_a_client_that_refuses_is_an_error_and_what_it_said_before_is_kept(
    tmp_path: Path, files: Files
) -> None:
    path = tmp_path / "a"
    path.write_text("one\n")
    files.texts[path] = "typed\n"
    its = AcpEditor(files, BOTH, [tmp_path])
    await its.learn([path])
    files.refuses = True
    with pytest.raises(ToolError, match=r"does not say what it has of a: not for you\."):
        await its.learn([path])
    await its.learn(None)
    path.unlink()
    with pytest.raises(ToolError):
        await its.learn([path])
    known = its.document(path)
    assert known is not None
    assert known.text == "typed\n"
    files.refuses = False
    del files.texts[path]
    await its.learn([path])
    assert its.document(path) is None, "the client says that there is none"


async def test_a_refusal_for_what_is_no_text_or_gone_leaves_it_to_the_disk(
    tmp_path: Path, files: Files
) -> None:
    picture, path = tmp_path / "a.png", tmp_path / "a"
    picture.write_bytes(b"\x89PNG\x00\x00")
    path.write_text("one\n")
    files.texts[path] = "one\n"
    its = AcpEditor(files, BOTH, [tmp_path])
    await its.learn([path])
    assert its.document(path) is not None
    path.unlink()
    files.refuses = True
    await its.learn([picture, path])
    assert its.documents() == []


@pytest.mark.parametrize(
    ("disk", "shown", "known"),
    [
        (b"one\n", "one\n", True),
        (b"one\n", "typed\n", True),
        (b"one\r\n", "one\n", False),
        (b"one\n", "one", False),
        (b"\xef\xbb\xbfone\n", "one\n", False),
        (b"caf\xe9\n", "caf\ufffd\n", False),
        (b"caf\xe9\n", "typed caf\ufffd\n", True),
    ],
)
async def test_a_file_is_open_where_its_text_is_the_clients_to_edit(
    tmp_path: Path, files: Files, disk: bytes, shown: str, *, known: bool
) -> None:
    path = tmp_path / "a"
    path.write_bytes(disk)
    files.texts[path] = shown
    its = AcpEditor(files, BOTH, [tmp_path])
    await its.learn([path])
    assert (its.document(path) is not None) is known


async def test_what_lies_outside_or_is_nowhere_is_not_asked_about(tmp_path: Path, files: Files) -> None:
    inside, outside = tmp_path / "in", tmp_path / "out"
    inside.mkdir()
    outside.write_text("x")
    files.silent = True
    await AcpEditor(files, BOTH, [inside]).learn([outside, inside / "nowhere", inside])
