"""Names of tools and skills, in which a star stands for any letters: narrowly for what allows, whatever the case for what forbids."""

from __future__ import annotations

import re

STRANGE = "qx7anything"
"""A name that nobody gives, for any name at all."""

_NAME = re.compile(r"[A-Za-z0-9*][A-Za-z0-9_.:*-]{0,127}")


def is_name(text: str) -> bool:
    """Whether the text is the name of a tool, a server or a skill, stars in it or not."""
    return _NAME.fullmatch(text) is not None


def matches(pattern: str, name: str, *, allowing: bool) -> bool:
    """Whether a name is one that the pattern means."""
    if not allowing:
        pattern, name = pattern.casefold(), name.casefold()
    return re.fullmatch("[^/]*".join(map(re.escape, pattern.split("*"))), name) is not None
