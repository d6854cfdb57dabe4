"""What is remembered: hot memory as a session was begun with it, and what a search of the rest hands back."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from postil.core.event import Event
from postil.core.messages import Value

INSTRUCTIONS = ("AGENTS.md", "CLAUDE.md")
"""What files of instructions are called; the later stands in where a folder lacks the earlier."""


OVER = "From this line on the agent does not have this: there is room for 200 lines or 25 KB of instructions and notes in all."


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


class Gap(Value):
    """Something of a file of instructions that the agent does not have, and why."""

    line: int
    """From 1."""
    kind: Literal["over", "import", "unread"]
    message: str


def gaps(file: RememberedFile) -> Iterator[Gap]:
    """Yield what the agent does not have of a file."""
    if file.cut:
        words = f"{OVER} Say less, or move what is seldom needed into other files."
        yield Gap(line=file.cut, kind="over", message=words)
    for it in file.left_out:
        if it.written:
            yield Gap(line=it.line, kind="import", message=f"@{it.written} is not imported: {it.why}.")
        else:
            yield Gap(line=it.line, kind="unread", message=f"The agent does not have this file: {it.why}.")


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
