"""*Check now*: the checks of what the session has edited, run when a person says so. Kind: submitting."""

from __future__ import annotations

from postil.core.submissions import Prompt
from postil.lsp.face import Face
from postil.lsp.server import PostilServer
from postil.lsp.values.session_methods import SessionParams, TurnResult


def register(server: PostilServer) -> None:
    """Serve the method."""
    server.serve_row("session/check", check)


async def check(face: Face, params: SessionParams) -> TurnResult:
    """Begin a turn that only checks."""
    session = await face.session(params.session_id)
    turn_id = await session.prompt(Prompt("", face=face.name, checks=True))
    return TurnResult(session_id=session.id, turn_id=turn_id)
