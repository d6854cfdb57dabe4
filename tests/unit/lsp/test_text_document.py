"""Open documents: any row of edits leaves the text that the editor has."""

import copy

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lsprotocol import types

from postil.lsp import positions
from postil.lsp.positions import ENCODINGS, Encoding, Position
from postil.lsp.text_document import DocumentNotOpenError, OpenDocument, OpenDocuments, choose_encoding

TEXTS = st.lists(st.sampled_from([*"ab\n\r\f\x85\u2028é𝄞", "\r\n"]), max_size=20).map("".join)
PLACES = st.tuples(st.integers(0, 12), st.integers(0, 12))
EDITS = st.lists(st.tuples(PLACES, PLACES, TEXTS), max_size=5)
URI = "file:///a%20b.py"


def open_document(text: str, encoding: Encoding = "utf-16") -> OpenDocument:
    documents = OpenDocuments(None, (), encoding)
    documents.put_text_document(types.TextDocumentItem(URI, "python", 1, text))
    return documents.get_text_document(URI)


def change(start: tuple[int, int], end: tuple[int, int], text: str) -> types.TextDocumentContentChangePartial:
    return types.TextDocumentContentChangePartial(
        types.Range(types.Position(*start), types.Position(*end)), text
    )


@given(TEXTS, EDITS, st.sampled_from(ENCODINGS))
def test_edits_act_as_on_the_plain_text(
    text: str, edits: list[tuple[tuple[int, int], tuple[int, int], str]], encoding: Encoding
) -> None:
    document = open_document(text, encoding)
    for start, end, replacement in edits:
        low, high = sorted(
            positions.offset_in_text(text, Position(*place), encoding) for place in (start, end)
        )
        text = text[:low] + replacement + text[high:]
        event = change(start, end, replacement)
        before = copy.deepcopy(event)
        document.apply_change(event)
        assert event == before, "what the client sent is not changed"
        assert document.lines == positions.split_lines(text)
        assert document.source == text
        for offset in range(len(text) + 1):
            assert document.position_at(offset) == positions.position_in_text(text, offset, encoding)


def test_an_edit_after_a_form_feed_hits_its_line() -> None:
    document = open_document("a\fb\nc\n")
    document.apply_change(change((1, 0), (1, 1), "X"))
    assert document.source == "a\fb\nX\n"


def test_the_whole_text_can_be_replaced() -> None:
    document = open_document("old\n")
    document.apply_change(types.TextDocumentContentChangeWholeDocument("new\r\ntext"))
    assert document.lines == ["new\r\n", "text"]


@pytest.mark.parametrize(("place", "offset"), [((0, 99), 2), ((9, 9), 6), ((1, 99), 6), ((1, 1), 4)])
def test_positions_outside_are_clamped(place: tuple[int, int], offset: int) -> None:
    document = open_document("ab\ncde")
    assert document.offset_at(Position(*place)) == offset
    assert document.offset_at_position(types.Position(*place)) == offset


def test_what_pygls_offers_on_documents_follows_our_rules() -> None:
    document = open_document("x\u2028𝄞y\nword here\n", "utf-16")
    assert document.word_at_position(types.Position(1, 6)) == "here"
    assert document.word_at_position(types.Position(99, 0)) == ""
    assert (
        document.text_in_client_range(types.Range(types.Position(0, 2), types.Position(1, 4))) == "𝄞y\nword"
    )
    assert document.client_position_at_offset(3) == types.Position(0, 4)
    assert document.client_position_at_offset(999) == types.Position(2, 0)


def test_a_document_is_found_however_its_uri_is_escaped() -> None:
    documents = OpenDocuments(None, (), "utf-8")
    documents.put_text_document(types.TextDocumentItem("file:///a%20b", "", 1, "x"))
    assert documents.open_document("file:///a b") is not None
    assert documents.open_document("file:///c") is None
    with pytest.raises(DocumentNotOpenError):
        documents.get_text_document("file:///c")


@pytest.mark.parametrize(
    "uri", ["untitled:Untitled-1", "", "x", "file:", "postil-plan:/1/a?b#c", "http://[", "é:é"]
)
def test_any_uri_can_be_opened(uri: str) -> None:
    documents = OpenDocuments(None, (), "utf-8")
    documents.put_text_document(types.TextDocumentItem(uri, "", 1, "x"))
    assert documents.get_text_document(uri).source == "x"


def test_a_change_of_a_document_that_is_not_open_is_dropped() -> None:
    documents = OpenDocuments(None, (), "utf-8")
    documents.update_text_document(types.VersionedTextDocumentIdentifier(2, URI), change((0, 0), (0, 0), "x"))
    assert documents.open_document(URI) is None


@pytest.mark.parametrize(
    ("offered", "chosen"),
    [
        (None, "utf-16"),
        ([], "utf-16"),
        (["utf-16"], "utf-16"),
        (["utf-32", "utf-8", "utf-16"], "utf-8"),
        (["utf-32", "utf-16"], "utf-32"),
        (["utf-7"], "utf-16"),
    ],
)
def test_the_encoding_is_one_that_the_client_offers(offered: list[str] | None, chosen: str) -> None:
    assert choose_encoding(offered) == chosen
