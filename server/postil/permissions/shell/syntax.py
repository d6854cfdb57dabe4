"""A shell script as a tree: what the parser recognises, and nothing else."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal


class Refused(Exception):
    """The parser does not recognise the text. `check` names the check whose finding this is."""

    def __init__(self, check: str, reason: str, at: int) -> None:
        super().__init__(f"{reason} (at character {at})")
        self.check = check
        self.reason = reason
        self.at = at


# Words


@dataclass(frozen=True, slots=True)
class Text:
    """Text that stands for itself; unquoted text may still be a glob, a brace list or a tilde."""

    text: str
    quoted: bool = False


@dataclass(frozen=True, slots=True)
class Variable:
    """`$name` or `${name}`, special parameters such as `?` and `1` included."""

    name: str
    quoted: bool = False


@dataclass(frozen=True, slots=True)
class Expansion:
    """A parameter with an operator, `${x:-y}`, or arithmetic, `$((1 + x))`: what it gives is not worked out."""

    text: str
    arithmetic: bool = False
    quoted: bool = False
    scripts: tuple[Script, ...] = ()
    """The commands that are substituted somewhere inside."""


@dataclass(frozen=True, slots=True)
class Substitution:
    """The output of a script, or a name for a pipe to it (`<(…)` and `>(…)`)."""

    script: Script
    form: Literal["$(", "`", "<(", ">("] = "$("
    quoted: bool = False


Piece = Text | Variable | Expansion | Substitution


@dataclass(frozen=True, slots=True)
class Word:
    """One word before any expansion."""

    pieces: tuple[Piece, ...]
    raw: str = ""
    """As it is written."""

    @property
    def bare(self) -> str | None:
        """The text of a word without any quoting or expansion; None for others. Only such words are reserved."""
        if all(isinstance(it, Text) and not it.quoted for it in self.pieces):
            return "".join(it.text for it in self.pieces if isinstance(it, Text))
        return None

    @property
    def quoted(self) -> bool:
        """Whether any part is quoted, as a here-document's delimiter asks."""
        return any(it.quoted for it in self.pieces)


# Commands


@dataclass(frozen=True, slots=True)
class Assignment:
    """`name=value`. None as value is an array, which is not worked out."""

    name: str
    value: Word | None
    append: bool = False


@dataclass(slots=True)
class Here:
    """The text of a here-document: it stands below its line, so it is known only when that has ended."""

    body: Word = Word(())


READING = frozenset({"<", "<<", "<<-", "<<<", "<&"})
"""Operators of redirections that open nothing for writing."""


@dataclass(frozen=True, slots=True)
class Redirect:
    """One redirection; of a here-document `target` is the delimiter."""

    operator: str
    target: Word
    descriptor: int | str | None = None
    """The number in front, or the name in `{name}>`; None where none is written."""
    here: Here | None = None


@dataclass(frozen=True, slots=True)
class Simple:
    """A program or builtin with its words."""

    words: tuple[Word, ...]
    assignments: tuple[Assignment, ...] = ()
    redirects: tuple[Redirect, ...] = ()
    raw: str = ""
    """As it is written."""


@dataclass(frozen=True, slots=True)
class Block:
    """`{ …; }`, `( … )`, and loops with a condition, seen as scripts that run in order."""

    kind: Literal["group", "subshell", "if", "while", "until"]
    scripts: tuple[Script, ...]
    redirects: tuple[Redirect, ...] = ()


@dataclass(frozen=True, slots=True)
class For:
    """`for name in words; do body; done`; None as words takes the positional parameters."""

    name: str
    words: tuple[Word, ...] | None
    body: Script
    redirects: tuple[Redirect, ...] = ()
    select: bool = False


@dataclass(frozen=True, slots=True)
class Case:
    """`case subject in pattern) …;; esac`."""

    subject: Word
    patterns: tuple[Word, ...]
    scripts: tuple[Script, ...]
    redirects: tuple[Redirect, ...] = ()


@dataclass(frozen=True, slots=True)
class Function:
    """A definition: nothing runs yet."""

    name: str
    body: Command


@dataclass(frozen=True, slots=True)
class Conditional:
    """`[[ … ]]`: its words and operators in order."""

    words: tuple[Word, ...]
    redirects: tuple[Redirect, ...] = ()


@dataclass(frozen=True, slots=True)
class Arithmetic:
    """`(( … ))`, and the head of `for ((…))`, which has a body."""

    text: str
    body: Script | None = None
    scripts: tuple[Script, ...] = ()
    redirects: tuple[Redirect, ...] = ()


@dataclass(frozen=True, slots=True)
class Coprocess:
    """`coproc …`."""

    body: Command


Command = Simple | Block | For | Case | Function | Conditional | Arithmetic | Coprocess


@dataclass(frozen=True, slots=True)
class Pipeline:
    """Commands joined by `|`; more than one run in subshells."""

    commands: tuple[Command, ...]
    negated: bool = False
    timed: bool = False


@dataclass(frozen=True, slots=True)
class Chain:
    """Pipelines joined by `&&` and `||`; the first one's operator is empty."""

    links: tuple[tuple[str, Pipeline], ...]
    background: bool = False


@dataclass(frozen=True, slots=True)
class Script:
    """Chains that run one after the other."""

    chains: tuple[Chain, ...] = field(default=())
