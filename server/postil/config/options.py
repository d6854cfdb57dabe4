"""Every option of Postil, once, with its meaning; documentation and editor settings are generated from here."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field


class Options(BaseModel):
    """What a user can set."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    model: str = "claude-sonnet-5-5"
    """The model that answers."""

    base_url: str | None = None
    """Where the model's service is, if not at its usual address; any server that speaks the Messages API."""

    mode: str = "default"
    """The permission mode a session starts in: `default`, `accept-edits`, `plan` or `deny-all`."""

    max_steps: Annotated[int, Field(ge=1, le=10_000)] = 100
    """Model calls in one turn; at the limit the turn ends and can be continued."""

    max_seconds: Annotated[float, Field(gt=0)] = 3600.0
    """Seconds of work in one turn; waiting for a person is not counted."""

    max_tokens: Annotated[int, Field(ge=1024)] = 16_000
    """Output tokens asked for in one model call."""

    questions_notify: Literal["badge", "message", "request"] = "badge"
    """How an editor without a view of Postil's is told of a question besides its diagnostic: not at all, by a message, or by a
    message with buttons. Closing that one denies."""

    allow: tuple[str, ...] = ()
    """Rules that allow, such as `Edit(src/**)` or `Bash(pytest:*)`. Ignored in a workspace's own file."""

    ask: tuple[str, ...] = ()
    """Rules that always ask."""

    deny: tuple[str, ...] = ()
    """Rules that deny, whatever else allows."""


tightening = frozenset({"ask", "deny"})
"""The options that a workspace's own file may set: they can only tighten."""

restraining = tightening | {"mode"}
"""The options that hold the agent back: one that cannot be read is not as if it had not been set."""
