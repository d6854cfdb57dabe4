"""Skills: instructions for particular tasks, known by name and description, loaded when a task needs them; and what is on record of them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from postil.core.event import Event
from postil.core.messages import Value
from postil.core.origin import Source

SKILL = "skill"
"""The tool that loads one; a session without it has no skills."""

SkillOwner = Literal["user", "built-in", "workspace"]
"""Whose a skill is."""


class SkillRow(Value):
    """A skill as a session knows it."""

    name: str
    description: str
    owner: SkillOwner
    path: str
    """Its SKILL.md, resolved."""
    digest: str = ""
    """Of one that came with the workspace, all its files as they were when the session began; another one is not loaded."""


class SkillGiven(Value):
    """A skill that a person has chosen by its name, as it stands before the model."""

    name: str
    owner: SkillOwner
    path: str
    text: str
    allowed: tuple[str, ...] | None = None
    """What alone may be used while it is active; None where it leaves out nothing."""
    sources: tuple[Source, ...] = ()


class SkillsInForce(Event):
    """What skills a session has from its start to its end, and how they stand in every request."""

    type: Literal["SkillsInForce"] = "SkillsInForce"
    text: str
    hash: str
    skills: tuple[SkillRow, ...]


class SkillActivated(Event):
    """A skill was loaded: its words are before the model, and what it leaves out of the tools is out until the turn ends."""

    type: Literal["SkillActivated"] = "SkillActivated"
    turn_id: str
    call_id: str
    name: str
    owner: SkillOwner
    path: str
    text: str
    """Its instructions, as the model was shown them."""
    allowed: tuple[str, ...] | None = None
    """What alone may be used while it is active; None where it leaves out nothing."""
    sources: tuple[Source, ...] = ()


class ActiveSkill(Value):
    """What the state keeps of a skill that was loaded."""

    name: str
    owner: SkillOwner
    path: str
    turn_id: str
    seq: int
    text: str
    allowed: tuple[str, ...] | None = None
    sources: tuple[Source, ...] = ()


def leaving_out(active: Iterable[ActiveSkill], turn_id: str) -> tuple[ActiveSkill, ...]:
    """Return the skills that leave something out in a turn."""
    return tuple(it for it in active if it.allowed is not None and it.turn_id == turn_id)
