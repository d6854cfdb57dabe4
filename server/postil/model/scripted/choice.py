"""Which reply answers a request, and the templates in it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, cast

from postil.model.scripted.script import Reply, Script, When

_TEMPLATE = re.compile(r"\{\{\s*([\w.]+)\s*\}\}")


@dataclass(slots=True)
class Heard:
    """What a request says, in the words that patterns and templates use."""

    user: str
    result: str | None
    tool: str | None
    failed: bool
    system: str
    model: str
    values: dict[str, str] = field(default_factory=dict[str, str])


def blocks_of(message: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the content of a message as blocks; a string is one text."""
    content = message.get("content", [])
    if isinstance(content, str):
        return [{"type": "text", "text": content}]
    return cast("list[dict[str, Any]]", content)


def text_of(content: object) -> str:
    """Return the words of a content that is a string or a list of blocks."""
    if isinstance(content, str):
        return content
    blocks = cast("list[dict[str, Any]]", content or [])
    return "\n".join(str(block.get("text", "")) for block in blocks if block.get("type") == "text")


def _said_last(messages: list[dict[str, Any]]) -> str:
    """Return the newest prompt and what the person said after it, beside tool results."""
    parts: list[str] = []
    for message in reversed(messages):
        if message.get("role") != "user":
            continue
        parts.append(text_of(message.get("content")))
        if not any(block.get("type") == "tool_result" for block in blocks_of(message)):
            break
    return "\n".join(part for part in reversed(parts) if part)


def _tool_name(messages: list[dict[str, Any]], call_id: object) -> str | None:
    for message in reversed(messages):
        for block in blocks_of(message):
            if block.get("type") == "tool_use" and block.get("id") == call_id:
                return str(block.get("name"))
    return None


def hear(body: dict[str, Any], number: int) -> Heard:
    """Read from a request what patterns look at."""
    messages = cast("list[dict[str, Any]]", body.get("messages", []))
    last = blocks_of(messages[-1]) if messages else []
    results = [block for block in last if block.get("type") == "tool_result"]
    result = text_of(results[-1].get("content")) if results else None
    heard = Heard(
        user=_said_last(messages),
        result=result,
        tool=_tool_name(messages, results[-1].get("tool_use_id")) if results else None,
        failed=bool(results and results[-1].get("is_error")),
        system=text_of(body.get("system")),
        model=str(body.get("model", "")),
    )
    heard.values = {
        "user": heard.user,
        "last_result": result or "",
        "last_tool": heard.tool or "",
        "model": heard.model,
        "n": str(number),
    }
    return heard


def _matches(when: When, heard: Heard) -> dict[str, str] | None:
    """Return the values that the patterns caught, or None where one does not fit."""
    if when.failed is not None and (heard.result is None or heard.failed != when.failed):
        return None
    if when.after is not None and (when.after == "results") != (heard.result is not None):
        return None
    caught: dict[str, str] = {}
    for pattern, text in (
        (when.model, heard.model),
        (when.system, heard.system),
        (when.user, heard.user),
        (when.tool, heard.tool),
        (when.result, heard.result),
    ):
        if pattern is None:
            continue
        found = re.search(pattern, text, re.MULTILINE) if text is not None else None
        if found is None:
            return None
        caught |= {f"match.{number}": group or "" for number, group in enumerate((found[0], *found.groups()))}
        caught |= {f"match.{name}": group or "" for name, group in found.groupdict().items()}
    return caught


def fill(value: Any, values: dict[str, str]) -> Any:
    """Put values into the templates of a text, or of all texts in plain data; an unknown name stays as it is."""
    if isinstance(value, str):
        if "{{" not in value:
            return value
        return _TEMPLATE.sub(lambda found: values.get(found[1], found[0]), value)
    if isinstance(value, dict):
        return {key: fill(item, values) for key, item in cast("dict[str, Any]", value).items()}
    if isinstance(value, list):
        return [fill(item, values) for item in cast("list[Any]", value)]
    return value


class Choice:
    """Hands out the replies of a script: the first that fits and is not used up."""

    def __init__(self, script: Script) -> None:
        self._replies = script.replies
        self._left: list[float] = [
            float("inf") if reply.times == "any" else reply.times for reply in script.replies
        ]
        self._first = 0

    def take(self, heard: Heard) -> tuple[int, Reply] | None:
        """Return the reply and its place in the script; what its patterns caught goes to `heard.values`."""
        for number in range(self._first, len(self._replies)):
            if not self._left[number]:
                continue
            caught = _matches(self._replies[number].when, heard)
            if caught is not None:
                self._left[number] -= 1
                self._skip_used()
                heard.values |= caught
                return number, self._replies[number]
        return None

    def _skip_used(self) -> None:
        """Long scripts stay fast: what is used up at the front is never looked at again."""
        while self._first < len(self._left) and not self._left[self._first]:
            self._first += 1

    def unused(self) -> Iterator[int]:
        """Yield the places of replies that still wait to be used; those for `any` number of times do not."""
        return (number for number, left in enumerate(self._left) if 0 < left < float("inf"))
