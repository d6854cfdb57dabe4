"""A slash command as it is written: `/name` at the beginning of a prompt, and what follows it."""

from __future__ import annotations

import re
from dataclasses import dataclass

_COMMAND = re.compile(r"\s*/([A-Za-z0-9][A-Za-z0-9_-]{0,63})(?:\s+(.*))?\Z", re.DOTALL)
_UNFINISHED = re.compile(r"\s*/([A-Za-z0-9_-]{0,64})\Z")


@dataclass(frozen=True, slots=True)
class SlashCommand:
    """A name, and the words behind it."""

    name: str
    arguments: str = ""


def slash_command(text: str) -> SlashCommand | None:
    """Return what may be a slash command; whether there is one of that name is for the caller to see. A path is none."""
    found = _COMMAND.match(text)
    return SlashCommand(found[1], (found[2] or "").strip()) if found is not None else None


def unfinished(text: str) -> str | None:
    """Return what is written so far of the name of a slash command, of a prompt that has no other word yet; None where none is."""
    found = _UNFINISHED.match(text)
    return found[1] if found is not None else None
