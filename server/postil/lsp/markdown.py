"""Text from outside within Markdown: set so that nothing of it is taken for Markdown or HTML."""

from __future__ import annotations

import re

from postil.core.revealing import exact

_PUNCTUATION = re.compile(r"([!-/:-@\[-`{-~])")


def escaped(text: str) -> str:
    """Return a line of text with nothing in it that Markdown or HTML would read."""
    return _PUNCTUATION.sub(r"\\\1", text.replace("\n", " "))


def code(text: str) -> str:
    """Return a span of code on one line, whose marks are longer than any within."""
    line = exact(text).replace("\n", " ⏎ ")
    mark = "`" * (_longest(line) + 1)
    return f"{mark} {line} {mark}" if line[:1] == "`" or line[-1:] == "`" else f"{mark}{line}{mark}"


def fenced(text: str, language: str = "") -> str:
    """Return a block of code whose fence is longer than any within."""
    fence = "`" * max(3, _longest(text) + 1)
    return f"{fence}{language}\n{text}\n{fence}"


def _longest(text: str) -> int:
    return max((len(it) for it in re.findall("`+", text)), default=0)
