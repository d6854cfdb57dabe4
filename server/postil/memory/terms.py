"""Text to the words that it is found by: identifiers also by their parts, writing without spaces by pairs of characters.

What comes out goes through SQLite's own tokenizers afterwards, which fold case and accents and cut English endings; a query
goes the same way, so that both meet. `VERSION` has to change with anything here.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

VERSION = 2
LONGEST = 64
"""Characters of a word that count."""
_KNOWN = 100_000
"""Words whose forms are kept in memory."""

# Vowel signs and accents are no letters to Python's \w, and words of many languages would fall apart at them.
_SIGNS = "\u0300-\u036f\u0483-\u0487\u0591-\u05bd\u05bf-\u05c7\u0610-\u061a\u064b-\u065f\u0670\u06d6-\u06ed\u0900-\u0963\u0966-\u109f\u1780-\u17d3"
_UNSPACED = (
    "\u0e00-\u0e4e\u0e80-\u0ece\u1000-\u109f\u1780-\u17d3\u3005-\u3007\u3040-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff"
    "\uac00-\ud7a3\uf900-\ufaff\U00020000-\U0003ffff"
)
"""Thai, Lao, Burmese, Khmer, Japanese, Chinese; Korean has spaces and is found by parts of its long words all the same."""
_word = re.compile(rf"[\w{_SIGNS}]+")
_spaced = "".join(chr(it) if chr(it).isalnum() or it == ord("_") else " " for it in range(128))
"""What each ASCII character becomes, so that splitting at spaces leaves the words: much faster than an expression."""
_run = re.compile(rf"[{_UNSPACED}]+")
_unspaced = re.compile(rf"[{_UNSPACED}]")
_part = re.compile(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+|[A-Z]+|\d+|[^\W\d_A-Za-z]+")
_hash = re.compile(r"(?=[a-f]*\d)(?=\d*[a-f])[0-9a-f]{7,39}")
_half = re.compile("[\ud800-\udfff]")


class _Forms(dict[str, str]):
    """A word's forms, worked out when it is first met."""

    def __missing__(self, word: str) -> str:
        if len(self) > _KNOWN:
            self.clear()
        plain = word.islower() and word.isascii() and "_" not in word
        forms = word[:LONGEST] if plain else " ".join(it[:LONGEST] for it in _forms(word))
        self[word] = forms
        return forms


_known = _Forms()


def searchable(text: str) -> str:
    """Return the words of the text and their parts, with spaces between."""
    if text.isascii():
        words = text.translate(_spaced).split()
    else:
        words = _word.findall(unicodedata.normalize("NFKC", _half.sub(" ", text)))
    return " ".join(map(_known.__getitem__, words))


def asked(text: str) -> list[str]:
    """Return the terms of a query, each once, without the words that say nothing if there are others."""
    terms = list(dict.fromkeys(_without_lasts(searchable(text).lower().split())))
    return [it for it in terms if it not in STOP_WORDS] or terms


def expression(term: str) -> str:
    """Return the term in the language of SQLite's full-text search.

    The beginning of a hash stands for the whole, and one character of writing without spaces for the pairs that begin with it.
    """
    return f'"{term}"*' if _hash.fullmatch(term) or _alone(term) else f'"{term}"'


def _alone(term: str) -> bool:
    return len(term) == 1 and _unspaced.match(term) is not None


def _without_lasts(terms: list[str]) -> Iterator[str]:
    """Yield the terms without the last characters of runs, which are asked for by their pairs."""
    before = ""
    for term in terms:
        if not (_alone(term) and len(before) == 2 and before[1] == term and _unspaced.match(before)):
            yield term
        before = term


def _forms(word: str) -> list[str]:
    if _unspaced.search(word):
        return _cut(word)
    pieces = [it for it in word.split("_") if it]
    forms = [word.strip("_")] if len(pieces) > 1 else []
    for piece in pieces:
        forms.append(piece)
        if not piece.islower() and len(parts := _part.findall(piece)) > 1:
            forms += parts
    return forms


def _cut(word: str) -> list[str]:
    """Return the pairs of characters in runs without spaces, and the forms of what lies between."""
    forms: list[str] = []
    end = 0
    for run in _run.finditer(word):
        forms += _forms(word[end : run.start()])
        forms += _pairs(run[0])
        end = run.end()
    return forms + _forms(word[end:])


def _pairs(run: str) -> list[str]:
    """Return each pair of characters, and the last one, so that every character of the run begins one of them."""
    return [run[at : at + 2] for at in range(len(run))]


STOP_WORDS = frozenset(
    [
        "a",
        "about",
        "all",
        "also",
        "an",
        "and",
        "any",
        "are",
        "as",
        "at",
        "be",
        "been",
        "but",
        "by",
        "can",
        "could",
        "d",
        "did",
        "do",
        "does",
        "don",
        "each",
        "for",
        "from",
        "had",
        "has",
        "have",
        "how",
        "i",
        "if",
        "in",
        "into",
        "is",
        "isn",
        "it",
        "its",
        "ll",
        "m",
        "may",
        "might",
        "must",
        "no",
        "nor",
        "not",
        "now",
        "of",
        "on",
        "or",
        "our",
        "re",
        "s",
        "should",
        "so",
        "some",
        "such",
        "t",
        "than",
        "that",
        "the",
        "their",
        "them",
        "then",
        "there",
        "these",
        "they",
        "this",
        "those",
        "to",
        "too",
        "ve",
        "was",
        "we",
        "were",
        "what",
        "when",
        "where",
        "which",
        "while",
        "who",
        "whom",
        "why",
        "will",
        "with",
        "would",
        "you",
        "your",
    ]
)
"""English words that say nothing of what is sought. They are indexed: a query of nothing else is answered too."""
