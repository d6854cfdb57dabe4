"""A row for calls that only looked says what they did: a folder that was listed is no file that was read."""

from __future__ import annotations

import pytest

from postil.core.effects import ToolKind
from postil.core.events import CallFinished
from postil.lsp.chat.rows import Call, Places, group_rows
from tests.support.chat_texts import ROOT


def call(tool: str, kind: ToolKind, number: int) -> Call:
    finished = CallFinished(
        turn_id="t1", call_id=f"k{number}", tool=tool, outcome="completed", content="", seconds=0.5
    )
    return Call(f"{tool.capitalize()} it", kind, None, finished)


@pytest.mark.parametrize(
    ("calls", "words"),
    [
        ([("list", "read")], "listed 1 folder"),
        ([("read", "read"), ("list", "read"), ("list", "read")], "read 1 file, listed 2 folders"),
        ([("grep", "search"), ("todo", "think")], "searched 1 time, made 1 note"),
        ([("manual", "read"), ("symbols", "read")], "looked 2 things up"),
    ],
)
def test_what_only_looked_is_counted_by_what_it_did(calls: list[tuple[str, ToolKind]], words: str) -> None:
    found = [call(tool, kind, number) for number, (tool, kind) in enumerate(calls)]
    first, *below = group_rows(found, Places(ROOT))
    assert first == f"- {words}, {0.5 * len(calls):.1f} s"
    assert len(below) == len(calls)
