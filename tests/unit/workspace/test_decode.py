"""Bytes to text and back, byte for byte."""

from __future__ import annotations

import codecs

import pytest
from hypothesis import given
from hypothesis import strategies as st

from postil.core.errors import EditRefused, NotText
from postil.workspace.texts.decode import check_mixing, decode, encode, same_text, visible

clean = st.text(st.characters(blacklist_categories=["Cs"], blacklist_characters="\0"))


@given(st.binary(max_size=200))
def test_what_can_be_read_is_written_back_byte_for_byte(data: bytes) -> None:
    try:
        decoded = decode(data)
    except NotText:
        return
    assert encode(decoded.text, decoded.form) == data


@given(
    clean,
    st.sampled_from(
        [
            (b"", "utf-8"),
            (codecs.BOM_UTF8, "utf-8"),
            (codecs.BOM_UTF16_LE, "utf-16-le"),
            (codecs.BOM_UTF16_BE, "utf-16-be"),
        ]
    ),
)
def test_marks_are_kept_aside(text: str, form: tuple[bytes, str]) -> None:
    text = text.lstrip("\ufeff")
    mark, encoding = form
    decoded = decode(mark + text.encode(encoding))
    assert decoded.text == text
    assert encode(text + "é", decoded.form) == mark + (text + "é").encode(encoding)


@pytest.mark.parametrize(
    "data", [b"a\0b", b"\xff\xfe\0\0a\0\0\0", b"\xff\xfea", b"\xff\xfea\0\0\0", bytes(range(128, 256))]
)
def test_what_is_no_text_is_refused(data: bytes) -> None:
    with pytest.raises(NotText):
        decode(data)


def test_a_few_foreign_bytes_survive_and_are_shown() -> None:
    data = "größe = 1  # naïve\n".encode("latin-1")
    decoded = decode(data)
    assert not decoded.plain
    assert visible(decoded.text) == "gr\ufffd\ufffde = 1  # na\ufffdve\n"
    assert encode(decoded.text.replace("1", "2"), decoded.form) == data.replace(b"1", b"2")
    check_mixing(decoded, decoded.text + "plain")
    with pytest.raises(EditRefused, match="not UTF-8"):
        check_mixing(decoded, decoded.text + "ü")


def test_a_lone_surrogate_is_no_character() -> None:
    with pytest.raises(EditRefused, match=r"U\+D800"):
        encode("a\ud800")


@pytest.mark.parametrize(
    ("buffer", "data", "same"),
    [
        ("a\n", b"a\n", True),
        ("a\n", b"a", True),
        ("a\r\n", b"a", True),
        ("a\n\n", b"a\n", False),
        ("", b"", True),
        ("\n", b"", True),
        ("a", codecs.BOM_UTF8 + b"a", True),
        ("é", b"\xe9", True),
        ("“", b"\x93", True),
        ("\ufffd", b"\xe9", True),
        ("b", b"a", False),
    ],
)
def test_a_buffer_is_unsaved_only_if_it_says_something_else(buffer: str, data: bytes, same: bool) -> None:
    assert same_text(buffer, data) is same
