"""Wildcards as regular expressions: the one dialect of .gitignore, .postilignore and the glob parameters."""

from __future__ import annotations

import re
from functools import lru_cache

from postil.core.errors import InvalidInput

_SPECIAL = re.compile(r"\*+|\?|\[|\\(.)", re.DOTALL)
_MAX_ALTERNATIVES = 256


@lru_cache(maxsize=512)
def glob_regex(pattern: str) -> re.Pattern[str]:
    """Compile a glob over paths relative to where the search starts; raises InvalidInput.

    `*` and `?` stay inside a name, `**` crosses folders, `{a,b}` is either, and a pattern without a slash
    matches the name at any depth.
    """
    if not pattern.strip("/") or "\0" in pattern:
        raise InvalidInput(f"The glob pattern {pattern!r} is empty.", "Give one such as **/*.py.")
    expressions = [_one_glob(alternative) for alternative in expand_braces(pattern)]
    try:
        return re.compile("|".join(expressions), re.DOTALL)
    except re.error as error:
        raise InvalidInput(f"The glob pattern {pattern!r} is not valid: {error}.") from error


def _one_glob(pattern: str) -> str:
    text = pattern.removeprefix("./")
    anchored = "/" in text.rstrip("/")
    text = text.strip("/") + ("/**" if text.endswith("/") else "")
    return path_expression(text if anchored else f"**/{text}")


def expand_braces(pattern: str) -> list[str]:
    """Return what `{a,b}` stands for; braces without a comma or without an end stand for themselves."""
    done: list[str] = []
    open_ones = [pattern]
    while open_ones:
        text = open_ones.pop()
        group = re.search(r"(?<!\\)\{([^{}]*,[^{}]*)\}", text)
        if group is None:
            done.append(text)
        else:
            head, tail = text[: group.start()], text[group.end() :]
            open_ones += [f"{head}{choice}{tail}" for choice in group[1].split(",")]
        if len(done) + len(open_ones) > _MAX_ALTERNATIVES:
            raise InvalidInput(f"The glob pattern {pattern!r} has too many alternatives.")
    return list(dict.fromkeys(done))


def path_expression(pattern: str) -> str:
    """Return the expression for a whole path; `**` counts only as a whole segment, as in .gitignore."""
    segments = pattern.split("/")
    parts: list[str] = []
    for index, segment in enumerate(segments):
        last = index == len(segments) - 1
        if segment == "**":
            parts.append(".+" if last else "(?:.+/)?")
        else:
            parts.append(_segment_expression(segment) + ("" if last else "/"))
    return "".join(parts) + r"\Z"


def _segment_expression(segment: str) -> str:
    """Return the expression for one name. What is not special stands for itself."""
    parts: list[str] = []
    position = 0
    while match := _SPECIAL.search(segment, position):
        parts.append(re.escape(segment[position : match.start()]))
        position = match.end()
        token = match[0]
        if token == "[":
            expression, position = _character_class(segment, position)
            parts.append(expression)
        elif token == "?":
            parts.append("[^/]")
        elif token.startswith("*"):
            parts.append("[^/]*")
        else:
            parts.append(re.escape(match[1]))
    return "".join(parts) + re.escape(segment[position:])


def _character_class(segment: str, start: int) -> tuple[str, int]:
    """Translate `[…]`, whose inside begins at `start`; without an end the bracket stands for itself."""
    negated = segment[start : start + 1] in {"!", "^"}
    begin = start + negated
    end = segment.find("]", begin + 1)
    if end < 0:
        return r"\[", start
    inside = re.sub(r"[\\\[\]^&~|]", r"\\\g<0>", segment[begin:end])
    return f"[{'^/' if negated else ''}{inside}]", end + 1
