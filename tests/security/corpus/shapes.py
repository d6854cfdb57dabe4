"""What a command looks like from the outside: quoted letters, plain words, where it can be joined and wrapped."""

from __future__ import annotations

import re

BUILTINS = frozenset(
    [
        ".",
        ":",
        "[",
        "alias",
        "bg",
        "bind",
        "break",
        "builtin",
        "caller",
        "cd",
        "command",
        "compgen",
        "complete",
        "compopt",
        "continue",
        "declare",
        "dirs",
        "disown",
        "enable",
        "eval",
        "exec",
        "exit",
        "export",
        "false",
        "fc",
        "fg",
        "getopts",
        "hash",
        "help",
        "history",
        "jobs",
        "let",
        "local",
        "logout",
        "mapfile",
        "popd",
        "printf",
        "pushd",
        "pwd",
        "read",
        "readarray",
        "readonly",
        "return",
        "set",
        "shift",
        "shopt",
        "source",
        "suspend",
        "test",
        "times",
        "trap",
        "true",
        "type",
        "typeset",
        "ulimit",
        "umask",
        "unalias",
        "unset",
        "wait",
    ]
)
KEYWORDS = frozenset(
    [
        "if",
        "then",
        "elif",
        "else",
        "fi",
        "for",
        "while",
        "until",
        "do",
        "done",
        "case",
        "esac",
        "in",
        "function",
        "select",
        "coproc",
        "time",
        "!",
        "{",
        "}",
        "[[",
        "]]",
    ]
)
NAMES_FOLLOW = frozenset(("for", "case", "select", "function", "coproc", "time"))
"""Words after which the next one is a name, a pattern or the shell's own option: quoted, it would mean something else."""


PLAIN = re.compile(r"[A-Za-z0-9_./:@%+,=-]+\Z")
ASSIGNMENT = re.compile(r"[A-Za-z_]\w*(\[[^]]*\])?\+?=")
FUNCTION = re.compile(r"[^\s;&|<>()]+\s*\(\s*\)")


def open_end(command: str) -> bool:
    """Say whether the next line would belong to the command."""
    return command.rstrip(" \t").endswith(("|", "&&", "\\"))


def has_heredoc(command: str) -> bool:
    """Say whether lines of the command are the text of a heredoc."""
    return "\n" in command and re.search(r"<<(?!<)", command.replace("<<<", "")) is not None


def wants_lines(command: str) -> bool:
    """Say whether what follows the command has to stand on a line of its own."""
    return "\n" in command or "#" in command or command.rstrip().endswith(("&", ";"))


def prefixable(command: str) -> bool:
    """Say whether the command begins with the name of a program that another program could start."""
    first = re.match(r"[^\s;&|<>()#!{}\[]+", command)
    if first is None or FUNCTION.match(command) or ASSIGNMENT.match(command):
        return False
    word = first.group()
    return word not in BUILTINS | KEYWORDS and not word.isdigit() and not command[len(word) :].startswith("{")


class Quotes:
    """Reads a command letter by letter and says which of them are quoted."""

    def __init__(self) -> None:
        self.inside = ""
        self.escaped = False
        self.before = ""

    def quoted(self, letter: str) -> bool:
        """Take one letter; return whether it is quoted, a quotation mark, or part of an escape."""
        if self.escaped:
            self.escaped = False
            return True
        before, self.before = self.before, letter
        if letter == "\\" and self.inside != "'":
            self.escaped = True
            return True
        if self.inside:
            if letter == self.inside[-1]:
                self.inside = ""
            return True
        if letter in "'\"":
            self.inside = "$'" if letter == "'" and before == "$" else letter
            return True
        return False


def plain_words(command: str) -> list[tuple[int, int]]:
    """Find the words that mean the same when they are quoted: begin and end of each."""
    if re.search(r"[`#]|\$[({\[]|<<|\[\[|\(\(|\n", command) or re.search(r"\S\s*\(\s*\)", command):
        return []
    quotes = Quotes()
    mask = "".join("\0" if quotes.quoted(letter) else letter for letter in command)
    spans = [match.span() for match in re.finditer(r"[^\s;&|<>()]+", mask)]
    if any(command[begin:end] in NAMES_FOLLOW for begin, end in spans):
        return []
    return [
        (begin, end)
        for begin, end in spans
        if PLAIN.match(mask[begin:end])
        and command[begin:end] not in KEYWORDS
        and not ASSIGNMENT.match(command[begin:end])
        and command[end : end + 1] not in ("<", ">")
    ]
