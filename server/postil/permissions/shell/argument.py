"""A word as the program gets it: known, a pattern for file names, or not worked out, and then why."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Literal

from postil.permissions.shell.sources import folder_named, names_commit, only_shows
from postil.permissions.shell.syntax import Expansion, Substitution, Text, Variable, Word

MOST_ALTERNATIVES = 64

FREE_NAMES = frozenset({
    "BASHPID", "BASH_VERSION", "COLUMNS", "EPOCHSECONDS", "EUID", "HOSTNAME", "HOSTTYPE", "LANG", "LINENO", "LOGNAME",
    "MACHTYPE", "OLDPWD", "OSTYPE", "PATH", "PPID", "PWD", "RANDOM", "SECONDS", "SHELL", "SHLVL", "TERM", "TMPDIR",
    "UID", "USER",
})  # fmt: skip
"""Variables whose value may be shown to anybody, whatever it is; as anything but text to show it is not known."""

_GLOB = re.compile(r"[*?\[]")
_BRACES = re.compile(r"(?P<before>[^{}]*)\{(?P<inside>[^{}]*)\}(?P<after>.*)", re.DOTALL)
_BEHIND_COMMIT = re.compile(r"(?:[~^][0-9]*)*(?:\.{2,3}[A-Za-z0-9_]*)?")
_RANGE = re.compile(r"(-?\d{1,4})\.\.(-?\d{1,4})|([a-zA-Z])\.\.([a-zA-Z])")
_SPLITS = re.compile(r"[ \t\n*?\[\\]")
_ASSIGNED_TILDE = re.compile(r"([A-Za-z_][A-Za-z0-9_]*=)(~(?:/.*)?)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Argument:
    """One word after every expansion but that of file names."""

    text: str | None
    """What it is; of a pattern, the pattern as written; None where it is not worked out."""
    pattern: bool = False
    """Whether file names take its place, where there are any."""
    leading: str = ""
    """What it begins with for certain."""
    unknown: str = ""
    """The check that says why it is not worked out."""
    free: bool = False
    """Not worked out, but nothing that may not be shown, and no more than one word."""
    several: bool = False
    """Not worked out, and perhaps more than one word."""
    stands_for: Literal["", "stream", "commit"] = ""
    """What is known of it where it is not worked out: the output of a command to be read like a file, or the name of a
    commit. Neither is an option."""
    source: Word | None = None

    @property
    def known(self) -> str:
        """The text, where it is known and no pattern; else a text that is no program, option or path."""
        return self.text if self.text is not None and not self.pattern else "\0"

    @property
    def may_be_option(self) -> bool:
        """Whether a program could take it for an option."""
        if self.text is None:
            return self.leading[:1] in ("", "-")
        if self.pattern:
            return self.text[:1] in ("*", "?", "[", "-")
        return self.text.startswith("-") and self.text != "-"


Bindings = Mapping[str, Argument]
"""What variables are known to be."""


def arguments(word: Word, bindings: Bindings, home: str) -> tuple[Argument, ...]:
    """Return what a word becomes: usually one argument, more with braces, none where it vanishes."""
    found = tuple(_one(it, bindings, home) for it in _alternatives(word))
    return tuple(replace(it, source=word) for it in found if it.text != "" or it.source is not None)


def _alternatives(word: Word) -> Iterator[Word | str]:
    """Yield what braces make of the word; a text where the braces are not worked out."""
    bare = word.bare
    open_text = "".join(it.text for it in word.pieces if isinstance(it, Text) and not it.quoted)
    if "{" not in open_text or not ("," in open_text or ".." in open_text):
        yield word
    elif bare is None or (texts := _braced(bare)) is None:
        yield "brace"
    else:
        for text in texts:
            yield replace(word, pieces=(Text(text),))


def _braced(text: str) -> list[str] | None:
    """Return the texts that braces stand for; None where that is not plain."""
    found = _BRACES.fullmatch(text)
    if found is None:
        return None if "{" in text and ("," in text or ".." in text) else [text]
    choices = _choices(found["inside"])
    rest = _braced(found["after"])
    if choices is None or rest is None or len(choices) * len(rest) > MOST_ALTERNATIVES:
        return None
    return [found["before"] + choice + after for choice in choices for after in rest]


def _choices(inside: str) -> list[str] | None:
    if "," in inside:
        return inside.split(",")
    if ".." not in inside:
        return [f"{{{inside}}}"]
    found = _RANGE.fullmatch(inside)
    if found is None or (
        found[1] and (found[1].lstrip("-").startswith("0") and len(found[1].lstrip("-")) > 1)
    ):
        return None
    if found[3]:
        low, high = ord(found[3]), ord(found[4])
        if found[3].isupper() != found[4].isupper():
            return None
    else:
        low, high = int(found[1]), int(found[2])
    step = 1 if high >= low else -1
    if abs(high - low) >= MOST_ALTERNATIVES:
        return None
    numbers = range(low, high + step, step)
    return [chr(it) if found[3] else str(it) for it in numbers]


def _one(word: Word | str, bindings: Bindings, home: str) -> Argument:
    if isinstance(word, str):
        return Argument(None, unknown=word)
    text, pattern = "", False
    several = any(not isinstance(it, Text) and not it.quoted for it in word.pieces)
    unknown: list[Argument] = []
    for index, piece in enumerate(word.pieces):
        value = _text(word, index, home) if isinstance(piece, Text) else _value(piece, bindings)
        # Unquoted, a file's name is split at its blanks, and its parts may be anything.
        loose = not isinstance(piece, Text) and not piece.quoted
        if loose and value.text is not None and (value.pattern or _SPLITS.search(value.text)):
            value = Argument(None, unknown="parameter")
        if value.text is None:
            unknown.append(value)
        elif not unknown:
            pattern |= value.pattern
            text += value.text
    if unknown and (standing := _standing(word)):
        return Argument(None, unknown="substitution", stands_for=standing, several=several)
    if unknown:
        told = next((it for it in unknown if not it.free), unknown[0])
        return replace(told, leading="" if several or pattern else text, several=several, stands_for="")
    vanishes = text == "" and not word.quoted
    return Argument(text, pattern, leading="" if pattern else text, source=None if vanishes else word)


def _standing(word: Word) -> Literal["", "stream", "commit"]:
    """Return what is known of a word that begins with what a command says; empty where nothing is."""
    first, *rest = word.pieces
    if not isinstance(first, Substitution):
        # Of "$(…)", the quotes are a piece of their own.
        empty = isinstance(first, Text) and first.text == "" and len(rest) > 0
        if not empty or not isinstance(rest[0], Substitution):
            return ""
        first, rest = rest[0], rest[1:]
    if first.form == "<(":
        return "stream" if not rest and only_shows(first.script) else ""
    if first.form not in ("$(", "`"):
        return ""
    behind = "".join(it.text if isinstance(it, Text) else "/" for it in rest)
    return "commit" if names_commit(first.script) and _BEHIND_COMMIT.fullmatch(behind) else ""


def _text(word: Word, index: int, home: str) -> Argument:
    """Return what a text of the word is in its place."""
    piece = word.pieces[index]
    if not isinstance(piece, Text):
        raise TypeError(piece)
    if piece.quoted:
        # A quoted `*` beside an open one: the pattern cannot be written down as plain text.
        mixed = _GLOB.search(piece.text) is not None and _has_open_glob(word)
        return Argument(None, unknown="glob-injection") if mixed else Argument(piece.text)
    text = _tilde(piece.text, home, first=index == 0, last=index + 1 == len(word.pieces))
    if text is None:
        return Argument(None, unknown="paths")
    return Argument(text, pattern=_GLOB.search(text) is not None and word.bare != "[")


def _has_open_glob(word: Word) -> bool:
    return any(isinstance(it, Text) and not it.quoted and _GLOB.search(it.text) for it in word.pieces)


def _tilde(text: str, home: str, *, first: bool, last: bool) -> str | None:
    """Return an unquoted text with the folder for its tilde; None where that is not known.

    Another's home, and the folder before, are somewhere outside the workspace, as far as anybody can tell.
    """
    if first and text.startswith("~"):
        if text in ("~", "~+") and not last:
            return None
        whose, slash, rest = text[1:].partition("/")
        folders = {"": home, "+": "."}
        return folders.get(whose, f"/~{whose}") + slash + rest
    assigned = _ASSIGNED_TILDE.fullmatch(text) if first else None
    if assigned is not None:
        return assigned[1] + home + assigned[2][1:]
    return text


def as_written(path: str) -> str:
    """Return a path as the line has it, where it is that of another's home."""
    return path[1:] if path.startswith("/~") else path


def _value(piece: Variable | Expansion | Substitution, bindings: Bindings) -> Argument:
    if isinstance(piece, Substitution):
        folder = folder_named(piece.script) if piece.form in ("$(", "`") else None
        return Argument(folder, leading=folder) if folder else Argument(None, unknown="substitution")
    if isinstance(piece, Expansion):
        literal = piece.arithmetic and re.fullmatch(r"\$\(\([0-9 +*/%-]*\)\)", piece.text)
        if literal:
            return Argument(None, unknown="arithmetic", free=True)
        return Argument(None, unknown="arithmetic" if piece.arithmetic else "parameter")
    if piece.name in ("?", "#"):
        return Argument("0")
    bound = bindings.get(piece.name)
    if bound is not None:
        return bound
    return Argument(None, unknown="parameter", free=piece.name in FREE_NAMES)
