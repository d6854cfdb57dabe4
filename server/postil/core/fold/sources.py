"""Of which sources something was read, and by which event first."""

from __future__ import annotations

from collections.abc import Sequence

from postil.core import events as ev
from postil.core.origin import Source
from postil.core.state import State
from postil.core.trail import ReadMark


def note_read(state: State, sources: Sequence[Source], record: ev.Recorded) -> None:
    """Keep what was read for the first time; a person's own words are none of it."""
    workflow = state.workflow
    foreign = [it for it in dict.fromkeys(sources) if it.origin != "user"] if sources else ()
    known = {(it.source.origin, it.source.name) for it in workflow.read} if foreign else ()
    new = [it for it in foreign if (it.origin, it.name) not in known]
    if new:
        workflow.read = (*workflow.read, *(ReadMark(source=it, seq=record.seq) for it in new))
