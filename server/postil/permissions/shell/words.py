"""Words of a shell script: quoting, parameters and substitutions, read exactly as bash reads them."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

from postil.permissions.shell import tree
from postil.permissions.shell.cursor import DEEPEST, META, MOST_PIECES, Cursor
from postil.permissions.shell.sums import is_sum
from postil.permissions.shell.syntax import Expansion, Piece, Script, Substitution, Text, Variable, Word

ScriptReader = Callable[[Cursor, str], Script]
"""Reads a script up to what closes it: `)` or the end of the text."""

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_SPECIAL = "?#@*$!-0123456789"
_BRACED = re.compile(r"\{([A-Za-z_][A-Za-z0-9_]*|[0-9]+|[?#@*$!-])\}")
_INDEX = r"-?\$?(?:[A-Za-z_][A-Za-z0-9_]*|[0-9]+)"
_PARAMETER = rf"(?:[A-Za-z_][A-Za-z0-9_]*(?:\[(?:[@*]|{_INDEX})\])?|[0-9]+|[@*])"
_OPERATED = re.compile(
    rf"""\{{(?:
        \#{_PARAMETER}\}}     # the length of it
      | !?{_PARAMETER}(?: \}} | :?[=?+-] | [\#%/^,] | @[AEKLPQUaku]\}} | :[ ]?{_INDEX}(?::[ ]?{_INDEX})?\}} )
    )""",
    re.VERBOSE,
)
"""A parameter with the beginning of its operator; every other form is one that shells do not agree upon."""
_PLAIN = re.compile(r"[^\s;&|<>()\\'\"$`?*+@!\[\]{}~#=]+")
_DESCRIPTOR = re.compile(r"[0-9]+|\{[A-Za-z_][A-Za-z0-9_]*\}")
_DOUBLE = re.compile(r'[^$`\\"]+')
_ESCAPES = {
    "a": "\a", "b": "\b", "e": "\x1b", "E": "\x1b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v",
    "\\": "\\", "'": "'", '"': '"', "?": "?",
}  # fmt: skip
_NUMBERED = re.compile(r"x[0-9A-Fa-f]{1,2}|u[0-9A-Fa-f]{1,4}|U[0-9A-Fa-f]{1,8}|[0-7]{1,3}")


class Words:
    """Reads words at a cursor."""

    def __init__(self, cursor: Cursor, script: ScriptReader) -> None:
        self._cursor = cursor
        self._script = script

    def word(self) -> Word | None:
        """Return the word that begins here; None where none does."""
        cursor, start = self._cursor, self._cursor.at
        pieces: list[Piece] = []
        while not cursor.done:
            char = cursor.peek()
            if char in "<>" and cursor.peek(1) == "(":
                pieces.append(self._process(start))
            elif char in META:
                break
            elif char == "#" and pieces and not _is_open(pieces[-1]):
                raise cursor.refuse("# follows a quote or an expansion, where shells may see a comment")
            else:
                pieces += self._piece(char)
        cursor.budget.pieces += len(pieces)
        if cursor.budget.pieces > MOST_PIECES:
            raise cursor.refuse(f"it has more than {MOST_PIECES} words and quotes", "size")
        return Word(_joined(pieces), cursor.text[start : cursor.at]) if cursor.at > start else None

    def whole(self) -> Word | None:
        """Return the word that begins here where no redirection can: then a number is no descriptor's."""
        word = self.word()
        if word is not None and _DESCRIPTOR.fullmatch(word.raw) and self._cursor.peek() in ("<", ">"):
            raise self._cursor.refuse("a redirection stands where none may")
        return word

    def body(self) -> Word:
        """Return the whole text as the body of a here-document whose delimiter is not quoted."""
        cursor = self._cursor
        pieces: list[Piece] = []
        while not cursor.done:
            pieces += self._in_double(end="")
        return Word(_joined(pieces))

    def _piece(self, char: str) -> list[Piece]:
        cursor = self._cursor
        if char == "'":
            cursor.at += 1
            return [Text(cursor.until("'", "a quoted text"), quoted=True)]
        if char == '"':
            cursor.at += 1
            return self._double()
        if char == "\\":
            return [self._escaped()]
        if char == "$":
            return self._dollar(quoted=False)
        if char == "`":
            return [self._backquoted(quoted=False)]
        plain = cursor.match(_PLAIN)
        if plain is None:
            plain = char
            cursor.at += 1
        return [Text(plain)]

    def _escaped(self) -> Piece:
        cursor = self._cursor
        char = cursor.peek(1)
        if char == "":
            raise cursor.refuse("it ends with a backslash")
        if char in "\r\n":
            raise cursor.refuse("a line is continued inside a word", "continuation")
        cursor.at += 2
        return Text(char, quoted=True)

    def _double(self) -> list[Piece]:
        cursor = self._cursor
        pieces: list[Piece] = [Text("", quoted=True)]
        while not cursor.takes('"'):
            if cursor.done:
                raise cursor.refuse("a quoted text has no end")
            pieces += self._in_double(end='"')
        return pieces

    def _in_double(self, end: str) -> list[Piece]:
        """Return what comes next inside double quotes, or in a body that ends nowhere."""
        cursor = self._cursor
        char = cursor.peek()
        if char == "$":
            return self._dollar(quoted=True)
        if char == "`":
            return [self._backquoted(quoted=True)]
        plain = cursor.match(_DOUBLE)
        if plain is not None:
            return [Text(plain, quoted=True)]
        cursor.at += 1
        if char == "\\" and cursor.peek() == "\n":
            raise cursor.refuse("a line is continued inside a quoted text", "continuation")
        if char == "\\" and cursor.peek() and cursor.peek() in "$`\\" + end:
            char = cursor.peek()
            cursor.at += 1
        return [Text(char, quoted=True)]

    def _dollar(self, *, quoted: bool) -> list[Piece]:
        cursor = self._cursor
        cursor.at += 1
        if cursor.sees("(("):
            return [self._arithmetic(quoted=quoted)]
        if cursor.takes("("):
            return [Substitution(self._inner(), "$(", quoted)]
        if cursor.sees("["):
            raise cursor.refuse("$[ ] is arithmetic of old", "arithmetic")
        if cursor.sees("{"):
            return [self._braced(quoted=quoted)]
        if not quoted and cursor.takes("'"):
            return [self._ansi()]
        if not quoted and cursor.takes('"'):
            return self._double()
        if cursor.sees("\\\n"):
            raise cursor.refuse("a line is continued inside a word", "continuation")
        name = cursor.match(_NAME)
        if name is None and cursor.peek() and cursor.peek() in _SPECIAL:
            name = cursor.peek()
            cursor.at += 1
        return [Variable(name, quoted) if name is not None else Text("$", quoted)]

    def _braced(self, *, quoted: bool) -> Piece:
        cursor = self._cursor
        simple = cursor.match(_BRACED)
        if simple is not None:
            return Variable(simple[1:-1], quoted)
        if _OPERATED.match(cursor.text, cursor.at) is None:
            raise cursor.refuse("a parameter has an unknown form", "parameter")
        start = cursor.at
        cursor.at += 1
        scripts, _ = self._skip("{", "}", "a parameter")
        return Expansion(f"${cursor.text[start : cursor.at]}", False, quoted, scripts)

    def _arithmetic(self, *, quoted: bool) -> Piece:
        cursor = self._cursor
        start = cursor.at
        cursor.at += 2
        scripts = self._sums(1)
        if not cursor.takes(")"):
            raise cursor.refuse("$(( is arithmetic in one reading and a subshell in another")
        return Expansion(f"${cursor.text[start : cursor.at]}", True, quoted, scripts)

    def arithmetic(self, *, parts: int = 1) -> tuple[str, tuple[Script, ...]]:
        """Return what stands between `((`, which is read, and `))`, and the scripts in it."""
        cursor = self._cursor
        start = cursor.at
        scripts = self._sums(parts)
        if not cursor.takes(")"):
            raise cursor.refuse("(( is arithmetic in one reading and two subshells in another")
        return cursor.text[start : cursor.at - 2], scripts

    def _sums(self, parts: int) -> tuple[Script, ...]:
        """Step over one sum, or over three with `;` between them, of which each may be left out."""
        scripts, text = self._skip("(", ")", "arithmetic")
        sums = text.split(";")
        if len(sums) != parts or not all(is_sum(it) or (parts > 1 and not it.strip()) for it in sums):
            raise self._cursor.refuse("arithmetic has an unknown form", "arithmetic")
        return scripts

    def _skip(self, opening: str, closing: str, what: str) -> tuple[tuple[Script, ...], str]:
        """Step over a text with balanced brackets, the first of which is read.

        Returns the scripts in it, and the text with a dollar sign for everything that is substituted.
        """
        cursor = self._cursor
        scripts: list[Script] = []
        text = ""
        depth = 1
        cursor.budget.open += 1
        if cursor.budget.open > DEEPEST:
            raise cursor.refuse(f"it is nested more than {DEEPEST} levels deep", "size")
        while True:
            char = cursor.peek()
            if char == "":
                raise cursor.refuse(f"{what} has no end")
            if char in "'\"\\":
                raise cursor.refuse(f"{what} has quotes in it")
            if char in "<>" and cursor.peek(1) == "(":
                raise cursor.refuse(f"{what} has a process substitution in it, which shells read differently")
            if char in "$`":
                scripts += tree.substituted(self._dynamic(char))
                text += "$"
                continue
            if char == "{":
                raise cursor.refuse(f"{what} has a bracket in it that nothing closes")
            depth += (char == opening) - (char == closing)
            cursor.at += 1
            if not depth:
                cursor.budget.open -= 1
                return tuple(scripts), text
            text += char

    def _dynamic(self, char: str) -> list[Piece]:
        if char == "$":
            return self._dollar(quoted=True)
        return [self._backquoted(quoted=True)]

    def _ansi(self) -> Piece:
        """Return the text of `$'…'`, which is read up to its first quote."""
        cursor = self._cursor
        text = ""
        while not cursor.takes("'"):
            char = cursor.peek()
            cursor.at += 1
            if char == "":
                raise cursor.refuse("a quoted text has no end")
            text += self._ansi_escape() if char == "\\" else char
        if "\0" in text:
            raise cursor.refuse("a quoted text has a NUL in it, which ends it early", "raw-bytes")
        return Text(text, quoted=True)

    def _ansi_escape(self) -> str:
        cursor = self._cursor
        number = cursor.match(_NUMBERED)
        if number is not None:
            value = int(number[1:], 16) if number[0] in "xuU" else int(number, 8) & 0xFF
            if (number[0] not in "uU" and value > 0x7F) or value > 0x10FFFF:
                raise cursor.refuse("a quoted text spells bytes that are no ASCII", "raw-bytes")
            return chr(value)
        char = cursor.peek()
        if char not in _ESCAPES or char == "":
            raise cursor.refuse(f"a quoted text has the escape \\{char}, which shells read differently")
        cursor.at += 1
        return _ESCAPES[char]

    def _backquoted(self, *, quoted: bool) -> Piece:
        cursor = self._cursor
        cursor.at += 1
        text = ""
        while not cursor.takes("`"):
            char = cursor.peek()
            if char == "":
                raise cursor.refuse("a backquote has no end")
            if char == "\\":
                raise cursor.refuse("a backslash stands between backquotes, which shells read differently")
            cursor.at += 1
            text += char
        if "[[" in text:
            raise cursor.refuse("[[ stands between backquotes, where shells see its end differently")
        return Substitution(self._script(cursor.nested(text), ""), "`", quoted)

    def _process(self, start: int) -> Piece:
        cursor = self._cursor
        if cursor.text[start : cursor.at].isdigit():
            raise cursor.refuse("a number stands before a process substitution")
        form = "<(" if cursor.peek() == "<" else ">("
        cursor.at += 2
        if cursor.sees("("):
            raise cursor.refuse("(( is arithmetic in one reading and two subshells in another")
        return Substitution(self._inner(), form)

    def _inner(self) -> Script:
        """Return the script up to the bracket that closes it."""
        cursor = self._cursor
        inner = Cursor(cursor.text, cursor.depth + 1, cursor.budget, cursor.at)
        script = self._script(inner, ")")
        cursor.at = inner.at
        if not cursor.takes(")"):
            raise cursor.refuse("a substitution has no end")
        return script


def _is_open(piece: Piece) -> bool:
    return isinstance(piece, Text) and not piece.quoted


def _joined(pieces: list[Piece]) -> tuple[Piece, ...]:
    """Return the pieces with neighbouring texts of one kind made one."""
    joined: list[Piece] = []
    for piece in pieces:
        last = joined[-1] if joined else None
        if isinstance(piece, Text) and isinstance(last, Text) and last.quoted == piece.quoted:
            joined[-1] = replace(last, text=last.text + piece.text)
        else:
            joined.append(piece)
    return tuple(joined)
