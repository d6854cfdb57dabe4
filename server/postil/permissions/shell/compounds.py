"""Compound commands of the shell: groups, conditions, loops, cases and the two double brackets."""

from __future__ import annotations

import re
from typing import Protocol

from postil.permissions.shell.conditions import Condition
from postil.permissions.shell.cursor import Cursor
from postil.permissions.shell.syntax import (
    Arithmetic,
    Block,
    Case,
    Command,
    Conditional,
    For,
    Redirect,
    Script,
    Word,
)
from postil.permissions.shell.words import Words

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


class Reader(Protocol):
    """What compound commands need of the parser that they stand in."""

    cursor: Cursor
    words: Words

    def script(self, closers: frozenset[str], *, filled: bool = False) -> Script:
        """Return the chains up to one of the reserved words."""
        ...

    def reserved(self) -> str:
        """Return the reserved word that comes, without stepping over it; empty where none does."""
        ...

    def newlines(self) -> bool:
        """Step over blanks, comments and ends of lines."""
        ...

    def takes(self, word: str) -> bool:
        """Step over a reserved word if it comes."""
        ...

    def expect(self, word: str) -> None:
        """Step over a reserved word, which has to come."""
        ...

    def redirects(self) -> tuple[Redirect, ...]:
        """Return the redirections that come."""
        ...

    def due(self, what: str) -> Word:
        """Return the word that has to come."""
        ...


class Compounds:
    """Reads compound commands for a parser."""

    def __init__(self, parser: Reader) -> None:
        self._parser = parser
        self._cursor = parser.cursor

    def bracket(self) -> Command:
        """Return `( … )` or `(( … ))`."""
        if self._cursor.takes("(("):
            text, scripts = self._parser.words.arithmetic()
            return Arithmetic(text, None, scripts, self._parser.redirects())
        self._cursor.takes("(")
        script = self._parser.script(frozenset(), filled=True)
        if not self._cursor.takes(")"):
            raise self._cursor.refuse("a bracket is not closed")
        return Block("subshell", (script,), self._parser.redirects())

    def reserved(self, word: str) -> Command:
        """Return the compound command that a reserved word opens."""
        if word == "if":
            return self._if()
        if word in ("while", "until"):
            self._parser.expect(word)
            condition = self._script("do")
            scripts = (condition, self._do())
            return Block("while" if word == "while" else "until", scripts, self._parser.redirects())
        if word in ("for", "select"):
            return self._for(word)
        if word == "case":
            return self._case()
        if word == "{":
            self._parser.expect("{")
            script = self._script("}")
            self._parser.expect("}")
            return Block("group", (script,), self._parser.redirects())
        if word == "[[":
            return self._conditional()
        raise self._cursor.refuse(f"{word!r} stands where a command is due")

    def _script(self, *closers: str) -> Script:
        return self._parser.script(frozenset(closers), filled=True)

    def _do(self) -> Script:
        self._parser.expect("do")
        body = self._script("done")
        self._parser.expect("done")
        return body

    def _if(self) -> Command:
        scripts: list[Script] = []
        self._parser.expect("if")
        while True:
            scripts.append(self._script("then"))
            self._parser.expect("then")
            scripts.append(self._script("elif", "else", "fi"))
            if not self._parser.takes("elif"):
                break
        if self._parser.takes("else"):
            scripts.append(self._script("fi"))
        self._parser.expect("fi")
        return Block("if", tuple(scripts), self._parser.redirects())

    def _for(self, opener: str) -> Command:
        self._parser.expect(opener)
        self._cursor.blanks()
        if self._cursor.takes("(("):
            text, scripts = self._parser.words.arithmetic(parts=3)
            self._separator()
            return Arithmetic(text, self._do(), scripts, self._parser.redirects())
        name = self._parser.due("the name of a loop").bare
        if name is None or _NAME.fullmatch(name) is None:
            raise self._cursor.refuse("the name of a loop is not plain")
        apart = self._parser.newlines()
        words: tuple[Word, ...] | None = None
        if self._takes_in():
            words = self._words_to_line_end()
        if words is not None or not apart:
            self._separator()
        return For(name, words, self._do(), self._parser.redirects(), select=opener == "select")

    def _takes_in(self) -> bool:
        start = self._cursor.at
        word = self._parser.words.word()
        if word is not None and word.bare == "in":
            return True
        self._cursor.at = start
        return False

    def _words_to_line_end(self) -> tuple[Word, ...]:
        words: list[Word] = []
        while True:
            self._cursor.blanks()
            word = self._parser.words.whole()
            if word is None:
                break
            words.append(word)
        if self._cursor.peek() not in (";", "\n"):
            raise self._cursor.refuse("the words of a loop do not end")
        return tuple(words)

    def _separator(self) -> None:
        self._cursor.blanks()
        if not self._cursor.sees(";;"):
            self._cursor.takes(";")
        self._parser.newlines()

    def _case(self) -> Command:
        self._parser.expect("case")
        subject = self._parser.due("the subject of a case")
        self._parser.newlines()
        if not self._takes_in():
            raise self._cursor.refuse("'in' is missing")
        self._parser.newlines()
        patterns: list[Word] = []
        scripts: list[Script] = []
        while not self._parser.takes("esac"):
            patterns += self._patterns()
            scripts.append(self._parser.script(frozenset({"esac"})))
            self._cursor.blanks()
            if not any(self._cursor.takes(it) for it in (";;&", ";&", ";;")):
                self._parser.expect("esac")
                break
            self._parser.newlines()
        return Case(subject, tuple(patterns), tuple(scripts), self._parser.redirects())

    def _patterns(self) -> list[Word]:
        self._cursor.blanks()
        self._cursor.takes("(")
        self._cursor.blanks()
        if self._parser.reserved():
            # Inside braces, bash takes a `}` in that place for their end.
            raise self._cursor.refuse("a pattern is a reserved word")
        patterns = [self._parser.due("a pattern")]
        while True:
            self._cursor.blanks()
            if self._cursor.takes(")"):
                return patterns
            if not self._cursor.takes("|"):
                raise self._cursor.refuse("a pattern is not closed")
            patterns.append(self._parser.due("a pattern"))

    def _conditional(self) -> Command:
        self._parser.expect("[[")
        words = Condition(self._parser).read()
        return Conditional(words, self._parser.redirects())
