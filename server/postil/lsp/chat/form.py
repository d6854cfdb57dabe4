"""The form of a chat document: headings, the header, the marker and the end of a reply, and what is escaped so that nothing fakes them.

A document is read line by line, whatever Markdown would make of the lines: what is a heading here is one inside of a fence as well.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

YOU = "## You"
POSTIL = "## Postil"
CONTINUED = "## Postil (continued)"
QUESTION = "### Question"
NEW_TITLE = "# Chat"

Kind = Literal["top", "you", "postil"]
"""`top` is what stands above the first heading of a turn."""

_BREAK = r"(?:\r\n|\n|\r)"
_HEADING = re.compile(r"## (?:(?<=\A## )|(?<=[\r\n]## ))(You|Postil|Postil \(continued\))[ \t]*(?=[\r\n]|\Z)")
"""What it looks back at comes first: so it is searched by its first characters, which is many times as fast. As the two below."""
_ESCAPED = re.compile(r"\\+## (?:You|Postil|Postil \(continued\))[ \t]*\Z")
_BLANK_BEGINNING = re.compile(rf"\A(?:[ \t]*{_BREAK})+")
_BLANK_END = re.compile(rf"(?:{_BREAK}[ \t]*)+\Z")

_KEPT = 8
"""Texts that are kept as they were read: a few documents, as they are now and as they were just before."""

MARKER = re.compile(r"<!--reply(?<!\\<!--reply) (\d{1,9}) #(\d{1,9})-->")
"""Where the rest of a turn's reply goes: the turn's number, and the number of the try that wrote it. Words from outside are escaped."""
ENDED = re.compile(r"<!-- turn(?<=^<!-- turn) (\d{1,9}): [^\r\n]*-->", re.MULTILINE)
"""The last line of a reply that is whole."""
HEADER = re.compile(r"^<!-- postil(?: (s[0-9a-z]{4,40}))?(?: · [^\r\n]*)? -->", re.MULTILINE)
"""Which session the document shows, and how it stands."""


@dataclass(frozen=True, slots=True)
class Section:
    """A heading and what is below it; offsets count characters of the document."""

    kind: Kind
    start: int
    """Where the heading begins."""
    body: int
    """Where the line after the heading begins."""
    end: int
    line: int
    """The heading's line, from 0."""
    text: str
    """The body, as it is written."""
    turn: int | None = None
    """The number of the turn whose reply this is; None where nothing says so."""
    ended: bool = False
    """Whether it is a reply, and whole."""

    @property
    def prompt(self) -> str:
        """What a person wrote, without blank lines around it and as it is meant."""
        return "\n".join(_unescaped(it) for it in split(trimmed(self.text)))


@dataclass(frozen=True, slots=True)
class ChatText:
    """A chat document as it is read."""

    session_id: str | None
    sections: tuple[Section, ...]
    by_turn: Mapping[int, Section]
    """The reply of each turn, by its number: the last one, where it stands there twice."""

    @property
    def draft(self) -> Section | None:
        """The last section that is the person's, where nothing of Postil's follows: what *Send* sends."""
        last = self.sections[-1]
        return last if last.kind == "you" else None

    @property
    def replies(self) -> list[Section]:
        """The sections that are Postil's."""
        return [it for it in self.sections if it.kind == "postil"]

    def at_line(self, line: int) -> Section:
        """Return the section that a line is in."""
        return next(it for it in reversed(self.sections) if it.line <= line)


@lru_cache(maxsize=_KEPT)
def parse(text: str) -> ChatText:
    """Read a document, once for each text of it. Every text is one: what has no heading is all above the first."""
    sections = tuple(_sections(text))
    header = HEADER.search(sections[0].text)
    by_turn = {it.turn: it for it in sections if it.turn is not None}
    return ChatText(header[1] if header is not None else None, sections, by_turn)


def heading(line: str) -> Kind | None:
    """Return whose section a line begins; None where it begins none."""
    found = _HEADING.match(line)
    return _kind(found) if found is not None else None


def written(prompt: str) -> str:
    """Return a prompt as it stands in a document: no line of it is a heading of a turn."""
    lines = split(prompt.replace("\r\n", "\n").replace("\r", "\n"))
    return "\n".join(f"\\{it}" if heading(it) or _ESCAPED.match(it) else it for it in lines)


def trimmed(text: str) -> str:
    """Return a text without blank lines at its beginning and its end."""
    return _BLANK_END.sub("", _BLANK_BEGINNING.sub("", text)) if text.strip() else ""


def split(text: str) -> list[str]:
    """Return the lines of a text without their ends."""
    return re.split(_BREAK, text)


def marker(turn: int, number: int) -> str:
    """Return the line where the rest of a reply goes."""
    return f"<!--reply {turn} #{number}-->"


def _sections(text: str) -> Iterator[Section]:
    kind: Kind = "top"
    start = body = line = 0
    for found in _HEADING.finditer(text):
        yield _section(kind, start, body, found.start(), line, text)
        line += _breaks(text, start, found.start())
        kind, start = _kind(found), found.start()
        body = found.end() + (2 if text.startswith("\r\n", found.end()) else 1)
        body = min(body, len(text))
    yield _section(kind, start, body, len(text), line, text)


def _section(kind: Kind, start: int, body: int, end: int, line: int, text: str) -> Section:
    below = text[body:end]
    if kind != "postil":
        return Section(kind, start, body, end, line, below)
    ends, goes_on = (
        [int(it[1]) for it in ENDED.finditer(below)],
        [int(it[1]) for it in MARKER.finditer(below)],
    )
    turn = max([*ends, *goes_on], default=None)
    return Section(kind, start, body, end, line, below, turn, bool(ends) and not goes_on)


def _kind(found: re.Match[str]) -> Kind:
    return "you" if found[1] == "You" else "postil"


def _breaks(text: str, start: int, end: int) -> int:
    """Return how many lines end in a piece of a text."""
    return text.count("\n", start, end) + text.count("\r", start, end) - text.count("\r\n", start, end)


def _unescaped(line: str) -> str:
    return line[1:] if _ESCAPED.match(line) else line
