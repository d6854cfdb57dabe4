"""Text without its secrets: each is replaced by a mark that names its kind, lines stay lines, and marks stay as they are.

Linear in the length of the text. What is found is found by shape alone; a secret without one, or behind a name that does not
tell, stays.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib import resources

from pydantic import BaseModel, ConfigDict

from postil.workspace.redaction.pem import without_keys
from postil.workspace.redaction.values import NAMES, secret_values

KEY, VALUE = "private key", "value of a secret"
_OPENS = "[redacted: "
_TEMPLATE = re.compile(
    r"pass(?:wo?r?d|phrase)?|secret|pwd|token|user(?:name)?|guest|admin|root|example|changeme|hunter2|x+|\*+|\.+|test\w*|"
    r"my\w*|your\w*|some\w*|\w*password\w*",
    re.IGNORECASE,
)
"""What manuals write for a password in an address."""


class Kind(BaseModel):
    """A secret that is known by its own shape."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    hints: tuple[str, ...]
    pattern: str
    examples: tuple[str, ...]
    spared: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Redacted:
    """A text without its secrets."""

    text: str
    count: int
    """How many were replaced."""


def kinds() -> tuple[Kind, ...]:
    """Return the kinds of secrets that have a shape of their own."""
    return _KINDS


def redact(text: str) -> Redacted:
    """Return the text with marks in the place of secrets; the very same text where there are none."""
    text, count = without_keys(text, mark(KEY))
    for kind in _KINDS:
        if any(hint in text for hint in kind.hints):
            text, more = _without(kind, text)
            count += more
    return _without_values(text, count)


def mark(kind: str) -> str:
    """Return what stands in the place of a secret."""
    return f"{_OPENS}{kind}]"


@cache
def marks() -> tuple[str, ...]:
    """Return every mark that there is."""
    return tuple(mark(name) for name in (KEY, VALUE, *(kind.name for kind in _KINDS)))


def new_mark(text: str, before: str = "") -> str:
    """Return a mark that the text holds and `before` does not; empty where there is none."""
    if _OPENS not in text:
        return ""
    return next((it for it in marks() if it in text and it not in before), "")


def _without(kind: Kind, text: str) -> tuple[str, int]:
    pieces: list[str] = []
    last = 0
    for found in _compiled(kind.pattern).finditer(text):
        group = next((it for it in range(1, (found.re.groups or 0) + 1) if found[it] is not None), 0)
        if group and _TEMPLATE.fullmatch(found[group].strip("\"'{}[]()")):
            continue
        pieces += [text[last : found.start(group)], mark(kind.name)]
        last = found.end(group)
    return ("".join([*pieces, text[last:]]), len(pieces) // 2) if pieces else (text, 0)


_LONGER = "\u0130"
"""The one character that is two in small letters."""


def _without_values(text: str, count: int) -> Redacted:
    lowered = text.replace(_LONGER, "I").lower()
    places: set[int] = set()
    for name in NAMES:
        at = lowered.find(name)
        while at >= 0:
            start = text.rfind("\n", 0, at) + 1
            places.add(start)
            end = text.find("\n", at)
            at = lowered.find(name, end) if end >= 0 else -1
    pieces: list[str] = []
    last = 0
    for start in sorted(places):
        end = text.find("\n", start)
        for first, beyond in secret_values(text[start : end if end >= 0 else len(text)]):
            pieces += [text[last : start + first], mark(VALUE)]
            last, count = start + beyond, count + 1
    return Redacted("".join([*pieces, text[last:]]) if pieces else text, count)


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern)


def _load() -> tuple[Kind, ...]:
    text = resources.files("postil.workspace.redaction").joinpath("kinds.toml").read_text("utf-8")
    return tuple(Kind.model_validate(row) for row in tomllib.loads(text)["kind"])


_KINDS = _load()
