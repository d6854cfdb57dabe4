"""The index holds what was put into it and nothing of what was removed, and says so where a file cannot be used."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from postil.core.errors import IndexUnusable
from postil.memory.document import Document
from postil.memory.index import Index
from postil.memory.ranker import WordRanker
from postil.memory.schema import TABLES
from tests.support.secrets import filled


@pytest.fixture
def index(tmp_path: Path) -> Iterator[Index]:
    with closing(Index(tmp_path / "index.db")) as opened:
        yield opened


def found(index: Index, query: str, most: int = 10) -> list[str]:
    return [hit.id for hit in WordRanker(index).rank(query, most)]


def terms(index: Index) -> set[str]:
    """Every word that any table still knows, also of segments that are not merged."""
    words: set[str] = set()
    for table in TABLES:
        index.connection.execute(f"CREATE VIRTUAL TABLE temp.words USING fts5vocab(main, {table}, row)")
        words |= {it for (it,) in index.connection.execute("SELECT term FROM temp.words")}
        index.connection.execute("DROP TABLE temp.words")
    return words


def test_a_document_is_returned_once_with_its_best_chunk(index: Index) -> None:
    index.put(
        [Document("a", ("nothing here", "the zebra crosses", "zebra zebra")), Document("b", ("a lion",))]
    )
    hits = WordRanker(index).rank("zebra", 10)
    assert [(it.id, it.chunk) for it in hits] == [("a", 2)]
    assert index.chunks("a") == ["nothing here", "the zebra crosses", "zebra zebra"]
    assert index.chunks("unknown") == []


def test_putting_replaces_and_appending_adds(index: Index) -> None:
    index.put([Document("a", ("first text",), mark="1")])
    index.put([Document("a", ("second text",), mark="2")])
    assert found(index, "first") == []
    assert found(index, "second") == ["a"]
    index.append([Document("a", ("third text",), mark="3"), Document("b", ("third",))])
    assert index.chunks("a") == ["second text", "third text"]
    assert set(found(index, "third")) == {"a", "b"}
    assert index.marks() == {"a": "3", "b": ""}
    assert index.count() == (2, 3)


def test_all_documents_are_written_or_none(index: Index) -> None:
    def breaking() -> Iterator[Document]:
        yield Document("a", ("zebra",))
        raise RuntimeError

    with pytest.raises(RuntimeError):
        index.put(breaking())
    assert index.count() == (0, 0)
    assert found(index, "zebra") == []


def test_removed_leaves_no_trace(index: Index, tmp_path: Path) -> None:
    words = [f"quagga{number}x" for number in range(400)]
    index.put([Document("gone/okapi", tuple(f"{it} and {it}y beside it" for it in words), name="the tapir")])
    index.put([Document("kept", ("something else",))])
    assert index.remove(["gone/okapi", "unknown"]) == 1
    assert index.remove(["gone/okapi"]) == 0
    assert found(index, words[7]) == []
    assert found(index, "tapir okapi") == []
    assert not {it for it in terms(index) if "quagga" in it or it in {"okapi", "tapir"}}
    for file in tmp_path.iterdir():
        kept = file.read_bytes()
        assert not any(it in kept for it in (b"quagga", b"uagga", b"okapi", b"tapir"))
    assert found(index, "something") == ["kept"]
    index.check()


def test_replaced_text_is_gone_once_tidied(index: Index, tmp_path: Path) -> None:
    index.put([Document("a", ("quagga",))])
    index.put([Document("a", ("zebra",))])
    index.tidy()
    assert b"quagga" not in b"".join(it.read_bytes() for it in tmp_path.iterdir())


def test_secrets_are_never_stored(index: Index, tmp_path: Path) -> None:
    secret = filled("ghp_<36>")
    index.put([Document("a", (f"pushed with {secret} today",), name=f"push {secret}")])
    index.append([Document("a", (f"again {secret}",))])
    index.tidy()
    assert found(index, secret) == []
    assert found(index, "pushed") == ["a"]
    assert all(secret not in it for it in index.chunks("a"))
    assert secret.encode() not in b"".join(it.read_bytes() for it in tmp_path.iterdir())


def test_it_is_there_when_opened_again(tmp_path: Path) -> None:
    with closing(Index(tmp_path / "index.db")) as index:
        assert index.new
        index.put([Document("a", ("zebra",))])
    with closing(Index(tmp_path / "index.db")) as index:
        assert not index.new
        assert found(index, "zebra") == ["a"]
        index.remove(["a"])
        assert found(index, "zebra") == []


def test_only_its_owner_reads_it(index: Index) -> None:
    assert index.path.stat().st_mode & 0o077 == 0


def test_another_process_sees_changes_and_counts_anew(index: Index) -> None:
    ranker = WordRanker(index)
    assert ranker.rank("zebra", 5) == []
    with closing(Index(index.path)) as other:
        other.put([Document("a", ("zebra",))])
    assert [it.id for it in ranker.rank("zebra", 5)] == ["a"]


@pytest.mark.parametrize("content", [b"This is a note of mine.\n" * 400, b"SQLite format 3\0" + b"x" * 8000])
def test_a_file_that_is_none_is_left_as_it_is(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "notes"
    path.write_bytes(content)
    with pytest.raises(IndexUnusable, match="left as it is"):
        Index(path)
    assert path.read_bytes() == content


def test_another_programs_database_is_left_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "other.db"
    with closing(sqlite3.connect(path)) as other:
        other.execute("CREATE TABLE facts (name, value)")
    before = path.read_bytes()
    with pytest.raises(IndexUnusable, match="another program"):
        Index(path)
    assert path.read_bytes() == before


def test_an_index_of_another_version_is_told_from_ours(tmp_path: Path) -> None:
    path = tmp_path / "index.db"
    with closing(Index(path)) as index:
        index.connection.execute("UPDATE facts SET value = 'tables 0'")
    with pytest.raises(IndexUnusable, match="another version"):
        Index(path)


def test_damage_is_found_when_it_is_met(index: Index) -> None:
    index.put([Document(str(it), (f"zebra {it} " + "word " * 300,)) for it in range(200)])
    index.tidy()
    index.close()
    content = bytearray(index.path.read_bytes())
    content[8192:] = b"\xee" * (len(content) - 8192)
    index.path.write_bytes(content)
    with pytest.raises(IndexUnusable), closing(Index(index.path)) as spoilt:
        spoilt.check()
