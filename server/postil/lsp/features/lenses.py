"""Lenses: whatever the features have for a document. Kind: reading."""

from __future__ import annotations

from lsprotocol import types

from postil.lsp.server import PostilServer


def register(server: PostilServer) -> None:
    """Answer from the features' sources."""

    async def lenses(params: types.CodeLensParams) -> list[types.CodeLens]:
        uri = params.text_document.uri
        return [lens for source in server.lenses for lens in await source(server.face, uri)]

    server.serve_feature(types.TEXT_DOCUMENT_CODE_LENS, lenses, types.CodeLensOptions(resolve_provider=False))
