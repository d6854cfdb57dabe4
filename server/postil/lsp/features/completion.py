"""Completion: whatever the features have for a place. Kind: reading."""

from __future__ import annotations

from lsprotocol import types

from postil.lsp.server import PostilServer


def register(server: PostilServer) -> None:
    """Answer from the features' sources."""

    async def complete(params: types.CompletionParams) -> types.CompletionList:
        items = [it for source in server.completions for it in await source(server.face, params)]
        # Of what can be mentioned only some is offered: it is asked for anew with each letter.
        some = any(it.label.startswith("@") for it in items)
        return types.CompletionList(is_incomplete=some, items=items)

    options = types.CompletionOptions(trigger_characters=['"', "'", "@", "/", ":"])
    server.serve_feature(types.TEXT_DOCUMENT_COMPLETION, complete, options)
