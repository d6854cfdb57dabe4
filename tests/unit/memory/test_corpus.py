"""Lines of JSON are indexed and answered one by one, and a line that is none spoils no other."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from postil.core.errors import UsageError
from postil.memory import corpus as module
from postil.memory.corpus import answer_line, index_corpus
from postil.memory.index import Index
from postil.memory.ranker import WordRanker


@pytest.fixture
def index(tmp_path: Path) -> Iterator[Index]:
    with closing(Index(tmp_path / "index.db")) as opened:
        yield opened


def lines(*rows: object) -> list[bytes]:
    return [json.dumps(it).encode() + b"\n" for it in rows]


def answer(index: Index, line: str | bytes) -> dict[str, object] | None:
    return answer_line(WordRanker(index), line.encode() if isinstance(line, str) else line)


def test_chunks_of_a_document_may_stand_anywhere(index: Index, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "BATCH", 2)
    rows = [{"id": "ab"[it % 2], "text": f"chunk {it}"} for it in range(7)]
    assert index_corpus(index, [*lines(*rows), b"\n"]) == 7
    assert index.chunks("a") == ["chunk 0", "chunk 2", "chunk 4", "chunk 6"]
    assert index_corpus(index, lines({"id": "a", "text": "new"})) == 1
    assert index.chunks("a") == ["new"]
    assert index.count() == (2, 4)


@pytest.mark.parametrize("bad", [b"nope", b"[]", b'{"id": 1, "text": "x"}', b'{"id": "x"}', b"[" * 100_000])
def test_a_bad_line_is_named(index: Index, bad: bytes) -> None:
    with pytest.raises(UsageError, match="Line 2 of the corpus"):
        index_corpus(index, [*lines({"id": "a", "text": "x"}), bad])


def test_queries_are_answered_with_ids(index: Index) -> None:
    index_corpus(
        index,
        lines({"id": "a", "text": "x\nlion"}, {"id": "b", "text": "x\nzebra"}, {"id": "c", "text": "y"}),
    )
    assert answer(index, '{"query": "zebra", "k": 5}') == {"ids": ["b"]}
    assert answer(index, '{"query": "zebra"}') == {"ids": ["b"]}
    assert answer(index, '{"queries": ["zebra", "lion"], "k": 1}') == {"ids": ["b"]}
    assert answer(index, '{"query": "x zebra", "k": 0}') == {"ids": []}
    assert answer(index, "  \n") is None


@pytest.mark.parametrize(
    "line",
    [
        "nope", "[]", "3", '{"query": 3}', '{"queries": []}', '{"queries": "zebra"}', '{"queries": ["a", 1]}', "{}",
        '{"query": "a", "k": -1}', '{"query": "a", "k": true}', '{"query": "a", "k": "5"}', '{"queries": ["1","2","3","4","5"]}', b"\xff\xfe",
    ],
)  # fmt: skip
def test_a_malformed_line_is_told(index: Index, line: str | bytes) -> None:
    found = answer(index, line)
    assert found is not None
    assert found["ids"] == []
    assert isinstance(found["error"], str)
