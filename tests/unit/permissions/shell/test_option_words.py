"""Options and operands, whichever way an option is given its value."""

from __future__ import annotations

import pytest

from postil.permissions.shell.argument import Argument
from postil.permissions.shell.option_words import glued, is_one_of, option_words


def given(line: str) -> list[Argument]:
    return [Argument(it, leading=it) for it in line.split()]


@pytest.mark.parametrize(
    "line", ["-o x a", "-ox a", "-vo x a", "a -o x", "--output x a", "--output=x a", "--outp x a"]
)
def test_a_value_is_found_however_it_is_given(line: str) -> None:
    found = option_words(given(line), "o", ("output",))
    assert [it.text for it in found.values(("o", "output"))] == ["x"]
    assert [it.text for it in found.operands] == ["a"]


def test_behind_two_dashes_are_operands() -> None:
    assert [it.text for it in option_words(given("-- -o x"), "o", ()).operands] == ["-o", "x"]


def test_the_first_operand_may_end_the_options() -> None:
    found = option_words(given("-n 1 ls -l"), "n", (), operands_end=True)
    assert [it.text for it in found.operands] == ["ls", "-l"]


def test_a_long_option_may_be_cut_short() -> None:
    assert is_one_of("outp", ("output",))
    assert not is_one_of("x", ("xattrs",))


def test_what_may_be_glued_to_an_option_is_told() -> None:
    assert glued("-oabc")[0] == "abc"
    assert glued("--out=abc") == ["abc"]
    assert glued("abc") == []
