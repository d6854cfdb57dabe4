"""What hides in a text is shown, whatever face shows it; what people write stays as it is."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from postil.core.revealing import exact, one_line, revealed

HIDING = {
    "\x1b[2J": "\\x1b[2J",
    "a\rb": "a\\rb",
    "a\x0bb": "a\\x0bb",
    "\x9d0;title\x07": "\\x9d0;title\\x07",
    "\u202egnp.exe": "\\u202egnp.exe",
    "\u2066rm\u2069": "\\u2066rm\\u2069",
    "l\u200bs": "l\\u200bs",
    "\ufeffls": "\\ufeffls",
    "a\u2028b": "a\\u2028b",
    "\u115f\u3164": "\\u115f\\u3164",
    "ls\U000e0041\U000e007f": "ls\\U000e0041\\U000e007f",
    "x\ufe01\U000e0100": "x\\ufe01\\U000e0100",
    "x\ufe0f": "x\\ufe0f",
    "\ud83c": "\ufffd",
}
WRITTEN = (
    "two\nlines\there",
    "caf\u00e9 \u65e5\u672c",
    "\u2764\ufe0f \U0001f388",
    "\u00ab\u00a0non\u00a0\u00bb",
    "e\u0301",
)


@pytest.mark.parametrize(("text", "shown"), HIDING.items())
def test_what_hides_is_shown(text: str, shown: str) -> None:
    assert revealed(text) == exact(text) == shown


@pytest.mark.parametrize("text", WRITTEN)
def test_what_people_write_stays(text: str) -> None:
    assert revealed(text) == text


@pytest.mark.parametrize("blank", "\u00a0\u1680\u2003\u202f\u2800\u3000")
def test_where_words_count_a_blank_that_is_none_is_shown(blank: str) -> None:
    assert exact(f"git log{blank}-p") == f"git log\\u{ord(blank):04x}-p"


@given(st.text())
def test_nothing_unseen_is_left(text: str) -> None:
    """Whatever format characters Unicode has that move or hide others: none is left in what is approved."""
    for char in exact(text):
        category = unicodedata.category(char)
        assert char in "\n\t " or category not in ("Cc", "Cs", "Zs", "Zl", "Zp")
        assert category != "Cf" or char in _SEEN
    assert exact(exact(text)) == exact(text)


_SEEN = {
    char
    for code in range(0x110000)
    if unicodedata.category(char := chr(code)) == "Cf" and exact(char) == char
}


def test_the_format_characters_that_are_left_are_seen() -> None:
    """They are signs of their own, such as the number signs of Arabic, and the joints of hieroglyphs."""
    names = sorted({unicodedata.name(it).split(" ")[0] for it in _SEEN})
    assert names == ["ARABIC", "EGYPTIAN", "KAITHI", "SYRIAC"]


def test_a_title_is_one_line() -> None:
    assert one_line("a\r\n  b\tc\u202e") == "a ⏎ b c\\u202e"
