"""Whatever text comes in: nothing fails, what is indexed is found by a rare word of it, and what is removed is not."""

from __future__ import annotations

import re
import tempfile
from contextlib import closing
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from postil.memory.document import Document
from postil.memory.index import Index
from postil.memory.ranker import WordRanker
from postil.memory.terms import STOP_WORDS

_RARE = st.from_regex(r"[a-z]{3,12}(_[a-z]{2,8}|[A-Z][a-z]{2,8}|\d{1,4})?", fullmatch=True)
_CJK = st.text(st.characters(min_codepoint=0x4E00, max_codepoint=0x9FFF), min_size=2, max_size=6)
_ANY = st.text(st.characters(exclude_categories=()), max_size=200)


@settings(max_examples=60, deadline=None)
@given(
    st.dictionaries(
        _ANY.map(lambda it: it.encode("utf-8", "replace").decode()), st.lists(_ANY, max_size=3), max_size=4
    ),
    _ANY,
)
def test_any_text_is_a_document_and_a_query(texts: dict[str, list[str]], query: str) -> None:
    with tempfile.TemporaryDirectory() as folder, closing(Index(Path(folder) / "i.db")) as index:
        index.put(Document(name, tuple(chunks)) for name, chunks in texts.items())
        hits = WordRanker(index).rank(query, 10)
        assert len({it.id for it in hits}) == len(hits)
        assert {it.id for it in hits} <= set(texts)
        index.remove(texts)
        assert WordRanker(index).rank(query, 10) == []
        assert index.count() == (0, 0)
        index.check()


@settings(max_examples=60, deadline=None)
@given(_ANY, st.one_of(_RARE, _CJK), _ANY)
def test_a_document_is_found_by_a_rare_word_of_it(before: str, word: str, after: str) -> None:
    if word in STOP_WORDS:
        return
    others = [Document(f"n{it}", (f"{it} something else",)) for it in range(5)]
    with tempfile.TemporaryDirectory() as folder, closing(Index(Path(folder) / "i.db")) as index:
        # Neighbours must not become part of the word; half characters and marks would.
        clean = [re.sub(r"[^ -~]", " ", it) for it in (before, after)]
        index.put([*others, Document("this", (f"{clean[0]} . {word} . {clean[1]}",))])
        hits = WordRanker(index).rank(word, 10)
        assert "this" in {it.id for it in hits}
        index.remove(["this"])
        assert "this" not in {it.id for it in WordRanker(index).rank(word, 10)}
