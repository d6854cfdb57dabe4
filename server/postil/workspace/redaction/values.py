"""Whether what stands behind a telling name is a secret, or a word of a program, of a manual, or of nobody."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterator
from itertools import pairwise

NAMES = ("token", "secret", "passw", "passphrase", "pwd", "apikey", "api_key", "api-key", "access_key", "accesskey", "access-key",
         "private_key", "privatekey", "private-key", "auth_key", "authkey", "credential", "encryption_key", "signing_key")  # fmt: skip
"""Words in a name that tell of a secret, in small letters."""

_ASSIGNED = re.compile(
    r"(?P<name>(?:token|secret|passw(?:or)?d|passphrase|pwd|api[_-]?key|access[_-]?key|private[_-]?key|"
    r"auth[_-]?key|encryption[_-]?key|signing[_-]?key|credentials?)[A-Za-z0-9_.\-]{0,30})"
    r"(?P<close>[\"'`]?\]?)[ \t]{0,8}(?P<sign>:=|=>|==?|:)[ \t]{0,8}(?P<quote>[\"'`]?)(?P<value>[A-Za-z0-9+/=_\-.~!@#%^&*:?|]{8,400})(?P<after>.?)",
    re.IGNORECASE,
)
_SAID = (
    "example", "dummy", "fake", "sample", "placeholder", "redacted", "changeme", "change-me", "change_me", "todo", "your", "xxxx", "****",
    "....", "secret", "passw", "token", "mock", "stub", "invalid", "wrong", "scripted", "insert", "replace", "undefined", "abcdef",
    "1234", "test", "hunter2", "foobar", "letmein",
)  # fmt: skip
"""Words with which manuals and tests fill the place of a secret."""
_WORDS = re.compile(r"[A-Za-z]+(?:[-_.:/@=][A-Za-z]+)*[0-9]{0,4}[!?.]?")
_DATED = re.compile(r"[0-9.:/\-_TZ+v]+", re.IGNORECASE)
_CONSTANT = re.compile(r"[A-Z0-9_]+")
_OPENING = re.compile(r"[ \t]*(?:\d{1,7}[\t:-] ?|[+-])?[ \t]*(?:export |ENV |set |-e )?[ \t]*")
"""What may stand before a variable that is set: the number of the line, the sign of a difference, a word of a shell."""
_WINDOW = 60
"""Characters that are looked at before a telling word."""
_LETTERS = re.compile(r"[A-Za-z]+|[0-9]+")
_LEAST_BITS, _MANY_BITS = 3.0, 3.6
"""Bits a character, by how often each occurs: what is quoted or stands in an environment, and what may be code."""


def secret_values(line: str) -> Iterator[tuple[int, int]]:
    """Yield where in a line the values of telling names stand that look like secrets."""
    for found in _ASSIGNED.finditer(line):
        start = found.start("name")
        stem = _stem(line[max(0, start - _WINDOW) : start])
        bare = not found["quote"] and not _is_setting(line, start - len(stem), found)
        if _is_whole(found) and _is_secret(found["value"], stem + found["name"], bare=bare):
            yield found.span("value")


def _stem(before: str) -> str:
    """Return the part of a name that stands before the telling word."""
    start = len(before)
    while start and (before[start - 1].isalnum() or before[start - 1] in "_.-"):
        start -= 1
    return before[start:]


def _is_setting(line: str, start: int, found: re.Match[str]) -> bool:
    """Whether the line sets a variable of an environment: a constant's name at its start, and nothing behind the value."""
    if start > _WINDOW or found["after"].strip():
        return False
    name = line[start : found.end("name")]
    return _CONSTANT.fullmatch(name) is not None and _OPENING.fullmatch(line[:start]) is not None


def _is_whole(found: re.Match[str]) -> bool:
    """Whether the value is all that is given, and not the beginning of an expression."""
    after, quote = found["after"], found["quote"]
    return after == quote if quote else after not in ("(", "[", "{", "$", "<", "\\", "'", '"', "`")


def _is_secret(value: str, name: str, *, bare: bool) -> bool:
    small = value.lower()
    if (
        any(it in small for it in _SAID)
        or (bare and "key" in small)
        or _WORDS.fullmatch(value)
        or _DATED.fullmatch(value)
    ):
        return False
    digits, letters = sum(map(str.isdigit, value)), sum(map(str.isalpha, value))
    if not digits or not letters:
        return False
    least = 16 if bare else 12
    short = "pass" in name.lower() and not value.isalnum() and not bare
    if len(value) < least and not short:
        return False
    return bits(value) >= (_MANY_BITS if bare else _LEAST_BITS) and _is_jumbled(value)


def _is_jumbled(value: str) -> bool:
    """Whether letters and digits are mixed as no name of a thing mixes them: more turns than words with a number have."""
    runs = _LETTERS.findall(value)
    turns = sum(one[0].isdigit() != other[0].isdigit() for one, other in pairwise(runs))
    cases = sum(one.islower() and other.isupper() for one, other in pairwise(value))
    return turns * 6 + cases * 3 >= len(value) * 0.75 or (turns >= 4 and len(value) >= 20)


def bits(text: str) -> float:
    """Return the bits of a character of the text, by how often each occurs in it."""
    size = len(text)
    return -sum(count / size * math.log2(count / size) for count in Counter(text).values()) if size else 0.0
