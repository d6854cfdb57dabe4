"""The text of documents that have no file, for clients that show such. Kind: reading."""

from __future__ import annotations

from lsprotocol import types

from postil.lsp.server import PostilServer


def register(server: PostilServer) -> None:
    """Answer from the pages that there are."""

    async def content(params: types.TextDocumentContentParams) -> types.TextDocumentContentResult:
        source = server.contents.get(params.uri)
        return types.TextDocumentContentResult(await source() if source is not None else "")

    server.serve_feature(types.WORKSPACE_TEXT_DOCUMENT_CONTENT, content)
