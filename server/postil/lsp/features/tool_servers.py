"""Starts a server of tools anew: one that failed too often to be tried at once, or whose program has changed. Kind: submitting."""

from __future__ import annotations

from postil.core.errors import ProtocolError
from postil.lsp.face import Face
from postil.lsp.server import PostilServer
from postil.lsp.values.tool_server_methods import RestartParams, RestartResult


def register(server: PostilServer) -> None:
    """Serve the command."""
    server.serve_row("toolServer/restart", restart)


async def restart(face: Face, params: RestartParams) -> RestartResult:
    """End the server and start it, where it may be started. Raises ProtocolError where there is none of that name."""
    app = await face.app()
    standing = await app.servers.restart(params.name) if app.servers is not None else None
    if standing is None:
        names = ", ".join(it.name for it in app.servers.standings()) if app.servers is not None else "none"
        raise ProtocolError(f"No settings name a server {params.name!r}.", f"They name {names}.")
    return RestartResult(state=standing.state, why=standing.why, tools=standing.tools)
