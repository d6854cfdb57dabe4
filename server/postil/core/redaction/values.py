"""Values of names that tell of a secret: whether each is one, or a word of a program, of a manual, or of nobody."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterator
from functools import cache
from itertools import pairwise
from typing import Literal

Form = Literal["setting", "entry", "quoted", "bare"]
"""How a value stands: in a line that sets a variable of an environment, in a line of a configuration, in quotes or between
tags, or as code might stand."""

NAMES = ("token", "secret", "passw", "passphrase", "pwd", "apikey", "api_key", "api-key", "access_key", "accesskey", "access-key", "_key",
         "private_key", "privatekey", "private-key", "auth_key", "authkey", "credential", "encryption_key", "signing_key")  # fmt: skip
"""Words in a name that tell of a secret, in small letters."""

_ASSIGNED = (
    r"(?P<name>(?:token|secret|passw(?:or)?d|passphrase|pwd|api[_-]?key|access[_-]?key|private[_-]?key|"
    r"auth[_-]?key|encryption[_-]?key|signing[_-]?key|_key|credentials?)[A-Za-z0-9_.\-]{0,30})"
    r"(?:\\?[\"'`]\]?)?[ \t]{0,8}(?P<sign>:=|=>|==?|:|>)[ \t]{0,8}"
    r"(?:(?P<quote>\\?[\"'`])(?P<quoted>[A-Za-z0-9+/=_\-.~!@#%^&*:?|$,;]{8,})(?P=quote)"
    r"|(?P<bare>(?=[A-Za-z0-9+/=_\-.~!@#%^*:?|&]{8})[A-Za-z0-9+/=_\-.~!@#%^*:?|]*+"
    r"(?:&(?![A-Za-z0-9_.-]{1,40}=)[A-Za-z0-9+/=_\-.~!@#%^*:?|]*+)*+))"
)
_SAID = (
    "example", "dummy", "fake", "sample", "placeholder", "redacted", "changeme", "change-me", "change_me", "todo", "your", "xxxx", "****",
    "....", "secret", "passw", "token", "mock", "stub", "invalid", "wrong", "scripted", "insert", "replace", "undefined", "abcdef",
    "1234", "test", "hunter2", "foobar", "letmein",
)  # fmt: skip
"""Words with which manuals and tests fill the place of a secret."""
_WORDS = re.compile(r"[A-Za-z]++(?:[-_.:/@=][A-Za-z]++)*+[0-9]{0,4}[!?.]?")
_DATED = re.compile(r"[0-9.:/\-_TZ+v]+", re.IGNORECASE)
_PATH = re.compile(r"(?:~|\.{0,2})(?:/[\w.@+~-]{1,60}){2,}/?")
_CONSTANT = re.compile(r"[A-Z0-9_]+")
_DOTTED = re.compile(r"[A-Za-z0-9_.-]+")
_BESIDE = re.compile(
    r"(?:url|uri|files?|path|dir|type|version|count|length|len|size|name|id|ids|field|header|ttl|endpoint|prefix|pattern|regex|label|hint|"
    r"limit|usage|algorithm|algo|format|params?|style|status|state|policy|rule|class|ref|age|budget|range|index|pos|cost|price)",
    re.IGNORECASE,
)
"""What a name ends with that tells of something about a secret."""
_LAST_WORD = re.compile(r"[A-Z]?[a-z0-9]+|[A-Z0-9]+")
_OPENING = re.compile(r"[ \t]{0,60}(?:\d{1,7}[\t:-] ?|[+-])?[ \t]{0,60}(?:export |ENV |set |-e )?[ \t]{0,60}")
"""What may stand before a variable that is set: the number of the line, the sign of a difference, a word of a shell."""
_WINDOW = 60
"""Characters that are looked at before a telling word."""
_LETTERS = re.compile(r"[A-Za-z]+|[0-9]+")
_LEAST_BITS, _MANY_BITS = 3.0, 3.6
"""Bits a character, by how often each occurs: what is quoted or stands in an environment, and what may be code."""
_LEAST: dict[Form, int] = {"setting": 8, "entry": 8, "quoted": 12, "bare": 16}
"""Characters of a secret; of a password in quotes with other signs than letters and digits, eight do."""
_CODE = "([{$<\\'\"`"
"""What follows on the beginning of an expression, so that it is no value."""
_LONG = 32
"""Characters of a value that no name of a key has."""
_LONGER = "\u0130"
"""The one character that is two in small letters."""


def without_values(text: str, mark: str) -> tuple[str, int]:
    """Return the text with the mark in the place of each value of a telling name that is a secret, and how many there were."""
    pieces: list[str] = []
    last = 0
    for start in _telling_lines(text):
        end = text.find("\n", start)
        for first, beyond in secret_values(text[start : end if end >= 0 else len(text)]):
            pieces += [text[last : start + first], mark]
            last = start + beyond
    return ("".join([*pieces, text[last:]]), len(pieces) // 2) if pieces else (text, 0)


def secret_values(line: str) -> Iterator[tuple[int, int]]:
    """Yield where in a line the values of telling names stand that look like secrets."""
    for found in _assigned().finditer(line):
        start = found.start("name")
        stem = _stem(line[max(0, start - _WINDOW) : start])
        start -= len(stem)
        form = _form(line, start, found)
        name = stem + found["name"]
        part = "bare" if found["quoted"] is None else "quoted"
        if (
            form
            and not _is_beside(name, line[max(0, start - 2) : start])
            and _is_secret(found[part], name, form)
        ):
            yield found.span(part)


@cache
def _assigned() -> re.Pattern[str]:
    return re.compile(_ASSIGNED, re.IGNORECASE)


def _form(line: str, start: int, found: re.Match[str]) -> Form | None:
    """Return how the value stands of a name that begins there; None where it is the beginning of an expression."""
    name, after = line[start : found.end("name")], line[found.end() : found.end() + 1]
    if found["name"].startswith("_"):  # `…_KEY` alone tells too little.
        return "setting" if _alone(line, start, found) == "=" and _CONSTANT.fullmatch(name) else None
    if found["sign"] == ">":
        return "quoted" if after == "<" and line[start - 1 : start] == "<" else None
    if found["quoted"] is not None:
        return "quoted"
    if after and after in _CODE:
        return None
    if name.startswith("--"):
        return "quoted"
    if _alone(line, start, found) not in ("=", ": ", ":"):
        return "bare"
    if _CONSTANT.fullmatch(name):
        return "setting"
    return "entry" if _DOTTED.fullmatch(name) else "bare"


def _alone(line: str, start: int, found: re.Match[str]) -> str:
    """Return what stands between name and value where the line holds nothing else; empty where it does."""
    if (
        found["bare"] is None
        or start > _WINDOW
        or line[found.end() : found.end() + 1].strip()
        or not _OPENING.fullmatch(line[:start])
    ):
        return ""
    return line[found.end("name") : found.start("bare")]


def _is_beside(name: str, before: str) -> bool:
    """Whether a name tells of something about a secret, such as its length or its file, or is that of a type."""
    words = _LAST_WORD.findall(name)
    return before == "::" or bool(words and _BESIDE.fullmatch(words[-1]))


def _telling_lines(text: str) -> list[int]:
    """Return where the lines begin that hold a telling word."""
    lowered = text.replace(_LONGER, "I").lower()
    places: set[int] = set()
    for name in NAMES:
        at = lowered.find(name)
        while at >= 0:
            places.add(text.rfind("\n", 0, at) + 1)
            end = text.find("\n", at)
            at = lowered.find(name, end) if end >= 0 else -1
    return sorted(places)


def _stem(before: str) -> str:
    """Return the part of a name that stands before the telling word."""
    start = len(before)
    while start and (before[start - 1].isalnum() or before[start - 1] in "_.-"):
        start -= 1
    return before[start:]


def _is_secret(value: str, name: str, form: Form) -> bool:
    small = value.lower()
    if any(it in small for it in _SAID) or (
        form in ("bare", "entry") and "key" in small and (len(value) < _LONG or "." in value)
    ):
        return False
    if value.startswith("$") or _DATED.fullmatch(value) or _PATH.fullmatch(value):
        return False
    digits, letters = sum(map(str.isdigit, value)), sum(map(str.isalpha, value))
    if not digits or not letters:
        return False
    if form == "setting" and "pass" in name.lower():
        return len(value) >= _LEAST[form]
    short = form == "quoted" and "pass" in name.lower() and not value.isalnum()
    if len(value) < _LEAST[form] and not short:
        return False
    least = _MANY_BITS if form == "bare" else _LEAST_BITS
    return not _WORDS.fullmatch(value) and bits(value) >= least and _is_jumbled(value)


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
