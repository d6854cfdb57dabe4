"""The sessions of sub-agents, as part of the session that they worked for."""

from __future__ import annotations

import sys
from contextlib import suppress
from typing import TextIO, cast

from postil.cli.finding import Found, find_remains, layout
from postil.cli.reading import Reading
from postil.cli.terminal import Marked, Terminal
from postil.cli.transcript import Transcript
from postil.core.errors import PostilError
from postil.core.events import Recorded, SubagentStarted
from postil.journal.listing import list_sessions

_INDENT = "    "


def sub_agents_of(found: Found) -> list[Found]:
    """Return the sessions of its sub-agents and of theirs."""
    every = list_sessions(layout())
    names = [found.id]
    for name in names:
        names += (it.session_id for it in every if it.parent == name)
    return [find_remains(it, None) for it in names[1:]]


def show_below(record: Recorded, depth: int = 1) -> None:
    """Print the session of a sub-agent where it begins, set in; nothing for another event, and for one that is gone."""
    if not isinstance(record.event, SubagentStarted):
        return
    with suppress(PostilError):
        _show(find_remains(record.event.session_id, None), depth)


def _show(found: Found, depth: int) -> None:
    file = cast("TextIO", cast("object", Marked(_INDENT * depth, sys.stdout)))
    transcript, reading = Transcript(found.id, console=Terminal(highlight=False, file=file)), Reading(found)
    for record in reading.records():
        transcript.show(record)
        show_below(record, depth + 1)
    reading.tell()
