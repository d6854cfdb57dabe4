"""The events about permission: what was asked and decided, and what was given for longer."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from postil.core.event import Event
from postil.core.keyed import Keyed
from postil.core.question import Question


class PermissionAsked(Event):
    """A call waits for a person. `fingerprint` says what exactly was asked about."""

    type: Literal["PermissionAsked"] = "PermissionAsked"
    turn_id: str
    call_id: str
    fingerprint: str
    marks: Keyed[str] = Field(default_factory=dict[str, str])
    """Of a command: what has to be the same when it starts, by what a person calls it, each with a hash of what it is."""
    question: Question
    lost: tuple[str, ...] = ()
    """Rules that speak of it and did not count, each with its verdict before and its source behind it."""
    checks: tuple[str, ...] = ()
    """The checks of the shell guard that fired."""


class PermissionDecided(Event):
    """A call may or may not run, who decided, and why."""

    type: Literal["PermissionDecided"] = "PermissionDecided"
    turn_id: str
    call_id: str
    fingerprint: str
    decision: Literal["allow", "deny"]
    by: Literal["rule", "person", "nobody"]
    """`nobody`: there was no one to ask."""
    rule: str = ""
    """The rules that decided, or that the answer set, one a line: the parts of a longer command may each have one."""
    why: str
    question_id: str | None = None
    option_id: str | None = None
    face: str = ""
    subject: str = ""
    """The call in one line."""
    source: str = ""
    """Where the rule came from."""
    lost: tuple[str, ...] = ()
    """Rules that speak of it and did not count, each with its verdict before and its source behind it."""
    checks: tuple[str, ...] = ()
    """The checks of the shell guard that fired, whether or not a rule overruled them."""


class GrantAdded(Event):
    """A person allowed more than this once."""

    type: Literal["GrantAdded"] = "GrantAdded"
    grant_id: str
    rule: str
    scope: Literal["session", "workspace"]
    question_id: str | None = None


class GrantRevoked(Event):
    """A grant no longer holds."""

    type: Literal["GrantRevoked"] = "GrantRevoked"
    grant_id: str
    face: str = ""
