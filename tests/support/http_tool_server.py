"""A server of tools over HTTP, made with the protocol's own library: its list can change, and it wants a header."""

from __future__ import annotations

import logging
import socket
import sys

import uvicorn
from mcp.server.mcpserver import Context, MCPServer
from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

server = MCPServer("over-http")


@server.tool()
def add(a: int, b: int) -> int:
    """Adds two numbers."""
    return a + b


def later() -> str:
    """Came later."""
    return "later"


@server.tool()
async def grow(ctx: Context) -> str:
    """Brings another tool."""
    server.add_tool(later)
    await ctx.notify_tools_changed()
    return "grown"


class Guarded:
    """Lets in who has the key."""

    def __init__(self, inner: ASGIApp) -> None:
        self.inner = inner

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and Request(scope).headers.get("x-key") != "open":
            await send({"type": "http.response.start", "status": 401, "headers": []})
            await send({"type": "http.response.body", "body": b""})
            return
        await self.inner(scope, receive, send)


def main() -> None:
    logging.disable()
    app = Guarded(server.streamable_http_app())
    config = uvicorn.Config(app, host="127.0.0.1", port=0, log_level="critical")

    class Told(uvicorn.Server):
        async def startup(self, sockets: list[socket.socket] | None = None) -> None:
            await super().startup(sockets)
            port = self.servers[0].sockets[0].getsockname()[1]
            sys.stdout.write(f"{port}\n")
            sys.stdout.flush()

    Told(config).run()


if __name__ == "__main__":
    main()
