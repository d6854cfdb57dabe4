"""Bracket expressions of patterns, such as `[^]/]`."""

from __future__ import annotations

import re

_BRACKET = re.compile(r"\\.|\[\^?\]?(?:\[:[a-z]+:\]|[^\]])*\]", re.DOTALL)


def open_bracket(pattern: str) -> bool:
    """Whether a bracket of the pattern is still open at its end."""
    return "[" in _BRACKET.sub("", pattern)
