"""What the model is no longer shown as it was: results that faded, and a beginning that was compacted. The originals stay."""

from __future__ import annotations

from typing import Literal

from postil.core.event import Event
from postil.core.messages import Usage, Value

Cause = Literal["person", "window", "limit", "between turns"]
"""Why a conversation is compacted: somebody asked, the model's window, a limit, or a pause with the setting for it."""


EARLIER = "result/"
"""What the id of an earlier result of a session begins with."""


class FadedResult(Value):
    """A result of which the model is shown what it was, and how to see it again."""

    message: int
    """Its place in the conversation, from 0."""
    call_id: str
    text: str
    """What stands in its place."""


class ResultsFaded(Event):
    """Results that are shown by reference from here on: all at once, so that the service has to read anew seldom."""

    type: Literal["ResultsFaded"] = "ResultsFaded"
    turn_id: str
    step: int
    results: tuple[FadedResult, ...]
    tokens: int
    """About how many tokens less each request is."""


class CompactionStarted(Event):
    """The conversation is being compacted; nothing has changed yet."""

    type: Literal["CompactionStarted"] = "CompactionStarted"
    compaction_id: str
    turn_id: str | None
    """The turn that waits for it; None between turns."""
    cause: Cause
    upto: int
    """How many messages are to be summarised, from the first."""
    tokens: int
    """About how many tokens the next request would have."""
    face: str = ""


class Compacted(Event):
    """From here on the model is shown this in place of the messages before `upto`, and what follows them as it was."""

    type: Literal["Compacted"] = "Compacted"
    compaction_id: str
    turn_id: str | None
    step: int
    """Of its call of the model."""
    upto: int
    kept: str
    """What stands verbatim, up to the summary."""
    summary: str
    """The model's words."""
    rest: str
    """What follows them: what is left out, and where it is."""
    before: int
    """About how many tokens the next request would have had."""
    after: int
    """About how many it has now."""
    model: str
    usage: Usage
    cost: float | None = None
    """US dollars; None where the price is not known."""
    seconds: float = 0.0

    @property
    def text(self) -> str:
        """What the model is shown."""
        return f"{self.kept}{self.summary}{self.rest}"


FailureReason = Literal["failed", "no room", "cancelled", "interrupted"]


class CompactionFailed(Event):
    """The conversation is as it was before."""

    type: Literal["CompactionFailed"] = "CompactionFailed"
    compaction_id: str
    turn_id: str | None
    step: int
    reason: FailureReason
    message: str
    mend: str = ""
    begun: bool = False
    """Whether the service had begun to answer: then what was set aside stays counted as spent, but where it is known what was."""
    usage: Usage | None = None
    """What a reply used that came whole and was of no use; None where there was none."""
    cost: float | None = None
    """US dollars of it; None where the price is not known."""


class Compaction(Value):
    """A beginning of the conversation that the model is shown otherwise."""

    compaction_id: str
    upto: int
    text: str
    before: int
    after: int
    at: float
    seq: int


class Decided(Value):
    """What a person decided."""

    seq: int
    question: str
    answer: str
