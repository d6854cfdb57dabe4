"""What is kept of what a command prints."""

from __future__ import annotations

import re
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from postil.workspace.commands.printed import Cleaner, HeadAndTail

PIECES = [b"a", b"\n", b"\r", b"\r\n", b"\x1b[31m", b"\x1b]0;t\x07", b"\x1b]8;;u\x1b\\", b"\x1b(B", b"\x1bP1$r\x1b\\", "é".encode(), b"\xff", b"\0", b"\t", "\x9b1m".encode()]  # fmt: skip
printed = st.lists(st.sampled_from(PIECES), max_size=30).map(b"".join)


@given(printed, st.lists(st.integers(0, 100), max_size=6))
def test_pieces_make_no_difference(data: bytes, cuts: list[int]) -> None:
    whole = Cleaner().feed(data, last=True)
    cleaner = Cleaner()
    places = [0, *sorted(min(cut, len(data)) for cut in cuts), len(data)]
    pieces = [cleaner.feed(data[a:b]) for a, b in pairwise(places)]
    assert "".join(pieces) + cleaner.feed(b"", last=True) == whole
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f]", whole)


@given(st.lists(st.text("ab\n", max_size=30), max_size=30), st.integers(0, 20), st.integers(0, 20))
def test_head_and_tail(pieces: list[str], head: int, tail: int) -> None:
    shortened = HeadAndTail(head, tail)
    for piece in pieces:
        shortened.add(piece)
    whole = "".join(pieces)
    text, left_out = shortened.kept()
    if len(whole) <= head + tail:
        assert (text, left_out) == (whole, 0)
        return
    first, last = text.split(f"\n\n[{left_out:,} characters left out here]\n\n")
    assert whole.startswith(first)
    assert whole.endswith(last)
    assert len(whole) == len(first) + left_out + len(last)
    assert len(first) <= head
    assert len(last) <= tail


def test_a_cut_leaves_no_word_in_half() -> None:
    shortened = HeadAndTail(12, 12)
    shortened.add("one two three four five six seven")
    assert shortened.kept() == ("one two \n\n[15 characters left out here]\n\n six seven", 15)


def test_an_escape_that_never_ends_does_not_swallow_everything() -> None:
    cleaner = Cleaner()
    assert "x" * 100 in cleaner.feed(b"\x1b]" + b"x" * 10_000)
