"""Calling a session otherwise."""

from __future__ import annotations

from postil.agent.emitter import Emitter
from postil.core.events import SessionRenamed
from postil.core.renaming import named
from postil.core.submissions import Rename


async def renamed(rename: Rename, emitter: Emitter) -> str:
    """Put a session's new title on record and return it; raises UsageError for what is no title."""
    title = named(rename.title)
    if title != emitter.state.workflow.title:
        await emitter.emit(SessionRenamed(title=title, face=rename.face), sync=True)
        # A list reads the title there: in a long journal it looks at the start and the end alone.
        await emitter.snapshot(force=True)
    return title
