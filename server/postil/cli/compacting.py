"""`postil sessions compact` and `postil sessions kept`: make a long conversation shorter, and show what became of it."""

from __future__ import annotations

import asyncio
from pathlib import Path

from postil.app import Setting, build
from postil.cli.finding import Found, workspace_of
from postil.cli.reading import Reading
from postil.config.load import load
from postil.context.left_out import page
from postil.core import shortening_words as words
from postil.core.events import Compacted, CompactionFailed, CompactionStarted, Publication
from postil.core.fold import fold
from postil.core.revealing import revealed
from postil.workspace.buffers.overlay import NoEditor

FACE = "cli"


def compact(found: Found) -> int:
    """Compact a session that nobody has open; the status is 1 where that did not work."""
    return asyncio.run(_compact(found, workspace_of(found, None)))


async def _compact(found: Found, root: Path) -> int:
    app = await asyncio.to_thread(build, load((root,)), Setting((root,), NoEditor(), interactive=False))
    worked = False

    def tell(publication: Publication) -> None:
        nonlocal worked
        event = publication.event
        if isinstance(event, CompactionStarted):
            print(words.begun(event), flush=True)
        elif isinstance(event, CompactionFailed):
            print(words.failed(event))
        elif isinstance(event, Compacted):
            worked = True
            print(words.done(event))
            print(f"What was kept: postil sessions kept {found.id}")

    try:
        session = (await app.sessions.open(found.id, FACE)).session
        session.subscribe(tell)
        await session.compact(FACE)
        await session.idle()
    finally:
        await app.close("the command ended")
    return 0 if worked else 1


def show_kept(found: Found) -> int:
    """Print what the agent is shown in place of the beginning, and what it is not shown."""
    reading = Reading(found)
    text = page(fold(reading.records()))
    print(
        revealed(text) if text is not None else "Nothing of it was compacted: the agent is shown all of it."
    )
    return 1 if reading.tell() else 0
