"""What is remembered: hot memory as a session was begun with it, and what a search of the rest hands back."""

from __future__ import annotations

from typing import Literal

from postil.core.event import Event
from postil.core.messages import Value

INSTRUCTIONS = ("AGENTS.md", "CLAUDE.md")
"""What files of instructions are called; the later stands in where a folder lacks the earlier."""


class LeftOut(Value):
    """An import that was not followed, or a whole file that is not in."""

    written: str
    """The path as it is written; empty for the file itself."""
    line: int
    """Where it is written, from 1."""
    why: str


class RememberedFile(Value):
    """A file that hot memory was made from."""

    path: str
    own: bool = False
    """Whether it is the user's own, and not one of the workspace."""
    cut: int = 0
    """The first line that there was no room for, from 1; 0 where all of it is in."""
    left_out: tuple[LeftOut, ...] = ()
    """What it imports and what is not in."""
    hash: str = ""
    """Of its text as it was then, to tell a later one from; empty in records of earlier versions."""


class MemoryInForce(Event):
    """Hot memory, written once at the start of a session: what the session sees of it stays the same to its end."""

    type: Literal["MemoryInForce"] = "MemoryInForce"
    text: str
    """As the model reads it in every request."""
    hash: str
    """Of the text: sessions with the same hash have the same."""
    files: tuple[RememberedFile, ...] = ()
    notes: tuple[str, ...] = ()
    """The index of notes, a line each, to tell later ones from."""
