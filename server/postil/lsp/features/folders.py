"""The workspace's folders while they change: one that is added or removed counts once nothing is at work. Kind: inline."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from lsprotocol import types

from postil.lsp.server import PostilServer
from postil.workspace.files.uris import uri_to_path


def register(server: PostilServer) -> None:
    """Follow the client's folders."""
    server.serve_feature(types.WORKSPACE_DID_CHANGE_WORKSPACE_FOLDERS, Folders(server).changed)


class Folders:
    """The folders as the client has them, which those in force follow."""

    def __init__(self, server: PostilServer) -> None:
        self._server = server
        self._wanted: tuple[Path, ...] = ()
        self._moving = False

    async def changed(self, params: types.DidChangeWorkspaceFoldersParams) -> None:
        """Move to the client's folders; several changes before anything could be done are one."""
        face, event = self._server.face, params.event
        removed = _paths(event.removed)
        before = self._wanted if self._moving else face.roots
        kept = [it for it in before if it not in removed]
        self._wanted = tuple(dict.fromkeys((*kept, *_paths(event.added))))
        if self._moving:
            return
        self._moving = True
        try:
            while face.roots != self._wanted:
                await face.move(lambda: self._wanted)
        finally:
            self._moving = False


def _paths(folders: Sequence[types.WorkspaceFolder]) -> list[Path]:
    return [path.resolve() for it in folders if (path := uri_to_path(it.uri)) is not None]
