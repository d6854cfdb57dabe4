"""What retrieval is compared with: full-text search as it comes, and what a person with grep would do."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterable

_MOST = 200


class PlainSearch:
    """One FTS5 table, any word of the query, a document by its best chunk."""

    def __init__(self, chunks: Iterable[tuple[str, str]], tokenizer: str) -> None:
        self._connection = sqlite3.connect(":memory:")
        self._connection.execute(
            f"CREATE VIRTUAL TABLE plain USING fts5(id UNINDEXED, text, tokenize = '{tokenizer}')"
        )
        self._connection.executemany("INSERT INTO plain VALUES (?, ?)", chunks)

    def find(self, query: str) -> list[str]:
        """Return documents, best first."""
        words = " OR ".join(f'"{it}"' for it in dict.fromkeys(re.findall(r"\w+", query.lower())))
        found = self._connection.execute(
            f"SELECT id FROM plain WHERE plain MATCH ? ORDER BY rank LIMIT {_MOST}", (words,)
        )
        return list(dict.fromkeys(it for (it,) in found))


class Grep:
    """Documents by how many different words of the query occur in them as text, then by how often."""

    def __init__(self, chunks: Iterable[tuple[str, str]]) -> None:
        self._texts: dict[str, str] = {}
        for document, text in chunks:
            self._texts[document] = self._texts.get(document, "") + text.lower() + "\n"

    def find(self, query: str) -> list[str]:
        """Return documents, best first."""
        words = {it for it in re.findall(r"\w+", query.lower()) if len(it) > 3}
        scores: dict[str, tuple[int, int]] = {}
        for document, text in self._texts.items():
            counts = [count for word in words if (count := text.count(word))]
            if counts:
                scores[document] = (len(counts), sum(counts))
        return sorted(scores, key=lambda it: scores[it], reverse=True)
