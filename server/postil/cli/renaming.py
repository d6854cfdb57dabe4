"""`postil sessions rename`: calls a session otherwise than by its first prompt."""

from __future__ import annotations

import asyncio
from pathlib import Path

from postil.app import Setting, build
from postil.cli.finding import Found, workspace_of
from postil.config.load import load
from postil.core.revealing import one_line
from postil.core.submissions import Rename
from postil.workspace.buffers.overlay import NoEditor

FACE = "cli"


def rename(found: Found, title: str) -> int:
    """Rename a session that nobody has open. Raises Locked where somebody has, and UsageError for what is no title."""
    told = asyncio.run(_rename(found, workspace_of(found, None), title))
    print(f"Session {found.id} is called: {one_line(told, 200)}")
    return 0


async def _rename(found: Found, root: Path, title: str) -> str:
    app = await asyncio.to_thread(build, load((root,)), Setting((root,), NoEditor(), interactive=False))
    try:
        return await app.sessions.rename(found.id, Rename(title, FACE))
    finally:
        await app.close("the command ended")
