"""Programs of awk that only compute and print: no pipes, files, commands or names from outside."""

from __future__ import annotations

import re

from postil.permissions.shell.languages.brackets import open_bracket

_NAMES = frozenset({
    "BEGIN", "END", "if", "else", "for", "while", "do", "in", "next", "exit", "break", "continue", "return", "function", "delete", "print",
    "printf", "length", "substr", "index", "split", "sub", "gsub", "match", "sprintf", "tolower", "toupper", "int", "sqrt", "exp", "log", "sin",
    "cos", "atan2", "rand", "srand", "NR", "NF", "FS", "OFS", "ORS", "RS", "FNR", "FILENAME", "SUBSEP", "RSTART", "RLENGTH", "CONVFMT", "OFMT",
    "IGNORECASE", "gensub", "strftime", "systime", "asort", "asorti", "nextfile",
})  # fmt: skip
_FORBIDDEN = frozenset({
    "system", "getline", "close", "fflush", "ENVIRON", "PROCINFO", "ARGV", "ARGC", "ARGIND", "SYMTAB", "FUNCTAB", "include", "load", "namespace",
    "extension", "BEGINFILE", "ENDFILE", "switch", "func",
})  # fmt: skip
_TOKEN = re.compile(
    r"""(?P<blank>[ \t\n]+)|(?P<text>"(?:[^"\\\n]|\\[^\n])*")|(?P<number>(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)
    |(?P<name>[A-Za-z_][A-Za-z0-9_]*)|(?P<operator>\|\||&&|[<>=!]=|\+\+|--|[-+*/%^]=|!~|[{}()\[\];,+\-*/%^!<>~?:$=|&@#'\\`])""",
    re.VERBOSE,
)
_PATTERN = re.compile(r"/((?:[^/\\\n]|\\[^\n])*)/")
_BEFORE_PATTERN = frozenset("{}([,;!~&|?:=+-*%^<>$") | {
    "&&", "||", "!~", "==", "!=", "<=", ">=", "", "\n", "return", "in", "print", "printf", "else", "do", "exit",
}  # fmt: skip
_GOES_ON = frozenset({",", "&&", "||", "?", ":"})
"""Behind these a line is not at its end."""


def faults(program: str) -> str:
    """Return what in a program does more than compute and print, or is not recognised; empty where nothing does."""
    at, previous, depth, printing = 0, "", 0, False
    while at < len(program):
        if program[at] == "/" and previous in _BEFORE_PATTERN:
            found = _PATTERN.match(program, at)
            if found is None or open_bracket(found[1]):
                return "awk: a pattern that is not plain"
            at, previous = found.end(), "/"
            continue
        if program[at] == "/" and not _is_value(previous) and "/" in program[at + 1 :]:
            return "awk: a slash that may divide or begin a pattern"
        token = _TOKEN.match(program, at)
        if token is None:
            return f"awk: {program[at]!r} is not recognised"
        at, word = token.end(), token.group()
        if token.lastgroup == "blank":
            if "\n" in word and depth <= 0 and previous not in _GOES_ON:
                printing, previous = False, "\n"
            continue
        fault = _fault(token.lastgroup or "", word, printing=printing and depth == 0)
        if fault:
            return fault
        depth += (word in ("(", "[")) - (word in (")", "]"))
        if word in ("print", "printf"):
            printing, depth = True, 0
        elif word in (";", "}", "{"):
            printing = False
        previous = word
    return ""


def _is_value(word: str) -> bool:
    """Whether a slash behind the word divides, for every awk; behind a closing bracket, `++` or `length` they do not agree."""
    if word[:1].isdigit() or word[:1] == "." or word == "]":
        return True
    return word.isidentifier() and (word not in _NAMES or (word.isupper() and word not in ("BEGIN", "END")))


def _fault(kind: str, word: str, *, printing: bool) -> str:
    if kind == "name" and word in _FORBIDDEN:
        return f"awk: {word} reaches beyond the text"
    if kind == "name" and word not in _NAMES and word[0].isupper() and word.isupper() and len(word) > 1:
        return f"awk: {word} is not known"
    if kind == "operator" and word in "|&@#'\\`" and word not in ("||", "&&"):
        return f"awk: {word} may run or read something"
    if printing and word == ">":
        return "awk: > after print writes a file"
    return ""
