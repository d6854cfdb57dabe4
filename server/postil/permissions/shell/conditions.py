"""Conditions between `[[` and `]]`: their grammar, without what they come to."""

from __future__ import annotations

from typing import Protocol

from postil.permissions.shell.cursor import Cursor
from postil.permissions.shell.syntax import Text, Word
from postil.permissions.shell.words import Words

_UNARY = frozenset(f"-{it}" for it in "abcdefghknoprstuvwxzGLNORS")
_BINARY = frozenset({"==", "=", "!=", "=~", "-nt", "-ot", "-ef", "-eq", "-ne", "-lt", "-le", "-gt", "-ge"})
_EXISTS = Word((Text("-e"),), "-e")
"""What `-a` means before a word; between two, where `test` takes it for *and*, it is nothing in a condition."""


class Reader(Protocol):
    """What a condition needs of the parser that it stands in."""

    cursor: Cursor
    words: Words

    def newlines(self) -> bool:
        """Step over blanks, comments and ends of lines."""
        ...


class Condition:
    """Reads one condition, and keeps its words and operators in order."""

    def __init__(self, parser: Reader) -> None:
        self._parser = parser
        self._cursor = parser.cursor
        self._found: list[Word] = []

    def read(self) -> tuple[Word, ...]:
        """Return the words up to `]]`, which is stepped over."""
        self._parser.newlines()
        self._chain()
        if self._word().bare != "]]":
            raise self._refused()
        self._found.pop()
        return tuple(self._found)

    def _chain(self) -> None:
        """Read terms joined by `&&` and `||`."""
        while True:
            self._term()
            self._parser.newlines()
            if not (self._cursor.takes("&&") or self._cursor.takes("||")):
                return
            self._parser.newlines()

    def _term(self) -> None:
        if self._cursor.takes("("):
            self._parser.newlines()
            self._chain()
            if not self._cursor.takes(")"):
                raise self._cursor.refuse("a bracket is not closed")
            return None
        first = self._word().bare
        if first == "!":
            self._cursor.blanks()
            return self._term()
        if first == "]]" or first in _BINARY:
            raise self._refused()
        self._cursor.blanks()
        if first in _UNARY:
            self._found[-1] = _EXISTS if first == "-a" else self._found[-1]
            self._operand()
        elif self._compared():
            self._operand()
        elif self._cursor.peek() == "\n":
            raise self._cursor.refuse("a line ends behind the only word of a condition")
        return None

    def _compared(self) -> bool:
        """Step over an operator between two words; whether there is one."""
        cursor = self._cursor
        if cursor.peek() and cursor.peek() in "<>" and cursor.peek(1) in (" ", "\t"):
            cursor.at += 1
            return True
        start = cursor.at
        word = self._parser.words.whole()
        if word is not None and word.bare in _BINARY:
            self._found.append(word)
            return True
        cursor.at = start
        return False

    def _operand(self) -> None:
        self._cursor.blanks()
        if self._word().bare in ("]]", "!"):
            raise self._refused()

    def _word(self) -> Word:
        word = self._parser.words.whole()
        if word is None:
            raise self._refused()
        self._found.append(word)
        return word

    def _refused(self) -> Exception:
        return self._cursor.refuse("a condition in [[ ]] is not plain")
