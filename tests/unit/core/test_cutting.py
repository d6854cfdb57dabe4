"""A cut falls between lines, else between words, and of a text without either nothing is lost."""

from __future__ import annotations

import pytest

from postil.core.cutting import beginning, ending


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("one\ntwo\nthr", "one\ntwo\n", "two\nthr"),
        ("one two thr", "one two ", " two thr"),
        ("one\ttwo", "one\t", "\ttwo"),
        ("", "", ""),
        ("x" * 5_000, "x" * 5_000, "x" * 5_000),
        ("x" * 5_000 + " y", "x" * 5_000 + " ", "x" * 5_000 + " y"),
        ("\n", "\n", ""),
    ],
)
def test_where_it_is_cut(text: str, first: str, last: str) -> None:
    assert beginning(text) == first
    assert ending(text) == last
