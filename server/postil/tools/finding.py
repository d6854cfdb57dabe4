"""Which tools fit some words: by the words of their names, their descriptions and their parameters, the same every time."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from postil.core.found import FoundTool
from postil.core.revealing import one_line

_WORD = re.compile(r"[a-z]+|\d+")
_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_NAME, _DESCRIPTION, _PARAMETER = 4.0, 1.0, 0.5
_BEGINS = 0.6
"""How much a word counts that only begins as a word of the tool does, or the other way round."""
_LEAST = 3
"""Letters that a word has to have for that."""
_IDLE = frozenset(
    [
        "a",
        "an",
        "and",
        "are",
        "as",
        "at",
        "be",
        "by",
        "can",
        "do",
        "for",
        "from",
        "get",
        "i",
        "in",
        "is",
        "it",
        "my",
        "of",
        "on",
        "or",
        "set",
        "that",
        "the",
        "this",
        "to",
        "tool",
        "tools",
        "use",
        "want",
        "with",
    ]
)
_LINE = 120


@dataclass(frozen=True, slots=True)
class Words:
    """The words of a tool with what each counts."""

    tool: FoundTool
    weights: Mapping[str, float]


def words_of(tool: FoundTool) -> Words:
    """Return the words by which a tool is found."""
    weights: dict[str, float] = {}
    properties = tool.input_schema.get("properties")
    parameters = " ".join(properties) if isinstance(properties, dict) else ""
    for text, weight in ((tool.name, _NAME), (tool.description, _DESCRIPTION), (parameters, _PARAMETER)):
        for word in set(_split(text)):
            weights[word] = max(weights.get(word, 0.0), weight)
    return Words(tool, weights)


def ranked(query: str, tools: Sequence[Words]) -> list[FoundTool]:
    """Return the tools that fit, best first; of those that fit as well the first by name."""
    exact = {it.casefold() for it in re.split(r"[\s,]+", query.strip()) if it}
    wanted = [it for it in dict.fromkeys(_split(query)) if it not in _IDLE] or list(
        dict.fromkeys(_split(query))
    )
    spread = {word: _rarity(word, tools) for word in wanted}
    scored: list[tuple[float, str, FoundTool]] = []
    for it in tools:
        score = sum(spread[word] * _fit(word, it.weights) for word in wanted)
        if it.tool.name.casefold() in exact:
            score += 1_000.0
        if score > 0:
            scored.append((-round(score, 6), it.tool.name, it.tool))
    return [tool for _, _, tool in sorted(scored, key=lambda it: it[:2])]


def line_of(tool: FoundTool) -> str:
    """Return what a tool is for, in one line: the first sentence of its description."""
    first = re.split(r"(?<=[.!?])\s|\n", tool.description.strip(), maxsplit=1)[0]
    return one_line(first, _LINE) or "no description"


def _split(text: str) -> Iterable[str]:
    return _WORD.findall(_HUMP.sub(" ", text).lower())


def _rarity(word: str, tools: Sequence[Words]) -> float:
    having = sum(1 for it in tools if word in it.weights)
    return math.log(1 + len(tools) / (1 + having)) + 0.1


def _fit(word: str, weights: Mapping[str, float]) -> float:
    if word in weights:
        return weights[word]
    if len(word) < _LEAST:
        return 0.0
    near = (it for it in weights if len(it) >= _LEAST and (it.startswith(word) or word.startswith(it)))
    return _BEGINS * max((weights[it] for it in near), default=0.0)
