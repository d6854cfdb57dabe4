"""Listing the files of a folder of the workspace that could be attached to a prompt. Kind: reading."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path

from postil.core.errors import ProtocolError
from postil.core.ports import Workspace
from postil.lsp.face import Face
from postil.lsp.server import PostilServer
from postil.lsp.values.mention_methods import FileRow, FilesParams, FilesResult
from postil.workspace.files.uris import path_to_uri, uri_to_path

_MOST = 5_000
"""Files that a person is shown at once."""
_MOST_LOOKED_AT = 50_000
"""Files that are held against what the person's settings leave out."""


def register(server: PostilServer) -> None:
    """Serve the method."""
    server.serve_row("files", files)


async def files(face: Face, params: FilesParams) -> FilesResult:
    """Return the files that the tool `glob` would find there, without those that the editor leaves out of its lists."""
    app = await face.app()
    named = uri_to_path(params.uri)
    if named is None:
        raise ProtocolError(f"{params.uri} names no folder on this machine.")
    folder = await asyncio.to_thread(app.workspace.resolve, str(named))
    found = await app.workspace.glob("**", folder, _MOST_LOOKED_AT)
    rows = await asyncio.to_thread(_rows, found.paths, folder, params.exclude, app.workspace)
    return FilesResult(files=rows[:_MOST], complete=found.complete and len(rows) <= _MOST)


def _rows(paths: Sequence[Path], folder: Path, exclude: Sequence[str], workspace: Workspace) -> list[FileRow]:
    from postil.workspace.search.excluding import excluded  # noqa: PLC0415 - loaded with the first list

    left_out = excluded(exclude)
    kept = [it for it in paths if not left_out(it.relative_to(folder).as_posix())]
    return [FileRow(path=workspace.display(it), uri=path_to_uri(it)) for it in kept[: _MOST + 1]]
