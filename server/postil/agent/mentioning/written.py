"""Mentions as they are written: `@src/app.py:10-40`, `@parse_header`, `@diff`, `@diagnostics`, `@session`, `@selection`.

A word such as `diff` is never a file's name here: `@./diff` mentions the file. What stands in backticks or in a block of
code is no mention.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, get_args

Word = Literal["diagnostics", "diff", "selection", "session"]
WORDS: tuple[Word, ...] = get_args(Word)
MentionKind = Literal["name", "symbol", "diagnostics", "diff", "selection", "session"]
"""`name` is what may be a file or, where there is none, a symbol."""

_MENTION = re.compile(
    r"(?<![\w@/.`])@(?:(symbol|session):([\w.$-]+)"
    r"|((?:\./|/)?[\w.+-]+(?:/[\w.+-]+)*)(?::(\d{1,7})(?:-(\d{1,7}))?)?)"
)
_UNFINISHED = re.compile(r"(?<![\w@/.`])@([\w.+/:$-]*)\Z")
_CODE = re.compile(r"^[ \t]*(`{3,}|~{3,}).*?(?:^[ \t]*\1|\Z)|`[^`\n]*`", re.MULTILINE | re.DOTALL)
_SYMBOL = re.compile(r"[A-Za-z_$][\w$]*(?:\.[A-Za-z_$][\w$]*)*\Z")


@dataclass(frozen=True, slots=True)
class Mention:
    """One mention: what is named, and of a file the lines that are meant, from 1; 0 for all of them."""

    kind: MentionKind
    name: str = ""
    first: int = 0
    last: int = 0

    @property
    def written(self) -> str:
        """The mention as people read it, without its @."""
        if self.kind == "name":
            lines = f":{self.first}-{self.last}" if self.last > self.first else f":{self.first}"
            return self.name + (lines if self.first else "")
        return f"{self.kind}:{self.name}" if self.name else self.kind

    @property
    def may_be_symbol(self) -> bool:
        """Whether a name could be one that code gives to something."""
        return not self.first and _SYMBOL.match(self.name) is not None


def mentions(text: str) -> Iterator[Mention]:
    """Yield what may be a mention, each once. Whether there is such a thing is for the caller to see."""
    seen: set[Mention] = set()
    for found in _MENTION.finditer(_CODE.sub(_blank, text)):
        mention = _mention(found)
        if mention is not None and mention not in seen:
            seen.add(mention)
            yield mention


def placed_mentions(text: str) -> Iterator[tuple[Mention, int, int]]:
    """Yield every mention with the characters that it is, its @ included."""
    for found in _MENTION.finditer(_CODE.sub(_blank, text)):
        mention = _mention(found)
        if mention is not None:
            yield mention, found.start(), found.end() - (len(found[0]) - len(found[0].rstrip(".-")))


def unfinished(text: str) -> str | None:
    """Return what is written so far of a mention at the end of the text, without its @; None where there is none."""
    found = _UNFINISHED.search(_CODE.sub(_blank, text))
    return found[1] if found is not None else None


def _mention(found: re.Match[str]) -> Mention | None:
    keyword, named, path, first, last = found.groups()
    if keyword is not None:
        name = named.rstrip(".-")
        kind: MentionKind = "symbol" if keyword == "symbol" else "session"
        return Mention(kind, name) if name else None
    name = path if first else path.rstrip(".")
    word: Word | None = next((it for it in WORDS if it == name), None)
    if word is not None and not first:
        return Mention(word)
    if not name.strip("./"):
        return None
    start, end = int(first or 0), int(last or first or 0)
    return Mention("name", name, min(start, end), max(start, end))


def _blank(found: re.Match[str]) -> str:
    """Keep the length of what is no mention, and one backtick, after which nothing begins a mention."""
    return "`" * len(found[0])
