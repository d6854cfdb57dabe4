"""Estimated usage, with a plausible prompt cache."""

from __future__ import annotations

from typing import Any, cast

from postil.model.scripted.choice import blocks_of
from postil.model.scripted.history import History

_CHARACTERS_A_TOKEN = 3.5
_NO_WORDS = {"type", "cache_control"}
_LOOK_BACK = 20
"""How many blocks before a breakpoint the service searches for a prefix that it kept."""


def estimate(characters: int) -> int:
    """Return about how many tokens so many characters are."""
    return max(1, round(characters / _CHARACTERS_A_TOKEN))


def _plain(value: Any) -> str:
    return value if isinstance(value, str) else repr(value)


def measure(body: dict[str, Any], history: History) -> int:
    """Go on measuring the request in the order in which the service reads it; return its tokens."""
    head = (body.get("tools"), body.get("system"))
    if history.begin(head):
        for tool in cast("list[dict[str, Any]]", head[0] or []):
            if not tool.get("defer_loading"):
                _add(history, "tool", _tool(tool), "cache_control" in tool)
        for block in blocks_of({"content": head[1] or []}):
            _add(history, "system", str(block.get("text")), "cache_control" in block)
    for message in history.messages[len(history.starts) :]:
        history.starts.append(len(history.prefixes))
        role = str(message.get("role"))
        for block in blocks_of(message):
            words = "".join([_plain(item) for key, item in block.items() if key not in _NO_WORDS])
            if names := references(block):
                words += "".join(map(_tool, _named(body, names)))
            _add(history, role, words, "cache_control" in block)
    return estimate(history.prefixes[-1][1] if history.prefixes else 0)


def references(block: dict[str, Any]) -> list[str]:
    """Return the tools that a result refers to: the service reads them there."""
    content = block.get("content")
    parts = cast("list[dict[str, Any]]", content) if isinstance(content, list) else []
    return [str(it.get("tool_name")) for it in parts if it.get("type") == "tool_reference"]


def _named(body: dict[str, Any], names: list[str]) -> list[dict[str, Any]]:
    tools = cast("list[dict[str, Any]]", body.get("tools") or [])
    return [it for it in tools if it.get("name") in names]


def _tool(tool: dict[str, Any]) -> str:
    return f"{tool.get('name')}{tool.get('description')}{tool.get('input_schema')}"


def _add(history: History, kind: str, words: str, marked: bool) -> None:
    chain, total = history.prefixes[-1] if history.prefixes else (0, 0)
    if marked:
        history.marks.append(len(history.prefixes))
    history.prefixes.append((hash((chain, kind, words)), total + len(words)))


class Cache:
    """Prefixes that were seen before a breakpoint, as hashes; it never expires."""

    def __init__(self) -> None:
        self._kept: set[int] = set()

    def read(self, history: History) -> tuple[int, int, int]:
        """Return (input, cache_read, cache_write) in tokens for what was measured, and keep what it marks."""
        prefixes, marks = history.prefixes, history.marks
        read = self._longest(prefixes, marks)
        written = prefixes[marks[-1]][1] if marks else 0
        self._kept.update(prefixes[mark][0] for mark in marks)
        fresh = max(0, written - read)
        return estimate(prefixes[-1][1] - read - fresh), _tokens(read), _tokens(fresh)

    def _longest(self, prefixes: list[tuple[int, int]], marks: list[int]) -> int:
        for mark in reversed(marks):
            for place in range(mark, max(-1, mark - _LOOK_BACK), -1):
                if prefixes[place][0] in self._kept:
                    return prefixes[place][1]
        return 0


def _tokens(characters: int) -> int:
    return estimate(characters) if characters else 0
