"""What answers a query best comes first, whatever the query holds and however much is indexed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from postil.memory import ranker as module
from postil.memory.document import Document, Hit
from postil.memory.fusion import fused
from postil.memory.index import Index
from postil.memory.ranker import WordRanker, search


@pytest.fixture
def index(tmp_path: Path) -> Iterator[Index]:
    with closing(Index(tmp_path / "index.db")) as opened:
        yield opened


def test_names_count_for_more_than_text(index: Index) -> None:
    index.put(
        [
            Document("a", ("intro\nthe scheduler is mentioned here",)),
            Document("src/scheduler.py", ("import heapq\nrun the jobs in order",)),
            Document("c", ("nothing",)),
        ]
    )
    assert [it.id for it in WordRanker(index).rank("scheduler", 5)] == ["src/scheduler.py", "a"]


def test_several_good_chunks_beat_one(index: Index) -> None:
    index.put(
        [
            Document("one", ("x\nzebra crossing", "y\nnothing", "z\nnothing")),
            Document("many", ("x\nzebra crossing", "y\nzebra crossing", "z\nnothing")),
            Document("none", ("x\nother",) * 5),
        ]
    )
    assert [it.id for it in WordRanker(index).rank("zebra crossing", 5)] == ["many", "one"]


def test_no_query_is_an_error(index: Index) -> None:
    index.put([Document("a", ("zebra",))])
    ranker = WordRanker(index)
    for query in (
        "",
        " ",
        '"',
        "zebra*",
        "zebra OR",
        "NOT zebra",
        "head:zebra",
        "(((",
        "a^b",
        "\0",
        "\ud800zebra",
        "-- ;",
        "{x}:",
    ):
        assert [it.id for it in ranker.rank(query, 3)] in ([], ["a"])
    assert ranker.rank("zebra", 0) == []


def test_where_even_the_rarest_word_is_too_common_all_of_them_together_decide(
    index: Index, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "ROWS", 30)
    monkeypatch.setattr(module, "CANDIDATES", 2)
    index.put([Document(f"a{it}", (f"title{it}\nalpha",)) for it in range(40)])
    index.put([Document(f"b{it}", (f"title{it}\nbeta",)) for it in range(40)])
    index.put([Document(f"both{it}", ("title\nalpha and beta",)) for it in range(2)])
    assert {it.id for it in WordRanker(index).rank("alpha beta", 5)} == {"both0", "both1"}
    assert {it.id for it in WordRanker(index).rank("alpha", 1)} <= {f"a{it}" for it in range(40)} | {
        "both0",
        "both1",
    }


def test_where_words_are_too_common_the_rarest_say_where_and_all_count(
    index: Index, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "ROWS", 30)
    index.put([Document(f"a{it}", (f"title{it}\nalpha beta",)) for it in range(40)])
    index.put(
        [Document("less", ("title\nzebra and more words",)), Document("rare", ("title\nzebra with alpha",))]
    )
    assert [it.id for it in WordRanker(index).rank("alpha zebra beta", 5)] == ["rare", "less"]


def test_wordings_are_fused_and_only_four_count(index: Index) -> None:
    index.put(
        [
            Document("a", ("x\nlion",)),
            Document("b", ("x\nzebra",)),
            Document("c", ("x\nlion zebra",)),
            Document("d", ("x\ncow",)),
        ]
    )
    ranker = WordRanker(index)
    assert search(ranker, ["lion", "zebra"], 5)[0].id == "c"
    assert {it.id for it in search(ranker, ["lion", "zebra", "zebra", "x1", "x2", "cow"], 5)} == {
        "a",
        "b",
        "c",
    }
    assert search(ranker, [], 5) == []


def test_fusion_goes_by_places() -> None:
    one = [Hit("a", 9.0, 0), Hit("b", 8.0, 1), Hit("c", 1.0, 0)]
    two = [Hit("c", 0.3, 4), Hit("b", 0.2, 0)]
    assert [(it.id, it.chunk) for it in fused([one, two])] == [("c", 4), ("b", 1), ("a", 0)]
    assert fused([one]) == one


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("解析器", ["parser"]),
        ("修复解析器的错误", ["parser"]),
        ("猫", ["cats"]),
        ("器", ["parser"]),
        ("字", ["parser"]),
        ("パーサー", ["japanese"]),
        ("最後の項目", ["japanese"]),
        ("구문", ["korean"]),
        ("ตัวแยก", ["thai"]),
        ("parse_header 解析", ["parser"]),
    ],
)
def test_writing_without_spaces_is_found_by_any_part_of_it(
    index: Index, query: str, found: list[str]
) -> None:
    index.put(
        [
            Document("parser", ("修复 parse_header 解析器会丢失最后一个字",)),
            Document("cats", ("院子里有两只小猫",)),
            Document("japanese", ("パーサーが最後の項目を落とす問題を修正した。",)),
            Document("korean", ("구문분석기가 마지막 필드를 잃는다",)),
            Document("thai", ("ตัวแยกวิเคราะห์ทำฟิลด์สุดท้ายหาย",)),
            Document("english", ("The parser drops the last field.",)),
        ]
    )
    assert [it.id for it in WordRanker(index).rank(query, 1)] == found
