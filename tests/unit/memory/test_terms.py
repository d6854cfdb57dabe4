"""Words, parts of identifiers, and writing without spaces are found by what a person would type."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from postil.memory.document import Document
from postil.memory.heads import head
from postil.memory.index import Index
from postil.memory.ranker import WordRanker
from postil.memory.terms import asked, expression, searchable


@pytest.fixture
def index(tmp_path: Path) -> Iterator[Index]:
    with closing(Index(tmp_path / "index.db")) as opened:
        yield opened


@pytest.mark.parametrize(
    ("text", "query"),
    [
        ("def getHTTPResponse(self)", "http response"),
        ("def getHTTPResponse(self)", "getHTTPResponse"),
        ("def getHTTPResponse(self)", "gethttpresponse"),
        ("iter_source_names = 1", "source names"),
        ("iter_source_names = 1", "iter_source_names"),
        ("MAX_RETRY_COUNT", "retry"),
        ("os.path.joinAll(x)", "path"),
        ("server/postil/memory/index.py", "memory index"),
        ("commit 3f2a9c81d7e64b05a1c2d3e4f5061728394a5b6c fixed it", "3f2a9c8"),
        ("since 3.15.0 it is", "3.15"),
        ("issue #13705", "13705"),
        ("the naïve café", "naive cafe"),
        ("the naive cafe", "naïve café"),
        ("cafe\u0301", "café"),
        ("STRASSE und Straße", "straße"),
        ("running tests", "run test"),
        ("\uff46\uff55\uff4c\uff4c \uff57\uff49\uff44\uff54\uff48", "full width"),
        ("ファイルを保存できませんでした", "保存"),
        ("请先保存文件再运行命令", "运行命令"),
        ("请先保存文件再运行命令", "文件"),
        ("파일을저장하지못했습니다", "저장"),
        ("ไม่สามารถบันทึกไฟล์ได้", "บันทึก"),
        ("फ़ाइल सहेजी नहीं जा सकी", "सहेजी"),
        ("読む_fooBar保存", "保存 bar"),
        ("I use 🦓 and λx", "λx"),
        ("don't", "don't"),
    ],
)
def test_it_is_found(index: Index, text: str, query: str) -> None:
    index.put(
        [
            Document("other", ("nothing of that kind",)),
            Document("this", (text,)),
            Document("third", ("unrelated",)),
        ]
    )
    assert [it.id for it in WordRanker(index).rank(query, 3)][:1] == ["this"]


def test_pairs_do_not_find_what_shares_only_single_characters(index: Index) -> None:
    index.put([Document("a", ("保険の存在",)), Document("b", ("保存する",))])
    assert [it.id for it in WordRanker(index).rank("保存", 3)] == ["b"]


def test_words_that_say_nothing_count_only_where_there_is_nothing_else() -> None:
    assert set(asked("how does the parser work")) == {"parser", "work"}
    assert set(asked("to be or not")) == {"to", "be", "or", "not"}
    assert not asked('  ?! " * () :')


def test_a_word_of_the_search_language_is_a_word() -> None:
    assert all(expression(it) == f'"{it}"' for it in asked('NEAR("zebra" OR lion*) AND head:x NOT y^2'))


def test_the_beginning_of_a_hash_stands_for_the_whole() -> None:
    assert expression("3f2a9c8") == '"3f2a9c8"*'
    assert expression("1234567") == '"1234567"'
    assert expression("feedbac") == '"feedbac"'


def test_a_long_word_counts_by_its_beginning() -> None:
    assert searchable("a" * 10_000) == "a" * 64


def test_the_head_names_the_chunk() -> None:
    text = "\n# A title\nclass Parser:\n    async def read_all(self):\n        x = 1\nLIMIT = 3\nother text"
    assert head("src/parser.py", text).split("\n") == [
        "src/parser.py",
        "# A title",
        "A title",
        "Parser",
        "read_all",
        "LIMIT",
    ]
