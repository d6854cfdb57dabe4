"""What stands behind the word *done*: the project's checks, the evidence they gave, and the events that say so."""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import Literal

from pydantic import Field

from postil.core.effects import TodoItem
from postil.core.event import Event
from postil.core.keyed import Keyed
from postil.core.messages import Value
from postil.core.origin import Source

HELD = "no-edits"
"""The mode that checks run under whatever the session's own is: that of the agent type `verify`."""
SAME_FILES = "same_files"
"""A detail of a command that ended: the files of the project are as they were before it."""
EDITOR = "editor"
"""In the place of a check's name: what the editor reports of the edited documents."""


class Check(Value):
    """A command of the project that tells whether it works."""

    name: str
    command: str
    covers: tuple[str, ...] = ()
    """Files that it is about, as patterns over their paths; one without a slash is about names. None means all files."""
    source: str
    """Where it was found: a file of the workspace, or of settings."""

    def is_about(self, path: str) -> bool:
        """Whether it is about a file, whose path is relative to the workspace."""
        name = path.rpartition("/")[2]
        return not self.covers or any(fnmatchcase(path if "/" in it else name, it) for it in self.covers)


class WantedCheck(Value):
    """A check that is to be run, as a call of its own."""

    call_id: str
    name: str
    command: str
    source: str
    timeout: float


class ChecksStarted(Event):
    """Postil runs checks: calls that nobody's reply asks for. They are open from here."""

    type: Literal["ChecksStarted"] = "ChecksStarted"
    turn_id: str
    round: int
    """Counts from 1 within the turn."""
    checks: tuple[WantedCheck, ...]
    held: str
    """The mode that they run under beside the session's."""


EvidenceOutcome = Literal["passed", "failed", "changed", "not_run"]
"""`changed`: it changed files itself, so it says nothing of those that were there. `not_run`: its program is not there."""


class EvidenceRecorded(Event):
    """What a check told of the files as they were then."""

    type: Literal["EvidenceRecorded"] = "EvidenceRecorded"
    turn_id: str
    call_id: str | None = None
    """The call that ran it; None of what the editor reports."""
    check: str
    command: str = ""
    by: Literal["postil", "model", "editor"]
    """Who had it run."""
    outcome: EvidenceOutcome
    exit_code: int | None = None
    summary: str = ""
    """What it said in a few words, such as `12 passed`."""
    output: str = ""
    """The end of what it printed, where it did not pass."""
    changed: tuple[str, ...] = ()
    """Files that were there before and that it changed."""
    edit: int = 0
    """The last edit that it covers, by the number of its event."""
    versions: Keyed[str] = Field(default_factory=dict[str, str])
    """The files that were edited, by the hash of the text that it saw; empty where there was no text."""


class ChecksFailed(Event):
    """The model is told what failed, and goes on."""

    type: Literal["ChecksFailed"] = "ChecksFailed"
    turn_id: str
    round: int
    checks: tuple[str, ...]
    """Their names."""
    text: str
    """What the model reads."""
    sources: tuple[Source, ...] = ()
    """Where the output in it comes from."""


NotVerified = Literal[
    "failed", "no_check", "not_covered", "no_shell", "not_run", "stale", "stopped", "commands"
]
"""Why a turn's edits are not verified; of several reasons the first that holds, in the order of `VerificationEnded.why`."""


QUIET: frozenset[str] = frozenset({"no_check"})
"""Reasons that are no fault of the work: there is nothing that could have told."""

CHECKABLE: frozenset[str] = frozenset({"failed", "not_run", "stale", "stopped", "commands"})
"""Reasons that checks which are run now may do away with."""

_PLAIN = (
    "*.md", "*.markdown", "*.rst", "*.adoc", "*.png", "*.jpg", "*.jpeg", "*.gif", "*.svg", "*.ico", "*.webp", "*.pdf",
    "LICENSE", "LICENSE.txt", "LICENCE", "LICENCE.txt", "COPYING", "COPYING.txt",
    "COPYING.LESSER", "NOTICE", "NOTICE.txt", "AUTHORS", "AUTHORS.txt", "README", "README.txt", "CHANGELOG",
    "CHANGELOG.txt", "CODEOWNERS", ".gitignore", ".gitattributes", ".editorconfig", ".mailmap",
)  # fmt: skip
"""No name that a program's text may have, such as `README.py`."""


def is_plain(path: str) -> bool:
    """Whether a file is of those that hardly any project has a check for: prose, pictures, and what only tells git of others."""
    return any(fnmatchcase(path.rpartition("/")[2], it) for it in _PLAIN)


class VerificationEnded(Event):
    """Whether the edits of a turn are verified, said before the turn ends, and again where it went on and edited.

    A turn without edits, and without commands that may have changed files, says nothing.
    """

    type: Literal["VerificationEnded"] = "VerificationEnded"
    turn_id: str
    verified: bool
    reason: NotVerified | None = None
    """None where they are verified."""
    words: str
    """`verified: pytest (12 passed), ruff`, or `not verified: …` with the reason."""
    evidence: tuple[str, ...] = ()
    """Each check in words, such as `pytest (12 passed)`."""

    @property
    def can_check(self) -> bool:
        """Whether running the checks now may tell more: not where no check is about the edits, or nothing can run one."""
        return self.reason in CHECKABLE


class Evidence(Value):
    """Evidence as the state keeps it."""

    event: EvidenceRecorded
    seq: int
    at: float

    @property
    def words(self) -> str:
        """The check with what it said."""
        said = self.event.summary
        return f"{self.event.check} ({said})" if said else self.event.check


def with_evidence(items: tuple[TodoItem, ...], words: str) -> tuple[TodoItem, ...]:
    """Return the plan with what stands behind the items that are done."""
    done = {"completed"}
    return tuple(it.model_copy(update={"evidence": words if it.status in done else ""}) for it in items)
