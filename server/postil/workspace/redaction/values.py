"""Whether what stands behind a telling name is a secret, or a word of a program, of a manual, or of nobody."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterator

NAMES = ("token", "secret", "passw", "passphrase", "pwd", "apikey", "api_key", "api-key", "access_key", "accesskey", "access-key",
         "private_key", "privatekey", "private-key", "auth_key", "authkey", "credential", "encryption_key", "signing_key")  # fmt: skip
"""Words in a name that tell of a secret, in small letters."""

_ASSIGNED = re.compile(
    r"(?P<name>[A-Za-z0-9_.\-]{0,60}(?:token|secret|passw(?:or)?d|passphrase|pwd|api[_-]?key|access[_-]?key|private[_-]?key|"
    r"auth[_-]?key|encryption[_-]?key|signing[_-]?key|credentials?)[A-Za-z0-9_.\-]{0,30})"
    r"(?P<close>[\"'`]?\]?)\s{0,8}(?P<sign>:=|=>|==?|:)\s{0,8}(?P<quote>[\"'`]?)(?P<value>[A-Za-z0-9+/=_\-.~!@#%^&*:?|]{8,400})(?P<after>.?)",
    re.IGNORECASE,
)
_PLACEHOLDER = re.compile(
    r"(?:x+|\*+|\.+|-+|_+|#+|(?:\w+[-_.])*(?:your|my|the|some|any|a)[-_.]?\w*|change[-_]?(?:me|it|this)\w*|\w*example\w*|\w*dummy\w*|"
    r"\w*fake\w*|\w*sample\w*|\w*placeholder\w*|\w*redacted\w*|todo\w*|none|null|true|false|undefined|"
    r"(?:[a-z]*[-_]?)(?:test|mock|stub|invalid|wrong|bad|scripted|secret|password|passwd|token|insert|replace)(?:[-_]?[a-z0-9]{0,12}){0,4})",
    re.IGNORECASE,
)
_WORDS = re.compile(r"[A-Za-z]+(?:[-_.:/@=][A-Za-z]+)*[0-9]{0,4}[!?.]?")
_PATH = re.compile(r"(?:\.{0,2}/|~|[A-Za-z]:)?[\w.\-]*(?:/[\w.\-@+]*){1,}|\w+\.(?:\w+\.)*\w+|https?:.*", re.IGNORECASE)
_DATED = re.compile(r"[0-9.:/\-_TZ+v]+", re.IGNORECASE)
_UPPER = re.compile(r"[A-Z0-9_.\-]+")
_LEAST_BITS = 3.0
"""Bits a character, by how often each occurs; English words without blanks have less the shorter they are."""
_MANY_BITS = 3.6


def secret_values(line: str) -> Iterator[tuple[int, int]]:
    """Yield where in a line the values of telling names stand that look like secrets."""
    for found in _ASSIGNED.finditer(line):
        if _is_secret(found):
            yield found.span("value")


def _is_secret(found: re.Match[str]) -> bool:
    name, value, after, quote = found["name"], found["value"], found["after"], found["quote"]
    if after in ("(", "[", "{", "$", "<", "\\") or (quote and after != quote):
        return False
    if _PLACEHOLDER.fullmatch(value) or _WORDS.fullmatch(value) or _DATED.fullmatch(value):
        return False
    bare = not quote and _UPPER.fullmatch(name) is None
    if bare and (_PATH.fullmatch(value) or found["sign"] == "=="):
        return False
    if quote and _PATH.fullmatch(value) and bits(value) < _MANY_BITS:
        return False
    digits, letters = sum(map(str.isdigit, value)), sum(map(str.isalpha, value))
    if not digits or not letters:
        return False
    least = 16 if bare else 12
    return bits(value) >= (_MANY_BITS if bare else _LEAST_BITS) and (len(value) >= least or _is_password(name, value))


def _is_password(name: str, value: str) -> bool:
    """Whether it is short, and meant as a password all the same."""
    return "pass" in name.lower() and bits(value) >= _LEAST_BITS and not value.isalnum()


def bits(text: str) -> float:
    """Return the bits of a character of the text, by how often each occurs in it."""
    size = len(text)
    return -sum(count / size * math.log2(count / size) for count in Counter(text).values()) if size else 0.0
