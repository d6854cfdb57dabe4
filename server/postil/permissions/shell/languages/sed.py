"""Scripts of sed that only print: no files written or read, nothing run."""

from __future__ import annotations

import re

from postil.permissions.shell.languages.brackets import open_bracket

_ADDRESS = re.compile(r"[0-9]+(?:~[0-9]+)?|\$|[+~][0-9]+")
_BLANK = re.compile(r"[ \t;\n]*")
_SIMPLE = frozenset("=dDgGhHlnNpPxz}F")
_LABELLED = frozenset("bt:T")
_LABEL = re.compile(r"[ \t]*[A-Za-z0-9_]*[ \t]*(?=$|[;\n}])")
_QUIT = re.compile(r"[qQ][ \t]*[0-9]*")
_SHOWN = re.compile(r"[ \t]*[^\s\\][^\\\n]*(?=\n|$)")
"""What a, i and c show in one line; text that goes on behind a backslash is not read."""
_FLAGS = re.compile(r"[gpiIm0-9]*")


class _Other(Exception):
    """A word that is not known to only print."""


def faults(script: str) -> str:
    """Return what in a script does more than print or is not recognised; empty where nothing does."""
    try:
        _Script(script).read()
    except _Other as other:
        return str(other)
    return ""


class _Script:
    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0

    def read(self) -> None:
        """Read all of it; raises _Other."""
        while True:
            self._match(_BLANK)
            if self._at >= len(self._text):
                return
            if self._text[self._at] == "#":
                raise _Other("sed: a comment")
            self._addresses()
            self._command()

    def _match(self, pattern: re.Pattern[str]) -> str | None:
        found = pattern.match(self._text, self._at)
        if found is None:
            return None
        self._at = found.end()
        return found.group()

    def _peek(self) -> str:
        return self._text[self._at : self._at + 1]

    def _addresses(self) -> None:
        if not self._address():
            return
        self._match(re.compile(r"[ \t]*"))
        if self._peek() == ",":
            self._at += 1
            self._match(re.compile(r"[ \t]*"))
            if not self._address():
                raise _Other("sed: an address is missing")
        self._match(re.compile(r"[ \t]*!?[ \t]*"))

    def _address(self) -> bool:
        if self._match(_ADDRESS) is not None:
            return True
        if self._peek() == "/":
            self._at += 1
            self._delimited("/")
            self._match(re.compile("[IM]*"))
            return True
        return False

    def _delimited(self, mark: str) -> None:
        """Step over a pattern up to its mark. Whether a mark ends it inside brackets, programs do not agree upon."""
        start = self._at
        self._plain(mark)
        if open_bracket(self._text[start : self._at - 1]):
            raise _Other("sed: the mark stands inside brackets")

    def _command(self) -> None:
        char = self._peek()
        self._at += 1
        if char == "{":
            return
        if char in _SIMPLE and char:
            self._ended(char)
        elif char in ("q", "Q"):
            self._at -= 1
            self._match(_QUIT)
            self._ended(char)
        elif char in _LABELLED and char:
            if self._match(_LABEL) is None:
                raise _Other("sed: a label that is not plain")
        elif char in ("a", "i", "c"):
            if self._match(_SHOWN) is None:
                raise _Other(f"sed: the text of {char} is not in one plain line")
        elif char == "s":
            self._substitute()
        elif char == "y":
            mark = self._mark()
            self._plain(mark)
            self._plain(mark)
            self._ended(char)
        else:
            raise _Other(f"sed: the command {char!r} does more than print, or is not known to only do so")

    def _substitute(self) -> None:
        mark = self._mark()
        self._delimited(mark)
        self._plain(mark)
        self._match(_FLAGS)
        self._ended("s")

    def _mark(self) -> str:
        mark = self._peek()
        self._at += 1
        if not mark or mark.isalnum() or mark in "\\\n {}[];":
            raise _Other("sed: a mark that is not plain")
        return mark

    def _plain(self, mark: str) -> None:
        """Step over a text in which nothing but a backslash is special."""
        while True:
            char = self._peek()
            self._at += 1
            if char in ("", "\n"):
                raise _Other("sed: a replacement has no end")
            if char == "\\":
                self._at += 1
            elif char == mark:
                return

    def _ended(self, command: str) -> None:
        self._match(re.compile(r"[ \t]*"))
        if self._peek() not in ("", ";", "\n", "}"):
            raise _Other(f"sed: {self._peek()!r} after the command {command!r}")
