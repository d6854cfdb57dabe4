"""What the server does for an editor: one file per capability."""

from __future__ import annotations

from postil.lsp.features import code_actions, documents, messages, progress, questions, rewind, session, trust
from postil.lsp.server import PostilServer


def register_all(server: PostilServer) -> None:
    """Register every feature, in order of name."""
    for feature in (code_actions, documents, messages, progress, questions, rewind, session, trust):
        feature.register(server)
