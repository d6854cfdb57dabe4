"""The model's words as they stand in a chat document, made while they stream: they read as they were meant and fake nothing.

Headings become bold, since headings are the document's own; what would read as a part of its form gets a backslash before it.
A line that could become any of that is held back until it is whole.
"""

from __future__ import annotations

import re

from postil.core.revealing import revealed

_ATX = re.compile(r" {0,3}#{1,6}(?:[ \t]+(.*?))?(?:[ \t]+#+)?[ \t]*\Z")
_UNDERLINE = re.compile(r" {0,3}(?:=+|-+)[ \t]*\Z")
_FENCE = re.compile(r" {0,3}(?P<mark>`{3,}(?!.*`)|~{3,})")
_FORM = re.compile(r"#{1,3} (?:You|Postil|Question|Plan|Verdict)\b|- answer:")
"""What the document's own lines begin with; it is escaped inside of fences as well."""
_TAG = re.compile(r" {0,3}<[a-zA-Z/!?]")
_UNSURE = frozenset(" \t#<-=~`\\+*>|0123456789")
"""What a line may begin with of which only its end tells what it is, or where an indent counts."""


class Prose:
    """One text of a reply, fed piece by piece."""

    def __init__(self) -> None:
        self._line = ""
        """The line that is not whole yet."""
        self._given = 0
        """How many characters of it were handed out."""
        self._fence = ""
        """The mark of the fence that is open."""
        self._above = ""
        """The line above, to know underlines by."""

    def feed(self, text: str) -> str:
        """Return what can be written by now."""
        *lines, self._line = (self._line + text).replace("\r\n", "\n").split("\n")
        done = ""
        for line in lines:
            done += self._whole(line)
        return done + self._part()

    def close(self) -> str:
        """Return the rest. A fence that was left open is closed: it would take in all that follows."""
        rest = self._whole(self._line) if self._line else ""
        self._line = ""
        if self._fence:
            rest += f"{self._fence}\n"
            self._fence = ""
        return rest

    def _whole(self, line: str) -> str:
        given, self._given = self._given, 0
        shown = _shown(line[given:]) if given else _shown(self._plain(line))
        self._above = line
        return f"{shown}\n"

    def _part(self) -> str:
        """Return whole words of the last line, where its beginning says that it is nothing else."""
        line = self._line
        if self._fence or not line or line[0] in _UNSURE:
            return ""
        upto = line.rfind(" ") + 1
        if upto <= self._given:
            return ""
        part = _shown(line[self._given : upto])
        self._given = upto
        return part

    def _plain(self, line: str) -> str:
        if self._fence:
            found = _FENCE.match(line)
            mark = found["mark"] if found is not None else ""
            if mark.startswith(self._fence) and not line.strip(f" \t{self._fence[0]}"):
                self._fence = ""
            return _guarded(line)
        found = _FENCE.match(line)
        if found is not None:
            self._fence = found["mark"]
            return line
        atx = _ATX.match(line)
        if atx is not None:
            return _bold(atx[1] or "")
        if _UNDERLINE.match(line) and self._above.strip():
            return f"\\{line.lstrip(' ')}"
        if _TAG.match(line):
            return line.replace("<", "\\<", 1)
        return _guarded(line)


def _guarded(line: str) -> str:
    return f"\\{line}" if _FORM.match(line) else line


def _bold(words: str) -> str:
    return words if "**" in words or not words else f"**{words}**"


def _shown(text: str) -> str:
    """Return text without comments and without what hides: in a comment stands what is the document's own."""
    return revealed(text).replace("<!--", "<\\!--")
