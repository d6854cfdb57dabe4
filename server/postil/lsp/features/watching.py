"""Files that change on the disk, from a client that tells: looked at like documents that were saved. Kind: inline.

What the agent does needs none of it, for it looks at the disk each time. What stands on the screen would stay as it was.
"""

from __future__ import annotations

import asyncio
import logging

from lsprotocol import types

from postil.core.remembered import INSTRUCTIONS
from postil.lsp.client_requests import ClientRequestError
from postil.lsp.face import Face
from postil.lsp.server import PostilServer

log = logging.getLogger(__name__)

WATCHED = (*(f"**/{name}" for name in INSTRUCTIONS), "**/.postil/settings.toml")
"""Files of which something is said in the editor."""
_ID = "postil-watching"


def register(server: PostilServer) -> None:
    """Ask to be told, once the client is ready, and hand on what it tells."""
    watching = Watching(server)
    server.on_ready.append(watching.begin)
    server.on_end.append(watching.end)
    server.serve_feature(types.WORKSPACE_DID_CHANGE_WATCHED_FILES, watching.changed)


class Watching:
    """The registration."""

    def __init__(self, server: PostilServer) -> None:
        self._server = server
        self._asking: asyncio.Task[None] | None = None

    def begin(self, face: Face) -> None:
        """Ask a client that offers it."""
        if face.capabilities.watches_files and face.roots:
            self._asking = asyncio.create_task(self._ask())

    def end(self) -> None:
        """Wait for no answer any more."""
        if self._asking is not None:
            self._asking.cancel()

    def changed(self, params: types.DidChangeWatchedFilesParams) -> None:
        """Look at files again that something on the disk has changed."""
        for change in params.changes:
            for look in self._server.on_document:
                look(change.uri)

    async def _ask(self) -> None:
        options = types.DidChangeWatchedFilesRegistrationOptions(
            [types.FileSystemWatcher(it) for it in WATCHED]
        )
        wanted = types.Registration(_ID, types.WORKSPACE_DID_CHANGE_WATCHED_FILES, options)
        try:
            await self._server.request(types.CLIENT_REGISTER_CAPABILITY, types.RegistrationParams([wanted]))
        except ClientRequestError as error:
            log.info("the client watches no files: %s", error)
