"""What a pattern for file names may stand for, as bash reads it; where its releases or languages differ, in the widest reading."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property, lru_cache

_ENDS = re.compile(r"([^*?\[]*)(?:.*[*?\[\]])?([^*?\[\]]*)", re.DOTALL)
_CLASS = re.compile(r"\[(?P<mark>[:.=]).*?(?P=mark)\]", re.DOTALL)
_ANY = re.compile(".", re.DOTALL)
_SPAN = re.compile(r"(?:[a-z]-[a-z]|[A-Z]-[A-Z]|[0-9]-[0-9])|[^-]|-$", re.DOTALL)


@dataclass(frozen=True)
class Wildcard:
    """One pattern for one name."""

    pattern: str

    def may_be(self, name: str) -> bool:
        """Whether the pattern may stand for the name; a dot that it begins with is like any other character."""
        before, after = self._ends
        if not (name.startswith(before) and name.endswith(after)):
            return False
        signs, at, position = self._signs, 0, 0
        # Where the last star stands, and up to where it has taken the name: no earlier one has to give anything back.
        star, taken = -1, 0
        while position < len(name):
            if at < len(signs) and signs[at] == "*":
                star, taken, at = at, position, at + 1
            elif at < len(signs) and _fits(signs[at], name[position]):
                at, position = at + 1, position + 1
            elif star >= 0:
                at, taken, position = star + 1, taken + 1, taken + 1
            else:
                return False
        return all(it == "*" for it in signs[at:])

    @cached_property
    def _ends(self) -> tuple[str, str]:
        """What a name has to begin and to end with: most do not, and are told apart by that alone."""
        found = _ENDS.fullmatch(self.pattern)
        return (found[1], found[2]) if found is not None else ("", "")

    @cached_property
    def _signs(self) -> tuple[str | re.Pattern[str], ...]:
        """One for each character, and a star for each star."""
        signs: list[str | re.Pattern[str]] = []
        at = 0
        while at < len(self.pattern):
            char = self.pattern[at]
            end = _closing(self.pattern, at) if char == "[" else at
            if end > at:
                signs.append(re.compile(_one_of(self.pattern[at + 1 : end]), re.DOTALL))
                at = end
            else:
                signs.append(_ANY if char == "?" else char)
            at += 1
        return tuple(signs)


def _fits(sign: str | re.Pattern[str], char: str) -> bool:
    return sign == char if isinstance(sign, str) else sign.fullmatch(char) is not None


def is_pattern(text: str) -> bool:
    """Whether file names may take its place."""
    return "*" in text or "?" in text or "[" in text


@lru_cache(maxsize=4096)
def wildcard(pattern: str) -> Wildcard:
    """Return a pattern for one name."""
    return Wildcard(pattern)


def _closing(pattern: str, start: int) -> int:
    """Return where the bracket that opens at `start` closes; `start` where it does not, and stands for itself."""
    at = start + 1
    at += pattern[at : at + 1] in ("!", "^")
    at += pattern[at : at + 1] == "]"
    while at < len(pattern) and pattern[at] != "]":
        inner = _CLASS.match(pattern, at)
        at = inner.end() if inner is not None else at + 1
    return at if at < len(pattern) else start


def _one_of(inside: str) -> str:
    """Return the form of what stands in brackets; of classes, and of spans that depend on the language, any character."""
    negated = inside.startswith(("!", "^"))
    inside = inside[1:] if negated else inside
    spans: list[str] = []
    while inside:
        found = _SPAN.match(inside)
        if found is None or inside.startswith(("[:", "[.", "[=")) or found[0] > found[0][::-1]:
            return "."
        span = found[0]
        if len(span) == 1 and inside[1:2] == "-" and len(inside) > 2:
            return "."
        spans.append(span if len(span) > 1 else re.escape(span))
        inside = inside[len(span) :]
    return f"[{'^' if negated else ''}{''.join(spans)}]"
