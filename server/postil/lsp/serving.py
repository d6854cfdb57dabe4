"""From a channel to a served client: the server with every feature registered."""

from __future__ import annotations

import asyncio

from lsprotocol import types

from postil.lsp.features import register_all
from postil.lsp.features.resuming import look_for_left
from postil.lsp.server import PostilServer
from postil.lsp.transport import Channel


def create_server() -> PostilServer:
    """Return a server with every feature registered."""
    server = PostilServer()

    def initialize(params: types.InitializeParams) -> None:
        server.begin(params)

    async def initialized(_: types.InitializedParams) -> None:
        misfit = server.face.capabilities.misfit
        if misfit:
            server.window_show_message(types.ShowMessageParams(types.MessageType.Warning, misfit))
        for begin in server.on_ready:
            begin(server.face)
        await asyncio.sleep(0)
        for problem in await server.face.warm():
            server.window_show_message(
                types.ShowMessageParams(types.MessageType.Warning, f"Postil: {problem}")
            )
        await look_for_left(server)

    server.serve_feature(types.INITIALIZE, initialize)
    server.serve_feature(types.INITIALIZED, initialized)
    register_all(server)
    return server


def run(channel: Channel) -> int:
    """Serve the client on `channel` until it leaves; returns the exit status."""
    return create_server().serve(channel)
