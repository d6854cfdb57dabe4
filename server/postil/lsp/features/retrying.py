"""*Try now*, while the next try of the model is waited for: a method and a code action. Kind: submitting."""

from __future__ import annotations

from collections.abc import Iterator

from lsprotocol import types

from postil.lsp.face import Face
from postil.lsp.methods import by_name
from postil.lsp.server import PostilServer
from postil.lsp.values.session_methods import RetryResult, SessionParams

TITLE = "Postil: Try now"


def register(server: PostilServer) -> None:
    """Serve the method, and offer it while there is something to try."""
    server.serve_row("session/retry", retry)
    server.actions.append(retry_actions)


async def retry(face: Face, params: SessionParams) -> RetryResult:
    """Try the model at once, where the next try is waited for."""
    session = await face.session(params.session_id)
    return RetryResult(tried=session.retries.hurry())


def retry_actions(face: Face, _: types.CodeActionParams) -> Iterator[types.CodeAction]:
    """Yield *Try now* for each session that waits for its next try."""
    for session in face.open_sessions:
        if session.retries.waiting:
            command = types.Command(
                TITLE, by_name["session/retry"].command, None, [{"sessionId": session.id}]
            )
            yield types.CodeAction(TITLE, types.CodeActionKind.QuickFix, command=command)
