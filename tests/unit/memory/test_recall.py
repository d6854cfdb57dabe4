"""The index for the event loop: one thread, short pieces, and a spoilt file makes room for an empty one."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from postil.memory import recall as module
from postil.memory.document import Document, Hit
from postil.memory.index import Index
from postil.memory.recall import Recall


@pytest.fixture
async def recall(tmp_path: Path) -> AsyncIterator[Recall]:
    opened = Recall(tmp_path / "index.db")
    yield opened
    await opened.close()


async def test_documents_come_and_go(recall: Recall) -> None:
    await recall.put([Document("a", ("zebra",), mark="1"), Document("b", ("lion",), mark="2")])
    assert [it.id for it in await recall.search(["zebra", "stripes"], 5)] == ["a"]
    assert await recall.marks() == {"a": "1", "b": "2"}
    assert await recall.chunks("b") == ["lion"]
    assert await recall.remove(["a"]) == 1
    assert await recall.search(["zebra"], 5) == []


async def test_a_search_comes_between_the_pieces_of_much_that_is_written(
    recall: Recall, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "PIECE", 1)
    await recall.put([Document("first", ("zebra",))])
    seen: list[int] = []

    async def put() -> None:
        await recall.put(Document(str(it), ("zebra",)) for it in range(50))

    writing = asyncio.ensure_future(put())
    while not writing.done():
        seen.append(len(await recall.search(["zebra"], 100)))
    await writing
    assert any(1 < it < 51 for it in seen)


async def test_nothing_happens_on_the_loops_thread(tmp_path: Path) -> None:
    threads: set[str] = set()

    class Asked:
        def __init__(self, index: Index) -> None:
            self.index = index

        def rank(self, query: str, most: int) -> list[Hit]:
            threads.add(threading.current_thread().name)
            return []

    recall = Recall(tmp_path / "index.db", Asked)
    await recall.search(["zebra"], 5)
    await recall.close()
    assert all(it.startswith("postil-memory") for it in threads)


async def test_a_cancelled_search_breaks_off_nothing_else(tmp_path: Path) -> None:
    began, go = threading.Event(), threading.Event()

    class Slow:
        def __init__(self, index: Index) -> None:
            self.index = index

        def rank(self, query: str, most: int) -> list[Hit]:
            began.set()
            assert go.wait(30)
            return []

    recall = Recall(tmp_path / "index.db", Slow)
    searching = asyncio.ensure_future(recall.search(["zebra"], 5))
    await asyncio.to_thread(began.wait, 30)
    writing = asyncio.ensure_future(recall.put([Document("a", ("zebra",))]))
    searching.cancel()
    with pytest.raises(asyncio.CancelledError):
        await searching
    go.set()
    await writing
    assert await recall.marks() == {"a": ""}
    await recall.close()


@pytest.mark.parametrize("spoil", ["header", "pages", "version"])
async def test_a_spoilt_file_is_put_aside(tmp_path: Path, spoil: str) -> None:
    path = tmp_path / "index.db"
    recall = Recall(path)
    await recall.put(Document(str(it), (f"zebra {it} " + "word " * 300,)) for it in range(100))
    await recall.close()
    _spoil(path, spoil)
    again = Recall(path)
    assert await again.search(["zebra"], 5) == []
    assert await again.marks() == {}
    await again.put([Document("a", ("zebra",))])
    assert [it.id for it in await again.search(["zebra"], 5)] == ["a"]
    await again.close()
    assert (tmp_path / "index.db.damaged").exists()


def _spoil(path: Path, how: str) -> None:
    if how == "version":
        index = Index(path)
        index.connection.execute("UPDATE facts SET value = 'tables 0'")
        index.close()
        return
    content = bytearray(path.read_bytes())
    start = 0 if how == "header" else 4096
    content[start:] = b"\xee" * (len(content) - start)
    path.write_bytes(content)
