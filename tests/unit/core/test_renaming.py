"""What a session may be called."""

from __future__ import annotations

import pytest

from postil.core.errors import UsageError
from postil.core.renaming import named
from postil.core.titles import LONGEST


def test_a_title_is_one_line() -> None:
    assert named("  The\n header\t again ") == "The header again"
    assert named("x" * LONGEST) == "x" * LONGEST


@pytest.mark.parametrize(("words", "says"), [(" \n\t", "needs a word"), ("x" * (LONGEST + 1), "has 81")])
def test_what_is_no_title(words: str, says: str) -> None:
    with pytest.raises(UsageError, match=says):
        named(words)
