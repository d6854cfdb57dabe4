"""How things stand beside the events: which sandbox commands run in, and which process writes a session. Kind: reading."""

from __future__ import annotations

from postil.core.effects import Command
from postil.lsp.face import Face
from postil.lsp.server import PostilServer
from postil.lsp.values.keeping_methods import SandboxResult
from postil.lsp.values.session_methods import Owner, OwnerResult, SessionParams
from postil.lsp.wire import Nothing

_NOTHING = "true"
"""A command that does nothing: how it would run, any other would that is allowed."""


def register(server: PostilServer) -> None:
    """Serve the methods."""
    server.serve_row("sandbox", sandbox)
    server.serve_row("session/owner", owner)


async def sandbox(face: Face, _: Nothing) -> SandboxResult:
    """Look up how a command would run here now; the first time that tries the sandboxes there are."""
    app = await face.app()
    found = await app.shell.outlook(Command(_NOTHING, app.workspace.roots[0], 1.0))
    return SandboxResult(name=found.sandbox, why=found.why_outside, network=found.network)


async def owner(face: Face, params: SessionParams) -> OwnerResult:
    """Look at the session's lock."""
    app = await face.app()
    found = await app.sessions.store.holder(params.session_id)
    if found is None:
        return OwnerResult(owner=None)
    return OwnerResult(owner=Owner(pid=found.pid, host=found.host, since=found.since, here=found.here))
