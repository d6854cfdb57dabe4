"""The values of the command that starts a server of tools anew."""

from __future__ import annotations

from postil.lsp.wire import Wire


class RestartParams(Wire):
    """Which server, by its name in the settings."""

    name: str


class RestartResult(Wire):
    """How the server stands by now."""

    state: str
    """`ready`, `failed` or `off`."""
    why: str
    tools: int
