"""Positions against a slow reference that walks the text one character at a time."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from postil.lsp import positions
from postil.lsp.positions import ENCODINGS, Encoding, Position

ALPHABET = "ab\n\r\t\f\v\x1c\x85\u2028é€𝄞"
TEXTS = st.lists(st.sampled_from([*ALPHABET, "\ud83d", "\r\n"]), max_size=40).map("".join)
OFFSETS = st.integers(-3, 60)
ANY_ENCODING = st.sampled_from(ENCODINGS)


def width(character: str, encoding: Encoding) -> int:
    code = ord(character)
    if encoding == "utf-8":
        return 1 if code < 0x80 else 2 if code < 0x800 else 3 if code < 0x10000 else 4
    return 2 if encoding == "utf-16" and code >= 0x10000 else 1


def slow_lines(text: str) -> list[str]:
    lines = [""]
    for index, character in enumerate(text):
        lines[-1] += character
        if character == "\n" or (character == "\r" and text[index + 1 : index + 2] != "\n"):
            lines.append("")
    return lines


def slow_offset(text: str, position: Position, encoding: Encoding) -> int:
    line, units = position
    lines = slow_lines(text)
    if line < 0:
        return 0
    if line >= len(lines):
        return len(text)
    offset = sum(map(len, lines[:line]))
    for character in lines[line].rstrip("\r\n"):
        units -= width(character, encoding)
        if units < 0:
            break
        offset += 1
    return offset


def slow_position(text: str, offset: int, encoding: Encoding) -> Position:
    offset = max(0, min(offset, len(text)))
    lines = slow_lines(text)
    for line, content in enumerate(lines):
        if offset < len(content) or line == len(lines) - 1:
            content = content.rstrip("\r\n")
            return Position(line, sum(width(character, encoding) for character in content[:offset]))
        offset -= len(content)
    raise AssertionError


@given(TEXTS)
def test_lines_are_split_where_lsp_splits_them(text: str) -> None:
    assert positions.split_lines(text) == slow_lines(text)


@given(TEXTS, st.tuples(st.integers(-1, 12), OFFSETS), ANY_ENCODING)
@example("a\fb\nc\n", (1, 0), "utf-16")
def test_a_position_has_the_offset_of_the_reference(
    text: str, place: tuple[int, int], encoding: Encoding
) -> None:
    position = Position(*place)
    assert positions.offset_in_text(text, position, encoding) == slow_offset(text, position, encoding)


@given(TEXTS, OFFSETS, ANY_ENCODING)
def test_an_offset_has_the_position_of_the_reference(text: str, offset: int, encoding: Encoding) -> None:
    assert positions.position_in_text(text, offset, encoding) == slow_position(text, offset, encoding)


@given(TEXTS, ANY_ENCODING)
def test_there_and_back_except_inside_a_line_ending(text: str, encoding: Encoding) -> None:
    for offset in range(len(text) + 1):
        if text[offset - 1 : offset + 1] != "\r\n":
            assert (
                positions.offset_in_text(text, positions.position_in_text(text, offset, encoding), encoding)
                == offset
            )


@pytest.mark.parametrize(("encoding", "units"), [("utf-8", 8_004), ("utf-16", 6_002), ("utf-32", 6_001)])
def test_a_long_line_is_counted_across_slices(encoding: Encoding, units: int) -> None:
    line = "é" * 2_000 + "a" * 4_000 + "𝄞" + "b" * 9_000
    assert positions.column_to_units(line, 6_001, encoding) == units
    assert positions.units_to_column(line, units, encoding) == 6_001
    if encoding != "utf-32":
        assert positions.units_to_column(line, units - 1, encoding) == 6_000, "inside the clef: before it"
