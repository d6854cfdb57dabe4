"""A secret that comes in pieces is not shown, wherever it was cut."""

from __future__ import annotations

import pytest

from postil.core.redaction.marks import KEY, VALUE, mark
from postil.core.redaction.stream import GAP, LEFT_OUT, LONGEST, Stream
from tests.support.secrets import filled, key_lines, secret

TOKEN = secret()
PASSWORD = filled("<20>")
KEY_LINES = key_lines()
TEXT = "\n".join([
    f"a {TOKEN} b", f"password: '{PASSWORD}'", "   ", *KEY_LINES, "and so on",
    f"machine example.org\n  login me\n  password {PASSWORD}", "the end"
])  # fmt: skip
SHOWN = "\n".join([
    f"a {mark('GitHub token')} b", f"password: '{mark(VALUE)}'", "   ", KEY_LINES[0], *[mark(KEY)] * (len(KEY_LINES) - 2), KEY_LINES[-1],
    "and so on", f"machine example.org\n  login me\n  password {mark('netrc password')}", "the end"
])  # fmt: skip


def through(*pieces: str) -> str:
    stream = Stream()
    return "".join([*map(stream.feed, pieces), stream.rest()])


@pytest.mark.parametrize("size", [1, 2, 3, 7, 64, 500])
def test_pieces_of_any_size_are_shown_as_the_whole_is(size: int) -> None:
    assert through(*(TEXT[at : at + size] for at in range(0, len(TEXT), size))) == SHOWN


def test_every_cut_in_two() -> None:
    for at in range(len(TEXT)):
        assert through(TEXT[:at], TEXT[at:]) == SHOWN


def test_lines_are_shown_when_they_are_whole() -> None:
    stream = Stream()
    assert stream.feed("one\ntwo") == "one\n"
    assert stream.feed("") == ""
    assert stream.feed(" more\n") == "two more\n"
    assert stream.rest() == ""


def test_a_line_without_end_is_left_out_while_it_grows() -> None:
    stream = Stream()
    piece = "x" * (LONGEST // 2)
    assert [
        stream.feed(it) for it in (f"one\n{TOKEN}", piece, piece, f"{piece}{TOKEN[:20]}", TOKEN[20:])
    ] == ["one\n", "", "", "", ""]
    assert stream.feed("\ntwo\n") == f"{LEFT_OUT}\ntwo\n"


def test_a_key_goes_on_behind_what_was_left_out() -> None:
    shown = through("\n".join(KEY_LINES[:4]) + "\n", f"{LEFT_OUT}\n", "\n".join(KEY_LINES[6:]))
    assert not any(line in shown for line in KEY_LINES[1:-1])


def test_half_a_secret_before_what_was_left_out_goes_with_it() -> None:
    assert through(f"one {TOKEN[:30]}", f"{GAP}two\n") == f"one {GAP}two\n"
