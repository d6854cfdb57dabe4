"""Completion: whatever the features have for a place. Kind: reading.

Each item has an edit of all that was typed, and no `filterText`, which would be its label: before 0.11 Neovim takes an item with one to begin
at a word, which `/` and `@` are no part of, and shows nothing.
"""

from __future__ import annotations

from collections.abc import Awaitable

from lsprotocol import types

from postil.lsp.server import PostilServer
from postil.lsp.text_document import OpenDocument


def register(server: PostilServer) -> None:
    """Answer from the features' sources."""

    def complete(params: types.CompletionParams) -> Awaitable[types.CompletionList]:
        # Not a coroutine: what stands there has to be seen before the next change is taken, for an answer may be on its way into it.
        document = server.open_document(params.text_document.uri)
        return offered(params, document.as_now() if document is not None else None)

    async def offered(params: types.CompletionParams, document: OpenDocument | None) -> types.CompletionList:
        if document is None:
            return types.CompletionList(is_incomplete=False, items=[])
        items = [it for source in server.completions for it in await source(server.face, params, document)]
        # Of what can be mentioned only some is offered: it is asked for anew with each letter.
        some = any(it.label.startswith("@") for it in items)
        return types.CompletionList(is_incomplete=some, items=items)

    options = types.CompletionOptions(trigger_characters=['"', "'", "@", "/", ":"])
    server.serve_feature(types.TEXT_DOCUMENT_COMPLETION, complete, options)
