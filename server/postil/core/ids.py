"""Identifiers: short, sortable by creation time, and safe in file names and URIs."""

from __future__ import annotations

import secrets
import time
from typing import Protocol

type_prefixes = {
    "session": "s",
    "turn": "t",
    "question": "q",
    "rewind": "r",
    "change": "c",
    "grant": "g",
    "compaction": "k",
    "hook": "h",
    "finding": "f",
    "job": "j",
    "check": "v",
}
"""What an identifier names, and the letter it starts with. Call ids are the model's own and opaque."""

_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"


class Ids(Protocol):
    """A source of fresh identifiers; tests count, production draws."""

    def new(self, kind: str) -> str:
        """Return a fresh identifier for `kind`, one of `type_prefixes`."""
        ...


class RandomIds:
    """Identifiers of milliseconds since the epoch (sortable) and 40 random bits."""

    def new(self, kind: str) -> str:
        """Return a fresh identifier for `kind`."""
        stamp = _base32(time.time_ns() // 1_000_000, 9)
        return f"{type_prefixes[kind]}{stamp}{_base32(secrets.randbits(40), 8)}"


class CountedIds:
    """Identifiers that count from one, the same in every run."""

    def __init__(self, start: int = 0) -> None:
        self._count = start

    def new(self, kind: str) -> str:
        """Return the next identifier for `kind`."""
        self._count += 1
        return f"{type_prefixes[kind]}{self._count:04d}"


def _base32(number: int, width: int) -> str:
    digits = [_ALPHABET[(number >> (5 * place)) & 31] for place in range(width)]
    return "".join(reversed(digits))
