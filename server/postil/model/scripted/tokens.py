"""Estimated usage, with a plausible prompt cache."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, cast

from postil.model.scripted.choice import blocks_of

_CHARACTERS_A_TOKEN = 3.5
_NO_WORDS = {"type", "cache_control"}
_LOOK_BACK = 20
"""How many blocks before a breakpoint the service searches for a prefix that it kept."""


def estimate(characters: int) -> int:
    """Return about how many tokens so many characters are."""
    return max(1, round(characters / _CHARACTERS_A_TOKEN))


def _plain(value: Any) -> str:
    return value if isinstance(value, str) else repr(value)


def _pieces(body: dict[str, Any]) -> Iterator[tuple[str, str, bool]]:
    """Yield (kind, content, breakpoint?) of all cacheable blocks in the order in which the service reads them."""
    for tool in cast("list[dict[str, Any]]", body.get("tools") or []):
        words = f"{tool.get('name')}{tool.get('description')}{tool.get('input_schema')}"
        yield "tool", words, "cache_control" in tool
    for block in blocks_of({"content": body.get("system") or []}):
        yield "system", str(block.get("text")), "cache_control" in block
    for message in cast("list[dict[str, Any]]", body.get("messages") or []):
        role = str(message.get("role"))
        for block in blocks_of(message):
            words = "".join(_plain(item) for key, item in block.items() if key not in _NO_WORDS)
            yield role, words, "cache_control" in block


class Cache:
    """Prefixes that were seen before a breakpoint, as hashes; it never expires."""

    def __init__(self) -> None:
        self._kept: set[int] = set()

    def read(self, body: dict[str, Any]) -> tuple[int, int, int]:
        """Return (input, cache_read, cache_write) in tokens for a request, and keep what it marks."""
        chain = 0
        total = 0
        prefixes: list[tuple[int, int]] = []
        marks: list[int] = []
        for kind, words, marked in _pieces(body):
            chain = hash((chain, kind, words))
            total += len(words)
            prefixes.append((chain, total))
            if marked:
                marks.append(len(prefixes) - 1)
        read = self._longest(prefixes, marks)
        written = prefixes[marks[-1]][1] if marks else 0
        self._kept.update(prefixes[mark][0] for mark in marks)
        fresh = max(0, written - read)
        return estimate(total - read - fresh), _tokens(read), _tokens(fresh)

    def _longest(self, prefixes: list[tuple[int, int]], marks: list[int]) -> int:
        for mark in reversed(marks):
            for place in range(mark, max(-1, mark - _LOOK_BACK), -1):
                if prefixes[place][0] in self._kept:
                    return prefixes[place][1]
        return 0


def _tokens(characters: int) -> int:
    return estimate(characters) if characters else 0


def count(body: dict[str, Any]) -> int:
    """Return about how many tokens a request is."""
    return estimate(sum(len(words) for _, words, _ in _pieces(body)))
