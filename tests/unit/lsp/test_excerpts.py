"""What is attached of a document has no secrets, and the lines that were meant."""

from __future__ import annotations

import pytest

from postil.core.redaction.marks import KEY, mark
from postil.lsp.excerpts import excerpt
from postil.lsp.positions import split_lines
from tests.support.secrets import filled, key_lines, secret

LINES = key_lines()


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_lines_without_secrets_are_as_they_are(end: str) -> None:
    lines = split_lines(end.join(f"line {number}" for number in range(300)))
    assert excerpt(lines, 150, 152) == "".join(lines[150:153])
    assert excerpt(lines, 0, 299) == "".join(lines)
    assert excerpt(lines, 298, 299) == "".join(lines[298:])


def test_a_selection_in_the_middle_of_a_key_has_none_of_it() -> None:
    lines = split_lines("\n".join(["before"] * 150 + LINES + ["after"] * 150))
    assert excerpt(lines, 153, 155) == f"{mark(KEY)}\n" * 3


def test_a_secret_of_the_line_itself() -> None:
    lines = split_lines(f"one\r\ntoken = '{secret()}'\r\npassword: {filled('<20>')}\r\nlast")
    assert excerpt(lines, 1, 1) == f"token = '{mark('GitHub token')}'\r\n"
    assert excerpt([], 0, 0) == ""
