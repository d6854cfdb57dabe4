"""Why the model is tried again, and when, in few words: the same in every face."""

from __future__ import annotations

from typing import TYPE_CHECKING

from postil.core.errors import ModelErrorKind

if TYPE_CHECKING:
    from postil.core.ephemeral import ModelRetrying

_WORDS: dict[ModelErrorKind, str] = {
    "rate_limit": "Rate limited",
    "overloaded": "The service is overloaded",
    "connection": "Offline",
    "timeout": "The service took too long",
    "truncated": "The reply broke off",
    "malformed": "The reply could not be read",
    "authentication": "The key is renewed",
}
_LONGEST = 60


def why(kind: ModelErrorKind, message: str, *, begun: bool) -> str:
    """Return in few words why a try failed; `begun` says whether the service may have begun to answer."""
    if kind == "connection" and begun:
        return "The connection broke"
    first = message.split(": ", 1)[0].rstrip(".")
    return _WORDS.get(kind) or (first if len(first) <= _LONGEST else f"{first[: _LONGEST - 1]}…")


def next_try(event: ModelRetrying) -> str:
    """Return when the next try is, and which have failed."""
    return f"Next try in {event.seconds:.0f} s ({event.attempt} of {event.of})."
