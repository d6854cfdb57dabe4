"""The event by which a session gets a name of its own, and what a name may be."""

from __future__ import annotations

from typing import Literal

from postil.core.errors import UsageError
from postil.core.event import Event
from postil.core.titles import LONGEST


class SessionRenamed(Event):
    """A person gave the session a title; it stands in the place of the first prompt's first line."""

    type: Literal["SessionRenamed"] = "SessionRenamed"
    title: str
    face: str = ""


def named(words: str) -> str:
    """Return a title as it is recorded: one line. Raises UsageError for one that is empty or too long."""
    title = " ".join(words.split())
    if not title:
        raise UsageError("A title needs a word.", "Name the session by what it is about.")
    if len(title) > LONGEST:
        raise UsageError(
            f"A title has at most {LONGEST} characters; this one has {len(title)}.", "Shorten it."
        )
    return title
