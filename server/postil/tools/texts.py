"""Whole texts in tools: which may be written, their lines as people count them, and work on them beside the event loop."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Annotated, TypeVar

from pydantic import AfterValidator

T = TypeVar("T")

_SMALL = 20_000


def _no_nul(text: str) -> str:
    if "\0" in text:
        raise ValueError("should hold no NUL character")
    return text


FileText = Annotated[str, AfterValidator(_no_nul)]
"""Text that may stand in a file."""


def lines_of(text: str) -> list[str]:
    """Return the lines without their endings, counted as searches and diffs count them.

    Only a line feed ends a line: not a form feed, not U+2028. A final one starts no further line.
    """
    lines = text.split("\n")
    if lines[-1] == "":
        lines.pop()
    return [line.removesuffix("\r") for line in lines] if "\r" in text else lines


async def computed(size: int, work: Callable[[], T]) -> T:
    """Do the work here, or in a thread where a text of that many characters would hold the event loop up."""
    return work() if size <= _SMALL else await asyncio.to_thread(work)
