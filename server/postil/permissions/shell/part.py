"""What a line comes to: its simple commands, each with all that is known where it stands."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal

from postil.permissions.shell.argument import Argument
from postil.permissions.shell.surroundings import Memory, Surroundings
from postil.permissions.shell.syntax import READING, Refused, Script
from postil.permissions.shell.touches.touched import Doing, Targets
from postil.permissions.shell.usage import Usage

Verdict = Literal["auto", "ask", "deny"]


@dataclass(frozen=True, slots=True)
class Redirection:
    """One redirection of a part."""

    operator: str
    descriptor: int | str | None
    target: Argument | None
    """None for a here-document."""
    expanded: bool = False
    """Whether the text of a here-document is not taken as it stands."""
    text: str | None = None
    """The text of a here-document or a here-string, as far as it is known."""

    @property
    def writes(self) -> bool:
        """Whether it opens something for writing; doubt counts as writing."""
        return self.operator not in READING


@dataclass(frozen=True, slots=True)
class Part:
    """One program or builtin, as it would be started."""

    argv: tuple[Argument, ...]
    cwds: frozenset[str] | None
    """The folders it may run in; None where that is not known."""
    redirections: tuple[Redirection, ...] = ()
    assignments: tuple[tuple[str, Argument], ...] = ()
    fed: bool = False
    """Whether its standard input is a pipe, a file or a text of the line."""
    feeds: bool = False
    """Whether its output goes to another part of the line."""
    repeated: bool = False
    """Whether it stands in a loop that may not end."""
    through: tuple[str, ...] = ()
    """The programs that would start it for the line, outermost first, such as sudo or `bash -c`."""
    text: str = ""
    """As it is written."""
    base: str = field(default="", init=False, repr=False, compare=False)
    """The program's name without its folder."""
    doings: list[Doing] = field(
        default_factory=list[Doing], init=False, repr=False, compare=False, hash=False
    )
    """What it does with its words, once that was worked out: several checks look at it."""
    led: list[tuple[Memory, Targets]] = field(
        default_factory=list[tuple[Memory, Targets]],
        init=False,
        repr=False,
        compare=False,
        hash=False,
    )
    """Where that leads, once one judgement has worked it out."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "base", self.name.rstrip("/").rsplit("/", 1)[-1])

    @property
    def name(self) -> str:
        """The program as it is written; empty where that is not known."""
        return self.argv[0].text or "" if self.argv and not self.argv[0].pattern else ""

    @property
    def operands(self) -> tuple[Argument, ...]:
        """Everything after the name."""
        return self.argv[1:]


@dataclass(frozen=True, slots=True)
class Note:
    """Something about the line as a whole that a check has to tell."""

    check: str
    reason: str


@dataclass(frozen=True, slots=True)
class Finding:
    """What a check found: never that something is safe, only what speaks against it."""

    check: str
    verdict: Verdict
    reason: str
    part: int | None = None
    """The part it is about; None for the whole line."""
    by_rule: bool = False
    """Whether a rule that allows this very command may overrule it."""
    named: str = ""
    """A word that such a rule has to name itself: no rule for the program alone reaches that far."""
    beneath: int | None = None
    """The part by whose options the part of the finding is started; a rule about that one may name the program it starts."""


@dataclass(frozen=True)
class View:
    """All that a check looks at."""

    line: str
    around: Surroundings
    script: Script | None
    """None where the parser refused the line."""
    refused: Refused | None
    parts: tuple[Part, ...]
    """In the order they are written, those behind other programs last."""
    notes: tuple[Note, ...]
    owners: tuple[int | None, ...]
    """For each part the one that the line itself starts and that it stands behind: itself, or None where the line is not read."""
    usages: tuple[Usage | None, ...]
    """How each part's program takes its arguments; None for a program without a table."""

    @cached_property
    def direct(self) -> tuple[tuple[int, Part, Usage | None], ...]:
        """The parts that the line itself starts, with their index."""
        return tuple(
            (at, self.parts[at], self.usages[at]) for at, owner in enumerate(self.owners) if at == owner
        )
