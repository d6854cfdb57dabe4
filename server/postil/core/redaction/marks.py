"""What stands in the place of a secret, and whether a text would bring one where none was."""

from __future__ import annotations

from functools import cache

from postil.core.redaction.kinds import KINDS

KEY, VALUE = "private key", "value of a secret"
OPENS = "[redacted: "
"""What every mark begins with."""


def mark(kind: str) -> str:
    """Return what stands in the place of a secret."""
    return f"{OPENS}{kind}]"


@cache
def marks() -> tuple[str, ...]:
    """Return every mark that there is."""
    return tuple(mark(name) for name in (KEY, VALUE, *(kind.name for kind in KINDS)))


def new_mark(text: str, before: str = "") -> str:
    """Return a mark that the text holds more often than `before` does; empty where there is none."""
    if OPENS not in text:
        return ""
    return next((it for it in marks() if text.count(it) > before.count(it)), "")
