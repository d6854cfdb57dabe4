"""Any edit of any text in any form: the disk has exactly the bytes that were meant, and undoing it those that were."""

from __future__ import annotations

import codecs
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from lsprotocol import types

from postil.core.effects import FileChange, FileEdit, text_hash
from postil.core.errors import EditRefused, NotText
from postil.lsp.positions import ENCODINGS, Encoding
from postil.lsp.text_document import OpenDocuments
from postil.workspace.buffers.overlay import read_view
from postil.workspace.files.closed_files import write_edit
from postil.workspace.files.real_disk import RealDisk
from postil.workspace.texts.changes import TextChange, apply_changes, invert_changes, minimal_changes
from postil.workspace.texts.decode import decode
from tests.support import text_edits

PIECES = (
    "a", "b", "foo", " ", "\t", "if x:\n", "\n", "\r\n", "\r", "\n\r", "\f", "\v", "\x1c", "\x85", "\u2028", "\u2029", "é",
    "e\u0301", "ß", "漢字", "한글", "かな", "🎈", "👩‍👩‍👧", "\ufeff", "\u200b", "\x7f", "\x01", "\U0010ffff",
)  # fmt: skip
BYTES = tuple(chr(0xDC00 + byte) for byte in (0x80, 0x93, 0xA9, 0xC3, 0xE9, 0xFE, 0xFF))
"""Bytes that are not UTF-8, as they stand in a text."""
HALVES = ("\ud83d", "\ude00")
FORMS = {
    "utf-8": b"",
    "utf-8 with a mark": codecs.BOM_UTF8,
    "utf-16-le": codecs.BOM_UTF16_LE,
    "utf-16-be": codecs.BOM_UTF16_BE,
}


def texts_of(*pieces: str, most: int = 30) -> st.SearchStrategy[str]:
    """Texts of these pieces."""
    return st.lists(st.sampled_from(pieces), max_size=most).map("".join)


texts = texts_of(*PIECES)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One folder for all examples."""
    return tmp_path_factory.mktemp("exact")


def encoded(text: str, form: str) -> bytes:
    """Return a file's bytes, without the server's help."""
    codec = form.split(maxsplit=1)[0]
    return FORMS[form] + text.encode(codec, "surrogateescape" if codec == "utf-8" else "strict")


def change(path: Path, after: str | None) -> FileChange:
    """Edit the file as it is now."""
    now = read_view(path).hash if path.exists() else None
    return write_edit(FileEdit(path, now, after), path.name, RealDisk())


@given(texts, texts, st.sampled_from(sorted(FORMS)))
@example("\ufeffa", "\ufeffb", "utf-8 with a mark")
@example("", "a", "utf-16-le")
@example("a\r\n", "a", "utf-16-be")
def test_an_edit_and_its_undoing(folder: Path, before: str, after: str, form: str) -> None:
    path = folder / "file"
    before = before.lstrip("\ufeff") if not FORMS[form] else before
    after = after.lstrip("\ufeff") if not before.startswith("\ufeff") else after
    path.write_bytes(encoded(before, form))
    done = change(path, after)
    assert path.read_bytes() == encoded(after, form)
    assert (done.before, done.after) == (text_hash(before), text_hash(after))
    undone = change(path, before)
    assert path.read_bytes() == encoded(before, form)
    assert (undone.before, undone.after) == (done.after, done.before)


@given(texts_of(*PIECES, *BYTES), texts_of(*PIECES, *BYTES, *HALVES), st.integers(0, 30), st.integers(0, 30))
@settings(max_examples=200)
@example("a\udcc3b\udca9", "", 2, 3)
@example("x\udcff\udcfea", "", 0, 1)
@example("\ud83d", "x", 0, 0)
def test_a_file_of_unknown_bytes_is_edited_exactly_or_left_alone(
    folder: Path, before: str, piece: str, start: int, end: int
) -> None:
    path = folder / "file"
    data = before.encode("utf-8", "surrogateescape" if "\ud83d" not in before else "surrogatepass")
    path.write_bytes(data)
    try:
        before = read_view(path).text
    except NotText:
        return
    after = before[:start] + piece + before[max(start, end) :]
    try:
        done = change(path, after)
    except EditRefused:
        assert path.read_bytes() == data
        return
    body = data[: len(codecs.BOM_UTF8)] if data.startswith(codecs.BOM_UTF8) else b""
    assert path.read_bytes() == body + after.encode("utf-8", "surrogateescape").removeprefix(body)
    assert done.after == read_view(path).hash
    change(path, before)
    assert path.read_bytes() == data


@given(st.binary(max_size=60) | texts.map(str.encode), st.binary(max_size=8), st.data())
def test_bytes_that_are_not_touched_stay(folder: Path, data: bytes, tail: bytes, draw: st.DataObject) -> None:
    """Whatever can be read at all keeps every byte but those of the one character that is put in."""
    path = folder / "file"
    path.write_bytes(data + tail)
    try:
        view = read_view(path)
    except NotText:
        return
    at = draw.draw(st.integers(0, len(view.text)))
    try:
        change(path, view.text[:at] + "x" + view.text[at:])
    except EditRefused:
        assert path.read_bytes() == data + tail
        return
    new = path.read_bytes()
    form = decode(data + tail).form
    width = len("x".encode(form.encoding))
    assert len(new) == len(data + tail) + width
    assert any(new[:i] + new[i + width :] == data + tail for i in range(len(new)))


@given(texts)
def test_a_creation_and_its_undoing(folder: Path, text: str) -> None:
    path = folder / "deep" / "new"
    created = change(path, text)
    assert path.read_bytes() == text.encode()
    assert created.after == read_view(path).hash
    change(path, None)
    assert not path.exists()


# --- In an editor -------------------------------------------------------------------------------------------------------


buffers = texts_of(*PIECES, *HALVES, *BYTES)


@given(buffers, buffers, st.sampled_from(ENCODINGS))
@settings(max_examples=200)
@example("🎈 x 🎈 y", "🎈 x 🎈🎈 y", "utf-16")
@example("a\f\u2028b\rc\nd", "a\f\u2028b\rc\nD", "utf-8")
def test_an_editor_that_counts_by_itself_ends_in_the_same_text(
    before: str, after: str, encoding: Encoding
) -> None:
    changes = minimal_changes(before, after)
    assert edited(before, changes, encoding) == after
    back = invert_changes(before, changes)
    assert edited(after, back, encoding) == before
    assert apply_changes(apply_changes(before, changes), back) == before


def edited(text: str, changes: Sequence[TextChange], encoding: Encoding) -> str:
    """Make changes in an editor that knows LSP from its specification alone; the positions are the server's."""
    documents = OpenDocuments(None, (), encoding)
    documents.put_text_document(types.TextDocumentItem("file:///f", "", 1, text))
    document = documents.get_text_document("file:///f")

    def position(offset: int) -> dict[str, int]:
        return dict(zip(("line", "character"), document.position_at(offset), strict=True))

    edits = [
        {"range": {"start": position(it.start), "end": position(it.end)}, "newText": it.text}
        for it in changes
    ]
    return text_edits.apply(text, edits, encoding)
