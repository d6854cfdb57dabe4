"""Waits until a document is left alone for a moment, so that an edit does not race with each key."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path

from postil.workspace.buffers.open_files import OpenFiles

PAUSE_SECONDS = 0.3
"""Longer than what lies between two keys of somebody who types, and than what editors wait before they announce."""
LONGEST_SECONDS = 5.0
"""How long a pause is waited for: somebody may hold a key down."""


async def pause(editor: OpenFiles, paths: Sequence[Path]) -> None:
    """Return when the documents of these files have not been changed for a moment, and after a while in any case."""

    def texts() -> list[str | None]:
        return [None if it is None else it.text for it in map(editor.document, paths)]

    async def another(than: list[str | None]) -> None:
        while True:
            changed = editor.changed()  # asked before the look: a change in between is told
            if texts() != than:
                return
            await changed

    try:
        async with asyncio.timeout(LONGEST_SECONDS):
            while True:
                try:
                    async with asyncio.timeout(PAUSE_SECONDS):
                        await another(texts())
                except TimeoutError:
                    return
    except TimeoutError:
        return
