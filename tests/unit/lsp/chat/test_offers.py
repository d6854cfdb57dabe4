"""A menu has nothing in it that could do nothing now."""

from __future__ import annotations

import pytest

from tests.support.long_chat import long_chat


@pytest.mark.parametrize(("draft", "in_menu"), [("", False), (" \n\n", False), ("Go.\n", True)])
def test_sending_is_in_the_menu_where_something_is_written(draft: str, *, in_menu: bool) -> None:
    found = [it for it in long_chat(2, draft).offered() if it.title == "Send"]
    assert len(found) == 1, "the lens is there before somebody writes"
    assert [it.anywhere and not it.has_action for it in found] == [in_menu]
