"""Which documents answer a query best: the words it shares with them, the rare ones and those in names before the others.

Both tables are asked and their scores added: endings that differ are forgiven by one, words that are exact win by the other.
A document is scored by its best chunks. How many rows a search may score is bounded: where a query's words are in more, only rows with
one of its rarest are scored, by all its words; where even the rarest is in too many, rows with all of them, if these are enough.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Protocol

from postil.memory.document import Hit
from postil.memory.fusion import fused
from postil.memory.index import Index, told
from postil.memory.schema import TABLES
from postil.memory.terms import asked, expression

MOST_QUERIES = 4
MOST_TERMS = 64
"""Of one query; those that come first count."""
ROWS = 8_000
"""That one table scores for one query, about."""
CANDIDATES = 200
"""Chunks that each table hands on."""
TABLE_WEIGHTS = {"prose": 0.6, "code": 0.4}
BEST_CHUNKS = 5
FALLING = 0.5
"""What the next best chunk of a document counts of the one before it."""


class Ranker(Protocol):
    """Orders documents for one query."""

    def rank(self, query: str, most: int) -> list[Hit]:
        """Return at most so many documents, best first, each once. Any text is a query. Blocks; raises PostilError."""
        ...


def search(ranker: Ranker, queries: Sequence[str], most: int) -> list[Hit]:
    """Return the documents that several wordings of one question find together, best first."""
    asked_for = list(dict.fromkeys(queries))[:MOST_QUERIES]
    deep = most if len(asked_for) == 1 else max(most, 50)
    return fused([ranker.rank(it, deep) for it in asked_for])[:most] if asked_for else []


class WordRanker:
    """The ranker that needs nothing but the index."""

    def __init__(self, index: Index) -> None:
        self._index = index
        self._connection = index.connection
        self._frequencies: dict[tuple[str, str], int] = {}
        self._state: tuple[int, int] = (0, 0)

    def rank(self, query: str, most: int) -> list[Hit]:
        """Return at most so many documents, best first, each once."""
        terms = asked(query)
        if not terms or most < 1:
            return []
        with told(self._index):
            self._forget_changed()
            scores: dict[int, float] = defaultdict(float)
            for table in TABLES:
                for number, score in self._scored(table, terms):
                    scores[number] += TABLE_WEIGHTS[table] * score
            return self._documents(scores)[:most]

    def _scored(self, table: str, terms: list[str]) -> list[tuple[int, float]]:
        """Return chunks of one table and their scores."""
        words = terms[:MOST_TERMS]
        frequencies = {word: self._frequency(table, word) for word in words}
        found = sorted((it for it in words if frequencies[it]), key=lambda it: frequencies[it])
        chosen = _affordable(found, frequencies)
        if not chosen:
            return []
        rare = " OR ".join(map(expression, chosen))
        if len(chosen) == len(found):
            return self._matching(table, rare)
        if frequencies[chosen[0]] >= ROWS:
            together = self._matching(table, " AND ".join(map(expression, found)))
            if len(together) == CANDIDATES:
                return together
        # The rare words say which rows are looked at, and there the common ones count as well.
        return self._matching(table, f"({rare}) AND ({' OR '.join(map(expression, found))})")

    def _matching(self, table: str, match: str) -> list[tuple[int, float]]:
        found = self._connection.execute(
            f"SELECT rowid, -rank FROM {table} WHERE {table} MATCH ? ORDER BY rank LIMIT {CANDIDATES}",
            (match,),
        )
        return found.fetchall()

    def _frequency(self, table: str, word: str) -> int:
        """Return how many chunks have the word, counted up to what is too many."""
        if (known := self._frequencies.get((table, word))) is not None:
            return known
        count = self._connection.execute(
            f"SELECT count(*) FROM (SELECT 1 FROM {table} WHERE {table} MATCH ? LIMIT {ROWS})",
            (expression(word),),
        ).fetchone()[0]
        self._frequencies[table, word] = count
        return count

    def _forget_changed(self) -> None:
        """Count anew where this process or another has changed the index."""
        version: int = self._connection.execute("PRAGMA data_version").fetchone()[0]
        state = (version, self._connection.total_changes)
        if state != self._state or len(self._frequencies) > 50_000:
            self._frequencies.clear()
            self._state = state

    def _documents(self, scores: dict[int, float]) -> list[Hit]:
        """Return the documents of the chunks, best first."""
        rows = self._connection.execute(
            "SELECT chunks.number, id, place FROM chunks JOIN documents ON documents.number = document"
            f" WHERE chunks.number IN ({','.join(map(str, scores))})"
        )
        chunks: dict[str, list[tuple[float, int]]] = defaultdict(list)
        for number, document, place in rows:
            chunks[document].append((scores[number], -place))
        hits = [_hit(it, sorted(found, reverse=True)) for it, found in chunks.items()]
        return sorted(hits, key=lambda it: (-it.score, it.id))


def _hit(document: str, chunks: list[tuple[float, int]]) -> Hit:
    score = sum(it * FALLING**at for at, (it, _) in enumerate(chunks[:BEST_CHUNKS]))
    return Hit(document, score, -chunks[0][1])


def _affordable(words: Sequence[str], frequencies: dict[str, int]) -> list[str]:
    """Return the rarest words whose rows can be scored together, one at least."""
    chosen: list[str] = []
    rows = 0
    for word in words:
        rows += frequencies[word]
        if chosen and rows > ROWS:
            break
        chosen.append(word)
    return chosen
