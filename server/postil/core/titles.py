"""What a prompt is called in a list: its first words, and those of a problem that it is about."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

LONGEST = 80
"""Characters of a title."""


def title_of(prompt: Mapping[str, Any]) -> str:
    """Return the title of a `PromptReceived`, given as it is recorded. Never raises."""
    attached = prompt.get("context")
    rows = cast("list[object]", attached) if isinstance(attached, list) else []
    return title(str(prompt.get("text", "")), next((it for row in rows if (it := _problem(row))), ""))


def title(text: str, problem: str = "") -> str:
    """Return the title of a prompt of these words, with the text of a diagnostic attached to it."""
    first = _first_line(text)
    return (f"{first.rstrip('.:')}: {_first_line(problem)}" if problem else first)[:LONGEST]


def _problem(attached: object) -> str:
    if not isinstance(attached, dict):
        return ""
    row = cast("dict[str, object]", attached)
    return str(row.get("text", "")) if row.get("kind") == "diagnostic" else ""


def _first_line(text: str) -> str:
    return text.strip().split("\n", 1)[0]
