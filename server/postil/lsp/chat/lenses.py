"""Has an editor ask for lenses again when something else can be done: several reasons in a moment are one."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

from lsprotocol import types

from postil.lsp.client_requests import ClientRequestError

if TYPE_CHECKING:
    from postil.lsp.face import Face
    from postil.lsp.server import PostilServer

log = logging.getLogger(__name__)

_REFRESH = 0.1
"""Seconds in which several reasons are one."""


class Lenses:
    """Those of one connection."""

    def __init__(self, server: PostilServer, face: Face) -> None:
        self._server = server
        self._face = face
        self._waiting = False
        self._tasks: set[asyncio.Task[None]] = set()

    def refresh(self) -> None:
        """Have lenses looked at again: what can be done is something else now."""
        if self._face.capabilities.can_refresh_lenses and not self._waiting:
            self._waiting = True
            task = asyncio.create_task(self._refreshed())
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    def end(self) -> None:
        """Ask for nothing more."""
        for it in self._tasks:
            it.cancel()

    async def _refreshed(self) -> None:
        await asyncio.sleep(_REFRESH)
        self._waiting = False
        try:
            await self._server.request(types.WORKSPACE_CODE_LENS_REFRESH, None, 10.0)
        except ClientRequestError as error:
            log.info("lenses are not looked at again: %s", error)
