"""The values of going back: what it would do, and what it did."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, model_validator

from postil.lsp.wire import SessionId, Wire


class TargetParams(Wire):
    """What to go back to: before a turn, or to where one change was not made. One of the two is named."""

    session_id: SessionId
    turn_id: str | None = None
    change_id: str | None = None

    @model_validator(mode="after")
    def _one(self) -> TargetParams:
        if (self.turn_id is None) == (self.change_id is None):
            raise ValueError("name either a turn or a change")
        return self


class PlanRow(Wire):
    """What would happen to a file. `merge`: it was edited since, and keeps that."""

    uri: str
    doing: Literal["restore", "merge", "remove", "bring_back", "move_back"]


class LeftRow(Wire):
    """A file that stays as it is, and why."""

    uri: str
    why: str


class PreviewResult(Wire):
    """What going back would do."""

    plan: str
    """Names this very list; going back is refused where it is no longer true."""
    files: list[PlanRow]
    left: list[LeftRow]
    commands: list[str]
    """What was run since, which nothing takes back."""
    incomplete: bool = False
    """Whether changes are missing from the record of this session, which was cut: they stay as they are."""


class RewindParams(TargetParams):
    """Go back as the preview said."""

    plan: str
    files: bool = True
    conversation: bool = False


class RewindResult(Wire):
    """What was left as it is; or that a question was asked first."""

    asked: bool = False
    left: list[LeftRow] = Field(default_factory=list[LeftRow])
    finished: bool = True
    """Whether all that was to go back did; where not, the conversation stays, and it can be tried again."""
    incomplete: bool = False
    """Whether changes were missing from the record of this session, which was cut: they stay as they are."""
