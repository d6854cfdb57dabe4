"""A session becomes pieces that are found by what was asked, said and done in it."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from postil.core.messages import (
    AssistantMessage,
    Message,
    Text,
    Thinking,
    ToolCall,
    ToolMessage,
    ToolResult,
    UserMessage,
)
from postil.memory.cold import PIECE, session_document
from postil.memory.index import Index
from postil.memory.ranker import WordRanker


def turn(prompt: str, reply: str = "Done.", result: str = "") -> list[Message]:
    call = ToolCall(id="1", name="edit", input={"path": "src/parser.py", "line": 3})
    return [
        UserMessage(text=prompt),
        AssistantMessage(content=(Thinking(text="aardvark", raw={}), Text(text=reply), call)),
        ToolMessage(call_ids=("1",), results={"1": ToolResult(call_id="1", content=result)}),
    ]


def test_a_turn_is_a_piece_with_all_that_names_it() -> None:
    document = session_document(
        "s1", "Fix the parser", [*turn("Fix it", result="2 lines"), *turn("And the test")], "12"
    )
    assert document.chunks == (
        "Fix it\nDone.\nedit src/parser.py 3\n2 lines",
        "And the test\nDone.\nedit src/parser.py 3",
    )
    assert (document.id, document.name, document.mark) == ("s1", "Fix the parser", "12")


def test_long_turns_are_cut_and_long_results_shortened() -> None:
    reply = "\n".join(f"line {it} of the reply" for it in range(300))
    document = session_document(
        "s1", "", turn("Explain\nall of it", reply, "begin\n" + "middle\n" * 5_000 + "end")
    )
    assert all(len(it) <= PIECE + 400 and it.startswith("Explain\n") for it in document.chunks)
    assert all(any(f"line {it} of the reply" in piece for piece in document.chunks) for it in range(300))
    assert "begin\n" in document.chunks[-1]
    assert document.chunks[-1].endswith("end")
    assert document.chunks[-1].count("middle") < 80
    assert document.name == "s1"


def test_it_is_found_by_what_was_done_in_it(tmp_path: Path) -> None:
    with closing(Index(tmp_path / "i.db")) as index:
        index.put(
            [
                session_document("s1", "Fix the parser", turn("It fails on tabs")),
                session_document("s2", "Other", turn("Hello")),
            ]
        )
        ranker = WordRanker(index)
        assert [it.id for it in ranker.rank("tabs", 5)] == ["s1"]
        assert ranker.rank("fixing parsers", 5)[0].id == "s1"
        assert ranker.rank("aardvark", 5) == []


@given(st.lists(st.text(max_size=4_000), max_size=5))
def test_nothing_that_was_said_is_lost(texts: list[str]) -> None:
    messages: list[Message] = [
        UserMessage(text="Start"),
        *(AssistantMessage(content=(Text(text=it),)) for it in texts),
    ]
    said = "".join("".join(it.split()) for it in texts)
    kept = "".join("".join(it.split()) for it in session_document("s", "", messages).chunks)
    assert len(kept) >= len(said)


def test_a_session_of_nothing_is_a_document_of_nothing() -> None:
    assert session_document("s", "", []).chunks == ()
