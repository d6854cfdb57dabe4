"""What is meant by a command is what stood there when it came, unless something else was using that already."""

from __future__ import annotations

import pytest

from postil.lsp.chat.glance import Glance

HEAD = "# Chat\n\n## You\n"
REPLY = "\n\n## Postil\n<!--reply 1 #0-->\n\n## You"


def meant(seen: str | None, now: str, *, busy: bool = False) -> str:
    draft = Glance(seen).draft(now, busy=busy)
    return draft.prompt if draft is not None else ""


@pytest.mark.parametrize("busy", [False, True])
def test_without_a_key_since_it_is_what_stands_there(*, busy: bool) -> None:
    assert meant(f"{HEAD}Go.\n", f"{HEAD}Go.\n", busy=busy) == "Go."


@pytest.mark.parametrize("now", ["Go. On", "Going.\n", "Stop.\n", "\n"])
def test_what_is_typed_since_is_not_of_it(now: str) -> None:
    assert meant(f"{HEAD}Go.\n", HEAD + now) == "Go."


def test_what_was_sent_already_is_not_meant_again() -> None:
    seen = f"{HEAD}Go.\n"
    assert meant(seen, f"{HEAD}Go.{REPLY}\n", busy=True) == ""
    assert meant(seen, f"{HEAD}Go.{REPLY}\nNext.\n", busy=True) == "Next."
    assert meant(seen, f"{HEAD}\n", busy=True) == ""


def test_what_stands_there_still_is_meant_without_what_was_typed_below_it() -> None:
    assert meant(f"{HEAD}Go.\n", f"{HEAD}Go.\n\nAnd mo", busy=True) == "Go."


def test_a_document_that_is_not_open_is_read_when_it_is_used() -> None:
    assert meant(None, f"{HEAD}Go.\n") == "Go."
