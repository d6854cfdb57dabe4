"""Whether the workspace is trusted: to say so, to take it back, and to follow what the editor itself says. Kind: submitting.

The question about it is a question like any other: it is shown where the person looks, and answered as others are.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from postil.core.errors import ProtocolError
from postil.lsp.face import Face
from postil.lsp.server import PostilServer
from postil.lsp.values.permission_methods import ClientTrustParams, TrustParams, TrustResult
from postil.workspace.files.uris import path_to_uri

if TYPE_CHECKING:
    from postil.permissions.trusting import InForce


def register(server: PostilServer) -> None:
    """Serve the commands."""
    server.serve_row("trust", trust)
    server.serve_row("trust/client", follow_client)


async def trust(face: Face, params: TrustParams) -> TrustResult:
    """Decide about the workspace's folders, or only say how they stand."""
    app = await face.app()
    try:
        if params.verdict in ("trusted", "restricted"):
            now = await app.trust.decide(params.verdict, face.name)
        elif params.verdict == "undecided":
            now = await app.trust.forget()
        else:
            now = await app.trust.look()
    except OSError as error:
        raise ProtocolError(
            f"That could not be kept: {error.strerror or error}.",
            "See to it that Postil's state folder can be written.",
        ) from error
    return _result(now)


async def follow_client(face: Face, params: ClientTrustParams) -> TrustResult:
    """Take note of the editor's own trust, which may only tighten."""
    face.client_trusts = params.trusted
    app = await face.app()
    return _result(await app.trust.follow_client(trusts=params.trusted))


def _result(now: InForce) -> TrustResult:
    return TrustResult(trusted=now.trusted, why=now.why, undecided=[path_to_uri(it) for it in now.undecided])
