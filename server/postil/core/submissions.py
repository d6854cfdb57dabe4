"""What a face may ask of a session."""

from __future__ import annotations

from dataclasses import dataclass, field

from postil.core.question import Anchor, PromptContext
from postil.core.skills import SkillGiven


@dataclass(frozen=True, slots=True)
class Prompt:
    """A new turn; while another runs it waits, or joins that one where it steers."""

    text: str
    context: tuple[PromptContext, ...] = ()
    anchor: Anchor | None = None
    face: str = ""
    skill: SkillGiven | None = None
    """What its slash command stands for, where that is a skill."""
    steers: bool = False
    """Whether it joins the turn in progress, before its next call of the model."""
    checks: bool = False
    """Whether it only asks for the checks of what the session has edited; its words are Postil's then."""


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer to an open question: an option, or words where the question takes them."""

    question_id: str
    option_id: str
    text: str = ""
    face: str = ""


@dataclass(frozen=True, slots=True)
class Cancel:
    """Stop the turn in progress; prompts that wait are kept, and wait for a person."""

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
class SetModel:
    """Change the model, from the next turn on."""

    model: str
    face: str = ""


@dataclass(frozen=True, slots=True)
class Keep:
    """Have looked at changes, and leave them as they are: nobody is offered to undo them any more."""

    change_ids: tuple[str, ...]
    face: str = ""
    paths: tuple[str, ...] = ()
    """The files of which they are kept; empty where all of them are."""


@dataclass(frozen=True, slots=True)
class Rename:
    """Call the session otherwise."""

    title: str
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


Submission = Prompt | Answer | Cancel | Resume | SetMode | SetModel | Keep | Rename | Revoke | Rewind | Close
