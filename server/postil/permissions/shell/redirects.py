"""Redirections, and the texts of here-documents that stand below their line."""

from __future__ import annotations

import re

from postil.permissions.shell.cursor import Cursor
from postil.permissions.shell.syntax import Here, Redirect, Text, Word
from postil.permissions.shell.words import ScriptReader, Words

_DESCRIPTOR = re.compile(r"[0-9]+(?=[<>])")
_NAMED = re.compile(r"\{[A-Za-z_][A-Za-z0-9_]*\}(?=[<>])")
_OPERATORS = ("&>>", "<<<", "<<-", "&>", ">>", ">|", ">&", "<<", "<>", "<&", "<", ">")


def redirect(cursor: Cursor, words: Words) -> Redirect | None:
    """Return the redirection that begins here, without the text of a here-document; None where none does."""
    start = cursor.at
    digits = cursor.match(_DESCRIPTOR)
    name = cursor.match(_NAMED) if digits is None else None
    operator = next((it for it in _OPERATORS if cursor.sees(it)), None)
    if operator is None or (operator in ("<", ">") and cursor.peek(1) == "("):
        cursor.at = start
        return None
    if operator.startswith("&") and (digits or name):
        raise cursor.refuse("a descriptor stands before &>")
    cursor.at += len(operator)
    if cursor.sees("\\\n"):
        raise cursor.refuse("a line is continued inside an operator", "continuation")
    cursor.blanks()
    target = words.whole()
    if target is None:
        raise cursor.refuse("a redirection has no target")
    here = Here() if operator in ("<<", "<<-") else None
    return Redirect(operator, target, int(digits) if digits else name, here)


def body_of(cursor: Cursor, one: Redirect, script: ScriptReader) -> Word:
    """Return the text of a here-document, which begins here, after the end of its line."""
    if not all(isinstance(it, Text) for it in one.target.pieces):
        raise cursor.refuse("the end of a here-document is not a plain word")
    if len(one.target.pieces) != 1:
        raise cursor.refuse("the end of a here-document is quoted in part, which shells read differently")
    end = "".join(it.text for it in one.target.pieces if isinstance(it, Text))
    lines: list[str] = []
    while not cursor.done:
        line = cursor.text[cursor.at :].split("\n", 1)[0]
        cursor.at = min(cursor.at + len(line) + 1, len(cursor.text))
        line = line.lstrip("\t") if one.operator == "<<-" else line
        if line == end:
            break
        if end and (line.startswith(end) or line.endswith(end)):
            # In a substitution, bash takes `E)` for the end; behind an expansion, others take the E in `$xE` for it.
            raise cursor.refuse("a line of a here-document begins or ends with its end")
        lines.append(line + "\n")
    else:
        raise cursor.refuse("a here-document has no end")
    text = "".join(lines)
    if one.target.quoted:
        return Word((Text(text, quoted=True),))
    return Words(cursor.nested(text), script).body()
