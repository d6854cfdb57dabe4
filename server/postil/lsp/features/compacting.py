"""Compacting a conversation, and the document of what was kept. Kinds: submitting, reading."""

from __future__ import annotations

import asyncio

from lsprotocol import types

from postil.core import shortening_words as words
from postil.core.errors import ProtocolError
from postil.core.events import Compacted, CompactionFailed, CompactionStarted, Publication
from postil.lsp.face import Face
from postil.lsp.features.documents import show_written
from postil.lsp.server import PostilServer
from postil.lsp.values.place_methods import DocumentResult
from postil.lsp.values.session_methods import SessionParams
from postil.lsp.wire import Nothing


def register(server: PostilServer) -> None:
    """Serve the commands, and say what became of a compaction."""
    compacting = CompactingFeature(server)
    server.on_face.append(lambda face: face.listen(compacting.publish))
    server.serve_row("session/compact", compacting.compact)
    server.serve_row("session/kept", compacting.kept)


class CompactingFeature:
    """What an editor has of compactions beside their events."""

    def __init__(self, server: PostilServer) -> None:
        self._server = server
        self._asked: set[str] = set()
        """The compactions that a person asked for."""

    async def compact(self, face: Face, params: SessionParams) -> Nothing:
        """Have it done; what becomes of it is told by events."""
        session = await face.session(params.session_id)
        await session.compact(face.name)
        return Nothing()

    async def kept(self, face: Face, params: SessionParams) -> DocumentResult:
        """Write the document beside the session's journal and show it, or say where it is."""
        from postil.context.left_out import page  # noqa: PLC0415 - loaded with the first page

        session = await face.session(params.session_id)
        app = await face.app()
        conversation = session.state.conversation
        await asyncio.to_thread(conversation.messages.read)
        text = await asyncio.to_thread(page, session.state)
        if text is None:
            raise ProtocolError("Nothing of this session was compacted.", "The agent is shown all of it.")
        path = await app.sessions.store.folder(session.id) / "compacted.md"
        return await show_written(self._server, path, text)

    def publish(self, publication: Publication) -> None:
        """Log what became of it; where a person asked for it and there is no view of ours, show it."""
        event = publication.event
        if isinstance(event, CompactionStarted) and event.cause == "person":
            self._asked.add(event.compaction_id)
        if (
            not isinstance(event, Compacted | CompactionFailed)
            or self._server.face.capabilities.takes_updates
        ):
            return
        failed = isinstance(event, CompactionFailed)
        text = f"Postil: {words.failed(event) if failed else words.done(event)}"
        kind = types.MessageType.Warning if failed else types.MessageType.Info
        if event.compaction_id in self._asked:
            self._asked.discard(event.compaction_id)
            self._server.window_show_message(types.ShowMessageParams(kind, text))
        else:
            self._server.window_log_message(types.LogMessageParams(kind, text))
