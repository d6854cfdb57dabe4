"""The grammar of a shell script: it recognises, and where it does not, it refuses; it never recovers."""

from __future__ import annotations

import re

from postil.permissions.shell.compounds import Compounds
from postil.permissions.shell.cursor import DEEPEST, MOST_COMMANDS, Cursor
from postil.permissions.shell.redirects import body_of, redirect
from postil.permissions.shell.syntax import (
    Assignment,
    Chain,
    Command,
    Coprocess,
    Function,
    Pipeline,
    Redirect,
    Script,
    Simple,
    Text,
    Word,
)
from postil.permissions.shell.words import Words

CLOSERS = frozenset({"then", "do", "done", "fi", "elif", "else", "esac", "}"})
OPENERS = frozenset(
    {"if", "while", "until", "for", "select", "case", "{", "[[", "function", "coproc", "time", "!"}
)
NO_PROGRAMS = CLOSERS | OPENERS | {"]]", "in"}
"""Words that are no program behind a redirection or an assignment either, though bash would look for one."""
DECLARATIONS = frozenset({"declare", "export", "local", "readonly", "typeset"})
_ASSIGNED = re.compile(r"([A-Za-z_][A-Za-z0-9_]*)(\+?)=")
_DECLARED = re.compile(r"(?:[^'\"$`<>=\\]|\\.)*=", re.DOTALL)
"""What stands before the first `=` where no quote does; a backslash does not make it a name."""
_SUBSCRIPT = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\[")
_INDEXED_OR_SET = re.compile(r"[A-Za-z_][A-Za-z0-9_]*(?:\[|\+?=)")
_FUNCTION = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*")
_TIME_OPTION = re.compile(r"-p(?=[ \t])")


def parse(text: str) -> Script:
    """Return the script; raises Refused where any of it is not recognised."""
    return _whole(Cursor(text), "")


def _whole(cursor: Cursor, closing: str) -> Script:
    """Read up to `closing`, which is not stepped over, or to the end where it is empty."""
    parser = Parser(cursor)
    script = parser.script(frozenset())
    if cursor.peek() != closing:
        raise cursor.refuse(
            f"{cursor.peek()!r} stands where a command is due" if not cursor.done else "it is not complete"
        )
    if parser.pending:
        raise cursor.refuse("a here-document has no text")
    return script


def _binds(pipeline: Pipeline) -> bool:
    """Whether it has a command that other parsers take the rest of the chain into."""
    return any(isinstance(it, (Function, Coprocess)) for it in pipeline.commands)


class Parser:
    """Reads one script at a cursor."""

    def __init__(self, cursor: Cursor) -> None:
        self.cursor = cursor
        self.words = Words(cursor, _whole)
        self.pending: list[Redirect] = []
        self._compounds = Compounds(self)

    def script(self, closers: frozenset[str], *, filled: bool = False) -> Script:
        """Return the chains up to one of the reserved words `closers`, to `)`, `;;` or the end."""
        chains: list[Chain] = []
        self.newlines()
        while not self._ends(closers):
            chain = self._chain()
            terminator = self._terminator()
            chains.append(Chain(chain, background=terminator == "&"))
            self.newlines()
            if not terminator:
                break
        if filled and not chains:
            raise self.cursor.refuse("a command is due here")
        return Script(tuple(chains))

    def newlines(self) -> bool:
        """Step over blanks, comments and ends of lines, with the here-documents that follow them."""
        passed = False
        while True:
            self.cursor.blanks()
            if not self.cursor.takes("\n"):
                return passed
            passed = True
            self._bodies()

    def reserved(self) -> str:
        """Return the reserved word that comes, without stepping over it; empty where none does."""
        start = self.cursor.at
        word = self.words.word()
        self.cursor.at = start
        bare = word.bare if word is not None else None
        return bare if bare in CLOSERS or bare in OPENERS else ""

    def takes(self, word: str) -> bool:
        """Step over a reserved word if it comes."""
        self.cursor.blanks()
        if self.reserved() != word:
            return False
        self.cursor.at += len(word)
        return True

    def expect(self, word: str) -> None:
        """Step over a reserved word, which has to come."""
        if not self.takes(word):
            raise self.cursor.refuse(f"{word!r} is missing")

    def command(self) -> Command:
        """Return the one command that begins here."""
        self.cursor.blanks()
        self.cursor.budget.commands += 1
        if self.cursor.budget.commands > MOST_COMMANDS:
            raise self.cursor.refuse(f"it has more than {MOST_COMMANDS} commands", "size")
        reserved = "" if self.cursor.sees("(") else self.reserved()
        if self.cursor.sees("(") or reserved:
            return self._compound(reserved)
        return self._simple()

    def _compound(self, reserved: str) -> Command:
        budget = self.cursor.budget
        budget.open += 1
        if budget.open > DEEPEST:
            raise self.cursor.refuse(f"it is nested more than {DEEPEST} levels deep", "size")
        found = self._opened(reserved)
        budget.open -= 1
        return found

    def _opened(self, reserved: str) -> Command:
        if self.cursor.budget.heres and reserved in ("", "[["):
            raise self.cursor.refuse("a bracket opens before the text of a here-document")
        if not reserved:
            return self._compounds.bracket()
        if reserved == "coproc":
            return self._coprocess()
        if reserved == "function":
            return self._function()
        return self._compounds.reserved(reserved)

    def redirects(self) -> tuple[Redirect, ...]:
        """Return the redirections that come."""
        found: list[Redirect] = []
        while (one := self._redirect()) is not None:
            found.append(one)
        return tuple(found)

    def due(self, what: str) -> Word:
        """Return the word that has to come."""
        self.cursor.blanks()
        word = self.words.whole()
        if word is None:
            raise self.cursor.refuse(f"{what} is missing")
        return word

    def _ends(self, closers: frozenset[str]) -> bool:
        if self._closes():
            return True
        reserved = self.reserved()
        if reserved in CLOSERS and reserved not in closers:
            raise self.cursor.refuse(f"{reserved!r} stands alone")
        return reserved in closers

    def _closes(self) -> bool:
        """Whether the script ends here without a reserved word; `;&` is one mark even where `&>` could follow."""
        cursor = self.cursor
        return cursor.done or cursor.peek() == ")" or cursor.sees(";;") or cursor.sees(";&")

    def _chain(self) -> tuple[tuple[str, Pipeline], ...]:
        links = [("", self._pipeline())]
        while True:
            self.cursor.blanks()
            operator = next((it for it in ("&&", "||") if self.cursor.takes(it)), "")
            if not operator:
                if any(_binds(it) for _, it in links) and (len(links) > 1 or len(links[0][1].commands) > 1):
                    raise self.cursor.refuse("a function or a coprocess stands in a chain of commands")
                return tuple(links)
            self.newlines()
            links.append((operator, self._pipeline()))

    def _pipeline(self) -> Pipeline:
        timed = negated = False
        while (time := self.takes("time")) or self.takes("!"):
            if timed:
                raise self.cursor.refuse("! and time stand in an unknown order")
            if not time and self.cursor.sees("("):
                raise self.cursor.refuse("!( is a pattern in one reading and a subshell in another")
            timed, negated = timed or time, negated != (not time)
            if time and self.cursor.depth:
                # Some releases of bash know the word there, others look for a program of that name.
                raise self.cursor.refuse("time stands in a substitution")
            if time:
                self.cursor.blanks()
                self.cursor.match(_TIME_OPTION)
                self.cursor.blanks()
                if self.cursor.peek() == "-":
                    raise self.cursor.refuse("time has an unknown option")
        commands = [self.command()]
        while True:
            self.cursor.blanks()
            if self.cursor.sees("||") or not self.cursor.takes("|"):
                return Pipeline(tuple(commands), negated, timed)
            self.cursor.takes("&")
            self.newlines()
            commands.append(self.command())

    def _terminator(self) -> str:
        self.cursor.blanks()
        if self._closes():
            return ""
        for mark in (";", "&"):
            if self.cursor.takes(mark):
                return mark
        if self.cursor.peek() == "\n":
            return "\n"
        if self.reserved() in CLOSERS:
            raise self.cursor.refuse("a reserved word follows a command on its line")
        raise self.cursor.refuse(f"{self.cursor.peek()!r} stands where a command ends")

    def _coprocess(self) -> Command:
        self.expect("coproc")
        self.cursor.blanks()
        if self.cursor.peek().isdigit() or self.reserved() in ("coproc", "!"):
            raise self.cursor.refuse("what follows `coproc` is read differently by different shells")
        body = self.command()
        if isinstance(body, Simple) and (
            len(body.words) < 1 + bool(body.redirects)
            or body.assignments
            or any(it.bare in NO_PROGRAMS or _INDEXED_OR_SET.match(it.raw) for it in body.words)
        ):
            raise self.cursor.refuse("a coprocess has a name, an assignment, or no program")
        return Coprocess(body)

    def _function(self) -> Command:
        self.expect("function")
        name = self.due("the name of a function").bare
        self.cursor.blanks()
        if self.cursor.takes("("):
            self._closed()
        return self._body(name)

    def _body(self, name: str | None) -> Command:
        if name is None or _FUNCTION.fullmatch(name) is None:
            raise self.cursor.refuse("the name of a function is not plain")
        self.newlines()
        body = self.command()
        if isinstance(body, (Simple, Coprocess, Function)):
            raise self.cursor.refuse("the body of a function is no group")
        return Function(name, body)

    def _closed(self) -> None:
        self.cursor.blanks()
        if not self.cursor.takes(")"):
            raise self.cursor.refuse("a bracket is not closed")

    def _simple(self) -> Command:
        words: list[Word] = []
        assignments: list[Assignment] = []
        redirects: list[Redirect] = []
        start = end = self.cursor.at
        while True:
            self.cursor.blanks()
            one = self._redirect()
            if one is not None:
                redirects.append(one)
            else:
                word = self.words.word()
                if word is None:
                    break
                assigned = self._assignment(word) if not words else None
                if assigned is not None:
                    assignments.append(assigned)
                else:
                    self._checked(word, words)
                    words.append(word)
                    if redirects and words[0].bare in DECLARATIONS:
                        raise self.cursor.refuse("a redirection stands before what is declared")
            end = self.cursor.at
        if len(words) == 1 and not assignments and not redirects and self.cursor.takes("("):
            self._closed()
            return self._body(words[0].bare)
        if not (words or assignments or redirects):
            raise self.cursor.refuse("a command is due here")
        return Simple(tuple(words), tuple(assignments), tuple(redirects), self.cursor.text[start:end])

    def _checked(self, word: Word, before: list[Word]) -> None:
        """Refuse a word of a command that other parsers take for a word of the grammar, or for an assignment."""
        if not before:
            if word.bare in NO_PROGRAMS:
                raise self.cursor.refuse(f"{word.bare!r} stands where a program is due")
            if word.bare == "let":
                raise self.cursor.refuse("let evaluates arithmetic", "arithmetic")
            if "=" in word.raw and "[" in word.raw:
                raise self.cursor.refuse("the name of a program looks like an assignment")
        elif before[0].bare in DECLARATIONS:
            unnamed = _DECLARED.match(word.raw) and not _ASSIGNED.match(word.raw)
            if unnamed or _SUBSCRIPT.match(word.raw):
                raise self.cursor.refuse("what is declared is no name")

    def _assignment(self, word: Word) -> Assignment | None:
        first = word.pieces[0]
        if not isinstance(first, Text) or first.quoted:
            return None
        if _SUBSCRIPT.match(first.text):
            raise self.cursor.refuse("a subscript is evaluated", "arithmetic")
        found = _ASSIGNED.match(first.text)
        if found is None:
            return None
        if self.cursor.sees("("):
            raise self.cursor.refuse("an array is assigned", "parameter")
        rest = (Text(first.text[found.end() :]), *word.pieces[1:])
        return Assignment(found[1], Word(rest, word.raw), append=bool(found[2]))

    def _redirect(self) -> Redirect | None:
        self.cursor.blanks()
        one = redirect(self.cursor, self.words)
        if one is not None and one.here is not None:
            self.pending.append(one)
            self.cursor.budget.heres += 1
        return one

    def _bodies(self) -> None:
        """Read the texts of the here-documents of the line that has ended."""
        if self.cursor.budget.heres != len(self.pending):
            raise self.cursor.refuse("a here-document waits for its text outside a substitution")
        for one in self.pending:
            if one.here is not None:
                one.here.body = body_of(self.cursor, one, _whole)
        self.cursor.budget.heres = 0
        self.pending = []
