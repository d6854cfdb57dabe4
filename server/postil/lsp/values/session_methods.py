"""The values of the methods about sessions: begun, attached to, prompted, answered and stopped."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from postil.core.question import Anchor, PromptContext
from postil.lsp.wire import SessionId, Wire


class SessionParams(Wire):
    """Names a session."""

    session_id: SessionId


class NewParams(Wire):
    """A new session; without an agent type and a mode it has those of the settings."""

    agent: str | None = None
    mode: str | None = None


class SessionResult(Wire):
    """A session and how far its events go."""

    session_id: SessionId
    seq: int


class SessionRow(Wire):
    """One session in a list."""

    session_id: SessionId
    title: str
    updated_at: float
    turns: int
    open: bool
    busy: bool
    questions: int
    status: Literal["clean", "stopped", "interrupted", "question", "running", "damaged", "newer"]
    """Where it stands on disk; `running` is also said of one that is open here."""


class ListResult(Wire):
    """The workspace's sessions, newest first."""

    sessions: list[SessionRow]


class AttachParams(Wire):
    """From which event on; 0 means all."""

    session_id: SessionId
    after: Annotated[int, Field(ge=0)] = 0


class Update(Wire):
    """One publication: a durable event with `seq`, or an ephemeral one with what it came `after`."""

    session_id: SessionId
    seq: int | None = None
    after: int
    event: dict[str, Any]
    at: float | None = None
    """When a durable event was, in seconds since the epoch."""


class AttachResult(Wire):
    """The events so far; what comes next arrives as updates."""

    session_id: SessionId
    seq: int
    events: list[Update]
    suspended: bool = False
    """Whether a turn was left open, to be resumed."""
    read_only: bool = False
    """Whether it cannot be written here, such as while another window has it open; attach again to see."""
    note: str = ""
    """What a person should know of how it was found."""


class PromptParams(Wire):
    """A prompt; without a session it goes to the one in use, or to a new one. An agent type begins a new session of it."""

    text: str
    session_id: SessionId | None = None
    agent: str | None = None
    context: tuple[PromptContext, ...] = ()
    anchor: Anchor | None = None

    @model_validator(mode="after")
    def _one(self) -> PromptParams:
        if self.session_id is not None and self.agent is not None:
            raise ValueError("name either a session or an agent type: a session keeps its own")
        return self


class TurnResult(Wire):
    """The turn that was begun."""

    session_id: SessionId
    turn_id: str


class AnswerParams(Wire):
    """The answer to a question: one of its options, or words where it takes them."""

    session_id: SessionId
    question_id: str
    option_id: str = ""
    text: str = ""


class QuestionParams(Wire):
    """Names an open question."""

    session_id: SessionId
    question_id: str


class CancelResult(Wire):
    """Whether there was something to stop."""

    cancelled: bool


class ModeParams(Wire):
    """The permission mode from the next decision on."""

    session_id: SessionId
    mode: str
