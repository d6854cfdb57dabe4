"""Events that are only published: pieces of text, progress, stages. They are not in the journal."""

from __future__ import annotations

from typing import Literal

from postil.core.errors import ModelErrorKind
from postil.core.event import Event


class TextDelta(Event):
    """A piece of the reply; a lagging client gets the running reply so far."""

    type: Literal["TextDelta"] = "TextDelta"
    turn_id: str
    step: int
    text: str


class ThinkingDelta(Event):
    """A piece of the model's reasoning."""

    type: Literal["ThinkingDelta"] = "ThinkingDelta"
    turn_id: str
    step: int
    text: str


class CallProgress(Event):
    """A piece of a running call's output."""

    type: Literal["CallProgress"] = "CallProgress"
    call_id: str
    text: str


class ModelRetrying(Event):
    """A model call failed and will be tried again, or at once where a person wants it."""

    type: Literal["ModelRetrying"] = "ModelRetrying"
    turn_id: str
    step: int
    attempt: int
    """The attempt that failed, from 1."""
    of: int
    seconds: float
    """Until the next try."""
    message: str
    kind: ModelErrorKind
    """What failed."""
    why: str
    """The same in a few words, for lines with little room."""


class StageChanged(Event):
    """What the agent is doing now."""

    type: Literal["StageChanged"] = "StageChanged"
    turn_id: str
    """The turn's, or that of a compaction between turns."""
    stage: Literal["thinking", "writing", "running", "waiting", "saving", "compacting"]
    detail: str = ""
    step: int


class SessionHalted(Event):
    """The record cannot be written: nothing more is done until there is room and the session is opened again."""

    type: Literal["SessionHalted"] = "SessionHalted"
    message: str
    mend: str
