"""For editors without a client of ours: once for each limit, that it is nearly used up, and that the model's window is. Kind: inline."""

from __future__ import annotations

from lsprotocol import types

from postil.core.events import ModelReplied, Publication
from postil.core.meter import meter
from postil.lsp.server import PostilServer


def register(server: PostilServer) -> None:
    """Look after each reply."""
    warnings = Warnings(server)
    server.on_face.append(lambda face: face.listen(warnings.publish))


class Warnings:
    """What was said."""

    def __init__(self, server: PostilServer) -> None:
        self._server = server
        self._said: set[tuple[str, str]] = set()

    def publish(self, publication: Publication) -> None:
        """Say what is new; the window may be filled again once it was compacted."""
        face = self._server.face
        if not isinstance(publication.event, ModelReplied) or face.capabilities.takes_updates:
            return
        session = next((it for it in face.open_sessions if it.id == publication.session_id), None)
        found = meter(session.state.workflow) if session is not None else None
        at = face.options.limits.warn_at if face.options is not None else "never"
        if found is None or not isinstance(at, float):
            return
        now = {(publication.session_id, key): words for key, words in found.warnings(at).items()}
        if new := [words for key, words in now.items() if key not in self._said]:
            kind = types.MessageType.Warning
            self._server.tell(" ".join(new), kind, session_id=publication.session_id)
        others = {key for key in self._said if key[0] != publication.session_id}
        self._said = others | set(now)
