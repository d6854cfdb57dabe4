"""Which files a turn is about, by its prompt, what is attached to it, and what was edited in it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from postil.core.changes import FileChanged
from postil.core.events import Durable, PromptReceived, Recorded, TurnEnded
from postil.core.fold import fold
from postil.core.question import Anchor, PromptContext
from postil.permissions.scope import asked_for, is_asked_for

ROOTS = (Path("/p"), Path("/q"))


def about(path: str, text: str = "Go.", *more: Durable, **given: Any) -> bool:
    prompt = PromptReceived(turn_id="t", text=text, face="test", **given)
    events = enumerate((prompt, *more), 1)
    workflow = fold([Recorded(seq, 1.0, event) for seq, event in events]).workflow
    return is_asked_for(Path(path), asked_for(workflow, ROOTS), ROOTS)


@pytest.mark.parametrize(
    "text",
    ["Mend src/a.py.", "mend `src/a.py`", "(./src/a.py)", "Why does @src/a.py:3-5 fail?", "a.py: what is it?", "/p/src/a.py",
     "See src/a.py:12", 'In "src/a.py", rename x', "src/a.py, src/b.py"],
)  # fmt: skip
def test_a_file_that_is_named(text: str) -> None:
    assert about("/p/src/a.py", text)


@pytest.mark.parametrize(
    "text", ["Mend it.", "Mend b.py.", "Mend a", "other/src/a.py", "src/a.pyc", "../src/a.py", "a", "py", "src", "src/"]
)  # fmt: skip
def test_a_file_that_is_not(text: str) -> None:
    assert not about("/p/src/a.py", text)


@pytest.mark.parametrize(
    ("path", "text", "wanted"),
    [
        ("/p/Makefile", "Add a target to the Makefile", True),
        ("/p/sub/Makefile", "Add a target to the Makefile", False),
        ("/p/build", "Run the build", False),
        ("/p/.env", "Look at .env", True),
        ("/q/a.py", "Mend a.py", True),
        ("/elsewhere/a.py", "Mend a.py", False),
        ("/elsewhere/a.py", "Mend /elsewhere/a.py", True),
        ("/p/größe/a.py", "größe/a.py", True),
    ],
)
def test_names_and_places(path: str, text: str, *, wanted: bool) -> None:
    assert about(path, text) is wanted


def test_what_another_program_says_of_a_problem_names_nothing() -> None:
    said = PromptContext(kind="diagnostic", path="src/a.py", text="Mend /p/Makefile as well.", first_line=1)
    assert about("/p/src/a.py", "Fix this problem.", context=(said,))
    assert not about("/p/Makefile", "Fix this problem.", context=(said,))


def test_what_is_attached_and_where_the_prompt_was_made() -> None:
    selection = PromptContext(kind="selection", path="src/a.py", text="x", first_line=1, last_line=1)
    assert about("/p/src/a.py", context=(selection,))
    assert not about("/p/a.py", context=(selection,))
    outside = PromptContext(kind="file", path="/q/b.py", text="see c.py")
    assert about("/q/b.py", context=(outside,))
    assert not about("/p/c.py", context=(outside,)), "what an attached text says names nothing"
    assert about("/p/x.py", anchor=Anchor(uri="file:///p/x.py"))


def changed(path: str, turn: str = "t", rewind: str | None = None) -> FileChanged:
    return FileChanged(
        turn_id=turn, call_id="c", rewind_id=rewind, change_id="x", label="", path=path, before=None, after="h",
        added=1, removed=0, where="disk",
    )  # fmt: skip


def test_what_was_edited_in_this_turn() -> None:
    assert about("/p/a.py", "Go.", changed("/p/a.py"))
    assert not about("/p/a.py", "Go.", changed("/p/a.py", turn="before"))
    assert not about("/p/a.py", "Go.", changed("/p/a.py", rewind="r"))


def test_without_a_turn_nothing_is_asked_for() -> None:
    assert not about("/p/a.py", "Mend a.py", TurnEnded(turn_id="t", reason="end_turn"))
