"""Prompts as events: received, waiting while a turn runs, taken back, and joining the turn that runs."""

from __future__ import annotations

from typing import Literal

from postil.core.event import Event
from postil.core.question import Anchor, PromptContext
from postil.core.skills import SkillGiven

MOST_WAITING = 20
"""Prompts that wait in one session."""

GOES_ON: frozenset[str] = frozenset({"end_turn", "max_tokens", "max_turn_requests", "refusal"})
"""Ends of a turn after which what waits is sent: it ended by itself. After any other a person says so."""


class PromptReceived(Event):
    """A person asked for something; the turn exists from here, and does not wait any more where it did."""

    type: Literal["PromptReceived"] = "PromptReceived"
    turn_id: str
    text: str
    context: tuple[PromptContext, ...] = ()
    anchor: Anchor | None = None
    face: str
    skill: SkillGiven | None = None
    """The skill that it begins with, as `/name`: loaded when the turn starts."""
    checks: bool = False
    """Whether the turn only runs the checks of what the session has edited: the model is not asked, and is not told."""


class PromptQueued(Event):
    """A prompt waits for the end of the turn in progress, or, where it steers, for that turn's next call of the model.

    Of one that waits already it says anew how it does.
    """

    type: Literal["PromptQueued"] = "PromptQueued"
    prompt: PromptReceived
    """As it was written; its `turn_id` is that of the turn that it will be. What it mentions is attached when it is sent."""
    steers: bool = False

    @property
    def id(self) -> str:
        """What it is known by while it waits."""
        return self.prompt.turn_id


class PromptTakenBack(Event):
    """A prompt that waited does not any more, and was not sent."""

    type: Literal["PromptTakenBack"] = "PromptTakenBack"
    prompt_id: str
    why: str = ""
    """Why it is not sent where nobody took it back, one sentence."""
    face: str = ""


class PromptSteered(Event):
    """A prompt that waited is the next message of the turn in progress."""

    type: Literal["PromptSteered"] = "PromptSteered"
    turn_id: str
    """Of the turn that it joins."""
    step: int
    """The first that the model takes with it."""
    prompt: PromptReceived
    """As the model reads it, with what it mentions."""
