"""What waits for a person, and the places and things it concerns."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal, get_args

from postil.core.effects import Fact, FactName
from postil.core.messages import Value
from postil.core.origin import Source

OptionKind = Literal[
    "allow_once", "allow_session", "allow_always", "reject_once", "reject_with_reason", "choice"
]
"""What an answer does; ACP's permission option kinds, widened by scope, and `choice` for everything else."""

QuestionKind = Literal[
    "permission", "ask_user", "halt", "unknown", "conflict", "save", "trust", "rewind", "server"
]


class Option(Value):
    """One numbered answer to a question; titles are constant strings."""

    id: str
    title: str
    kind: OptionKind
    note: str = ""
    """The exact rules that the answer would set, one a line, or what else it would do; shown below."""
    also: str = ""
    """What else the rules would allow, in one line."""
    allows: str = ""
    """What the rules allow in the words of whoever reads them: the commands, files or hosts, one a line."""
    kept: str = ""
    """Where a lasting answer is kept, and for how long."""


class Anchor(Value):
    """The place in a document that something concerns. Lines and characters count from 0, in UTF-16 units."""

    uri: str
    line: int = 0
    character: int = 0
    end_line: int = 0
    end_character: int = 0


class NamedPath(Value):
    """A path of a command, and where it leads."""

    written: str
    leads_to: str
    """Absolute, with every link followed; empty where that is known only when it runs."""


class CommandPart(Value):
    """One sub-command of a command line."""

    text: str
    """As it is written in the line."""
    paths: tuple[NamedPath, ...] = ()
    danger: FactName | None = None
    """The first of the facts about it that may do harm."""


class Question(Value):
    """What waits for a person: title, facts, and answers of equal weight. There is no default answer."""

    id: str
    kind: QuestionKind
    title: str
    """A constant string; model or command text never appears in it."""
    subject: str = ""
    """The command, path or host in full."""
    short: str = ""
    """The same in one line once it is answered: a file as it is named in the workspace. Empty where the subject is short."""
    facts: tuple[Fact, ...] = ()
    """In the order of `FactName`, whatever may do harm first."""
    parts: tuple[CommandPart, ...] = ()
    """Of a command line that was recognised, each of its commands."""
    options: tuple[Option, ...]
    diff: str = ""
    anchor: Anchor | None = None
    free_text: bool = False
    """Whether a written answer is welcome instead of an option."""
    about: tuple[str, ...] = ()
    """What the session needs to do what is answered, in a form that its kind knows."""


class PromptContext(Value):
    """Something attached to a prompt: a selection, a file, a diagnostic, what it mentions with an @.

    A `mention` has no text: its note says why nothing is attached to it. A `command` is what a slash command stands for.
    A `file` that comes without text is attached by its path: it is read as the tool `read` would.
    """

    kind: Literal[
        "selection", "file", "diagnostic", "symbol", "diagnostics", "diff", "session", "mention", "command"
    ]
    path: str = ""
    """Relative to the workspace where it lies inside, else absolute; empty for what is no file's."""
    text: str = ""
    first_line: int = 0
    """Counts from 1; 0 means the whole file."""
    last_line: int = 0
    name: str = ""
    """The symbol, the session, or the mention as it is written."""
    note: str = ""
    """What is said of it in Postil's own words: that it is cut, or what was left out."""
    sources: tuple[Source, ...] = ()
    """Where its text comes from, beside the workspace."""

    @property
    def by_path(self) -> bool:
        """Whether it is a file whose text is still to be read."""
        return self.kind == "file" and bool(self.path) and not self.text


def in_order(facts: Iterable[Fact]) -> tuple[Fact, ...]:
    """Return the facts as a question tells them: whatever may do harm first."""
    order = {name: place for place, name in enumerate(get_args(FactName))}
    return tuple(sorted(facts, key=lambda it: order[it.name]))
