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
    turns: int | None
    """None where only replaying would tell: of a long one that was not closed, just its end is read."""
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
    passing: list[Update] = Field(default_factory=list[Update])
    """What holds at this moment and is on no record: all that was said so far of the reply in progress, as deltas that stand for those before
    this answer; and of it and of its sub-agents a wait for the next try of the model, with the seconds left."""


class PromptParams(Wire):
    """A prompt; without a session it goes to the one in use, or to a new one. An agent type begins a new session of it."""

    text: str
    session_id: SessionId | None = None
    new_session: bool = False
    """Whether it begins a session where none is named, also where one is in use."""
    agent: str | None = None
    context: tuple[PromptContext, ...] = ()
    anchor: Anchor | None = None
    steer: bool = False
    """Whether it joins the turn in progress before its next call of the model, and does not wait for its end."""

    @model_validator(mode="after")
    def _one(self) -> PromptParams:
        if self.session_id is not None and self.agent is not None:
            raise ValueError("name either a session or an agent type: a session keeps its own")
        return self


class TurnResult(Wire):
    """The turn that was begun, or that the prompt will be."""

    session_id: SessionId
    turn_id: str
    queued: bool = False
    """Whether it waits, under that id."""


class WaitingParams(Wire):
    """Names a prompt that waits, by the id of the turn that it will be."""

    session_id: SessionId
    prompt_id: str


class SendWaitingParams(Wire):
    """Names a prompt that waits; without one it is the next."""

    session_id: SessionId
    prompt_id: str | None = None


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


class RetryResult(Wire):
    """Whether the next try of the model was waited for, and is made now."""

    tried: bool


class Owner(Wire):
    """The process that writes a session."""

    pid: int
    host: str
    """Empty for this machine."""
    since: float | None
    """When it opened the session, in seconds since the epoch; null where that is not known."""
    here: bool
    """Whether it is this server."""


class OwnerResult(Wire):
    """Who writes a session; null where nobody does, so that it can be taken over by attaching again."""

    owner: Owner | None


class RenameParams(Wire):
    """What a session is to be called; without one it is the session in use."""

    session_id: SessionId | None = None
    title: Annotated[str, Field(max_length=4096)]


class RenameResult(Wire):
    """What it is called now."""

    session_id: SessionId
    title: str


class ModeParams(Wire):
    """The permission mode from the next decision on."""

    session_id: SessionId
    mode: str


class ModelParams(Wire):
    """The model from the next turn on."""

    session_id: SessionId
    model: str


class KeepParams(Wire):
    """Changes of the agent's that somebody has looked at and keeps."""

    session_id: SessionId
    change_ids: Annotated[tuple[str, ...], Field(min_length=1, max_length=10_000)]
    paths: Annotated[tuple[str, ...], Field(max_length=10_000)] = ()
    """The files of which they are kept, as the record calls them; empty where all of them are."""
