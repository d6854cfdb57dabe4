"""Lines of JSON as documents and as queries, so that anybody can measure what a search finds."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import groupby
from typing import Any, cast

from postil.core.errors import PostilError, UsageError
from postil.memory.document import Document
from postil.memory.index import Index, Ready, ready
from postil.memory.ranker import MOST_QUERIES, Ranker, search

BATCH = 500
"""Chunks that are written at once."""
USUAL = 10
"""Documents that are returned where a query does not say how many."""
_MOST = 1_000


def index_corpus(index: Index, lines: Iterable[bytes]) -> int:
    """Put documents given as lines `{"id", "text"}` into the index and return how many chunks they had.

    Lines with one id are chunks of one document, wherever they stand; what the index had of that document before is replaced.
    Raises UsageError naming the first line that is none, with all batches before it written.
    """
    met: set[str] = set()
    written = 0

    def write(documents: list[Ready], known: frozenset[str]) -> None:
        index.put_ready([it for it in documents if it.id not in known])
        index.append_ready([it for it in documents if it.id in known])

    # SQLite lets other threads run while it writes: the next batch is made ready meanwhile.
    with ThreadPoolExecutor(1, "postil-index") as writer:
        writing: Future[None] | None = None
        try:
            for batch in _batches(_chunks(lines)):
                texts: dict[str, list[str]] = {}
                for document, text in batch:
                    texts.setdefault(document, []).append(text)
                documents = [ready(Document(it, tuple(found))) for it, found in texts.items()]
                if writing is not None:
                    writing.result()
                writing = writer.submit(write, documents, frozenset(met.intersection(texts)))
                met.update(texts)
                written += len(batch)
        finally:
            if writing is not None:
                writing.result()
    index.tidy()
    return written


def answer_line(ranker: Ranker, line: bytes) -> dict[str, Any] | None:
    """Return the answer to one line `{"query", "k"}` or `{"queries", "k"}`; None to a blank one."""
    if not line.strip():
        return None
    try:
        queries, most = _question(_object(line))
        return {"ids": [hit.id for hit in search(ranker, queries, most)]}
    except PostilError as error:
        return {"ids": [], "error": str(error)}


class _Malformed(PostilError):
    """A line that is not what it should be."""


def _chunks(lines: Iterable[bytes]) -> Iterator[tuple[str, str]]:
    for number, line in enumerate(lines, 1):
        if line.strip():
            try:
                yield _chunk(_object(line))
            except _Malformed as error:
                message = f"Line {number} of the corpus is no document: {error}"
                raise UsageError(message, "Mend it and index again.") from error


def _chunk(row: dict[str, Any]) -> tuple[str, str]:
    document, text = row.get("id"), row.get("text")
    if not isinstance(document, str) or not isinstance(text, str):
        raise _Malformed('A line needs "id" and "text", both strings.')
    return _whole(document), text


def _batches(chunks: Iterator[tuple[str, str]]) -> Iterator[list[tuple[str, str]]]:
    for _, batch in groupby(enumerate(chunks), lambda it: it[0] // BATCH):
        yield [chunk for _, chunk in batch]


def _object(line: bytes) -> dict[str, Any]:
    """Return the JSON object of a line. Raises _Malformed."""
    try:
        found: object = json.loads(line.decode("utf-8", "replace"))
    except RecursionError:
        raise _Malformed("The line is nested too deeply.") from None
    except ValueError as error:
        raise _Malformed(f"The line is no JSON: {error}.") from error
    if not isinstance(found, dict):
        raise _Malformed("The line is no JSON object.")
    return cast(dict[str, Any], found)


def _question(row: dict[str, Any]) -> tuple[list[str], int]:
    """Return the wordings of a question and how many documents it wants. Raises _Malformed."""
    queries: object = row.get("queries", [row.get("query")])
    if not isinstance(queries, list) or not all(isinstance(it, str) for it in cast(list[object], queries)):
        raise _Malformed('A line needs "query", a string, or "queries", a list of strings.')
    if not 1 <= len(cast(list[str], queries)) <= MOST_QUERIES:
        raise _Malformed(f'"queries" takes 1 to {MOST_QUERIES} wordings.')
    most: object = row.get("k", USUAL)
    if not isinstance(most, int) or isinstance(most, bool) or most < 0:
        raise _Malformed('"k" is a number of documents.')
    return cast(list[str], queries), min(most, _MOST)


def _whole(text: str) -> str:
    """Return the text with half characters replaced, which no file can hold."""
    return text.encode("utf-8", "replace").decode("utf-8")
