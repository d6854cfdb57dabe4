"""What a face may ask of a session."""

from __future__ import annotations

from dataclasses import dataclass, field

from postil.core.question import Anchor, PromptContext
from postil.core.skills import SkillGiven


@dataclass(frozen=True, slots=True)
class Prompt:
    """A new turn; while another runs, it waits its turn."""

    text: str
    context: tuple[PromptContext, ...] = ()
    anchor: Anchor | None = None
    face: str = ""
    skill: SkillGiven | None = None
    """What its slash command stands for, where that is a skill."""


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer to an open question: an option, or words where the question takes them."""

    question_id: str
    option_id: str
    text: str = ""
    face: str = ""


@dataclass(frozen=True, slots=True)
class Cancel:
    """Stop the turn in progress; waiting prompts are dropped too."""

    reason: str = "Stopped."
    """One sentence for the record: who stopped it, and where."""


@dataclass(frozen=True, slots=True)
class Resume:
    """Go on with a turn that a crash or a failure left open."""

    face: str = ""


@dataclass(frozen=True, slots=True)
class SetMode:
    """Change the permission mode from the next decision on."""

    mode: str
    face: str = ""


@dataclass(frozen=True, slots=True)
class Revoke:
    """Take back a grant; the next decision is made without it."""

    grant_id: str
    face: str = ""


@dataclass(frozen=True, slots=True)
class Target:
    """What to go back to: before a turn, or to where one change was not made."""

    turn_id: str | None = None
    change_id: str | None = None


@dataclass(frozen=True, slots=True)
class Rewind:
    """Take changes back, and go back in the conversation."""

    target: Target
    plan: str
    """The fingerprint of the plan that the person was shown."""
    files: bool = True
    conversation: bool = False
    face: str = ""


@dataclass(frozen=True, slots=True)
class Close:
    """Stop what runs and close the journal on purpose; the turn stays open, to be resumed."""

    reason: str = "closed"
    grace: float = field(default=2.0)
    """Seconds a running call is given to end."""


Submission = Prompt | Answer | Cancel | Resume | SetMode | Revoke | Rewind | Close
