"""The calls of `edit` and `write` that turn one text into another, worked out from a diff as a careful model would.

Nothing here is the server's: lines are compared by difflib, and what `edit` may be asked follows its description.
"""

from __future__ import annotations

from difflib import SequenceMatcher
from random import Random
from typing import Any

from tests.support.text_changes import lines_of

Json = dict[str, Any]
MOST = 150


def calls(path: str, before: str, after: str, *, whole: bool = True) -> list[Json]:
    """Return calls that make `after` of `before`, drawn by the path; `whole` says whether `write` may be used."""
    rng = Random(path)
    wanted = whole and rng.random() < 0.2
    edits = None if wanted else replacements(before, after, rng)
    if edits:
        return [
            {"tool": "edit", "input": {"path": path, "edits": edits[start : start + MOST]}}
            for start in range(0, len(edits), MOST)
        ]
    content = written(before, after, rng) if whole else None
    if content is not None:
        return [{"tool": "write", "input": {"path": path, "content": content}}]
    assert not has_no_character(before + after), f"{path} cannot be said: ask can_be_said first"
    return [{"tool": "edit", "input": {"path": path, "edits": [{"old": before, "new": after}]}}]


def can_be_said(path: str, before: str, after: str) -> bool:
    """Whether `calls` finds the words without `write`: not all the changed places can be told apart from others."""
    return replacements(before, after, Random(path)) is not None


def written(before: str, after: str, rng: Random) -> str | None:
    """Return the content to write, None where `write` would give it the endings of the old text."""
    if not is_windows(before):
        return after
    if is_windows(after):
        return after.replace("\r\n", "\n") if rng.random() < 0.5 else after
    return after if "\r" in after or "\n" not in after else None


def replacements(before: str, after: str, rng: Random) -> list[Json] | None:
    """Return replacements that apply one after the other, None where there are none that say which place is meant."""
    a, b = lines_of(before), lines_of(after)
    found: list[Json] = []
    for a_start, a_end, b_start, b_end in _hunks(a, b):
        replacement = _replacement(
            b[:b_start], a[a_start:a_end], a[a_end:], b[b_start:b_end], (before, after), rng
        )
        if replacement is None:
            return None
        found.append(replacement)
    return found


def is_windows(text: str) -> bool:
    """Whether every line of the text ends in CRLF."""
    return "\r\n" in text and text.count("\r\n") == text.count("\n") == text.count("\r")


def _hunks(a: list[str], b: list[str]) -> list[tuple[int, int, int, int]]:
    head = 0
    while head < min(len(a), len(b)) and a[head] == b[head]:
        head += 1
    tail = 0
    while tail < min(len(a), len(b)) - head and a[-1 - tail] == b[-1 - tail]:
        tail += 1
    matcher = SequenceMatcher(None, a[head : len(a) - tail], b[head : len(b) - tail], autojunk=False)
    return [
        (a1 + head, a2 + head, b1 + head, b2 + head)
        for tag, a1, a2, b1, b2 in matcher.get_opcodes()
        if tag != "equal"
    ]


def _replacement(
    above: list[str], old: list[str], below: list[str], new: list[str], texts: tuple[str, str], rng: Random
) -> Json | None:
    """Widen the lines by their neighbours until they name one place; small ones are cut down to what differs."""
    text = "".join([*above, *old, *below])
    up, down = 0, 0
    while True:
        first = "".join(above[len(above) - up :])
        last = "".join(below[:down])
        one, other = first + "".join(old) + last, first + "".join(new) + last
        for said in rng.sample(((one, other), _narrowed(one, other)), 2):
            found = _said(*said, text, texts, rng)
            if found is not None:
                return found
        if up == len(above) and down == len(below):
            return None
        up = min(len(above), up + rng.randint(0, 2))
        down = min(len(below), down + rng.randint(0, 2))


def _narrowed(one: str, other: str) -> tuple[str, str]:
    """Cut away what both begin and end with, but for a few characters and never inside CRLF."""
    head = 0
    while head < min(len(one), len(other)) - 1 and one[head] == other[head]:
        head += 1
    head = max(0, head - 12)
    tail = 0
    while tail < min(len(one), len(other)) - head - 1 and one[-1 - tail] == other[-1 - tail]:
        tail += 1
    tail = max(0, tail - 12)
    cut = one[head : len(one) - tail], other[head : len(other) - tail]
    inside = any(
        text[:head].endswith("\r") or text[len(text) - tail :].startswith("\n") for text in (one, other)
    )
    return (one, other) if inside else cut


def _said(one: str, other: str, text: str, texts: tuple[str, str], rng: Random) -> Json | None:
    """Return the replacement as it may be said, None where it would be taken for another place or other endings."""
    if not one or one == other or has_no_character(one + other):
        return None
    if all("\r" not in it for it in texts):
        return {"old": one, "new": other} if _once(one, text) else None
    if all(is_windows(it) or "\n" not in it for it in texts) and any(map(is_windows, texts)):
        plain, is_plain = one.replace("\r\n", "\n"), rng.random() < 0.5
        if not is_windows(texts[0]) or "\r" in plain + other.replace("\r\n", ""):
            return None
        if not _once(plain, text.replace("\r\n", "\n")):
            return None
        return {"old": plain, "new": other.replace("\r\n", "\n")} if is_plain else {"old": one, "new": other}
    # Endings are mixed, or change: only what holds a \r is taken as it stands.
    if "\r" in one:
        return {"old": one, "new": other} if _once(one, text) else None
    if "\n" not in one + other and _once(one, text):
        return {"old": one, "new": other}
    return None


def _once(piece: str, text: str) -> bool:
    return text.find(piece) == text.rfind(piece) >= 0


def has_no_character(text: str) -> bool:
    """Whether a text holds bytes of an unknown encoding, which a model cannot say."""
    return any("\ud800" <= character <= "\udfff" for character in text)
