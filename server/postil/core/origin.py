"""Where text comes from, and how the model is shown that it is material and not a word to it.

A mark has a number that is made from the text itself and from an id that nobody can know who wrote the text, so what
stands between two marks can close none.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Sequence
from typing import Literal, Protocol

from pydantic import BaseModel, ConfigDict

Origin = Literal["user", "workspace", "network", "mcp", "hook"]

_NOT_PLAIN = re.compile(r"[^A-Za-z0-9._:/@+-]")
_BREAKS_OUT = re.compile(r'[\x00-\x1f\x7f-\x9f"<>\u2028\u2029]')
_DIGITS = 10


class Source(BaseModel):
    """Where a text comes from."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    origin: Origin
    name: str = ""
    """The folder, the host, the server, or whose hook; empty for a person."""


class Said(Protocol):
    """A text and where it comes from."""

    @property
    def text(self) -> str:
        """What is said."""
        ...

    @property
    def sources(self) -> tuple[Source, ...]:
        """Where it comes from."""
        ...


def material(text: str, sources: Sequence[Source], key: str) -> str:
    """Return the text between marks that tell its origin. Without a source it is Postil's own and stands as it is.

    `key` is an id that was not known to who wrote the text: of the call or the turn.
    """
    if not sources:
        return text
    number = mark(text, key)
    return f"<material {number} from {origins(sources)}>\n{text}\n</material {number}>"


def remarked(text: str, remarks: Iterable[Said], key: str) -> str:
    """Return the text with what hooks said of it behind it, each as material."""
    return "\n\n".join(it for it in (text, *(material(it.text, it.sources, key) for it in remarks)) if it)


def origins(sources: Sequence[Source]) -> str:
    """Return where a text comes from, as it stands in a mark."""
    return ", ".join(dict.fromkeys(_shown(it) for it in sources))


def mark(text: str, key: str) -> str:
    """Return a number that the text does not hold, the same for the same text and key."""
    number, turn = "", 0
    while not number or number in text:
        data = f"{key}\0{turn}\0{text}".encode("utf-8", "surrogatepass")
        number, turn = hashlib.sha256(data).hexdigest()[:_DIGITS], turn + 1
    return number


def plain(name: str) -> str:
    """Return a name that can stand within a mark: what would end it is replaced."""
    return _BREAKS_OUT.sub("?", name)


def _shown(source: Source) -> str:
    name = _NOT_PLAIN.sub("?", source.name)
    return (
        f"{source.origin} {name}" if source.origin in ("network", "mcp", "hook") and name else source.origin
    )
