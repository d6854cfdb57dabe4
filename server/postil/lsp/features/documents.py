"""Documents that Postil writes for people, and what it learns from theirs. Kinds: inline, reading."""

from __future__ import annotations

import asyncio
from pathlib import Path

from lsprotocol import types

from postil.core.messages import AssistantMessage, Text, ToolMessage, UserMessage
from postil.core.state import State
from postil.lsp.client_requests import ClientRequestError
from postil.lsp.face import Face
from postil.lsp.server import PostilServer
from postil.lsp.values.place_methods import DocumentResult
from postil.lsp.values.session_methods import SessionParams
from postil.workspace.files.disk import PRIVATE_FILE
from postil.workspace.files.real_disk import RealDisk
from postil.workspace.files.uris import path_to_uri


def register(server: PostilServer) -> None:
    """Follow the user's documents and serve the transcript."""
    documents = Documents(server)
    server.serve_feature(types.TEXT_DOCUMENT_DID_OPEN, documents.did_open)
    server.serve_feature(types.TEXT_DOCUMENT_DID_CHANGE, documents.did_change)
    server.serve_feature(types.TEXT_DOCUMENT_DID_SAVE, documents.did_save)
    server.serve_feature(types.TEXT_DOCUMENT_DID_CLOSE, documents.did_close)
    server.serve_row("session/transcript", documents.transcript)


class Documents:
    """The user's open documents, as far as this face cares, and our own."""

    def __init__(self, server: PostilServer) -> None:
        self._server = server

    def did_open(self, params: types.DidOpenTextDocumentParams) -> None:
        """A document came into view. Some clients open one twice, which may bring a change that a writer waits for."""
        self._server.face.editor.note_shown(params.text_document.uri)
        self._server.face.look_at(params.text_document.uri)
        self._tell(params.text_document.uri)

    def did_change(self, params: types.DidChangeTextDocumentParams) -> None:
        """Wake who waits for a change."""
        self._server.face.active_uri = params.text_document.uri
        self._server.face.editor.note_change(params.text_document.uri)
        self._tell(params.text_document.uri)

    def did_save(self, params: types.DidSaveTextDocumentParams) -> None:
        """Wake who waits for a save."""
        self._server.face.editor.note_shown(params.text_document.uri)
        self._tell(params.text_document.uri)

    def did_close(self, params: types.DidCloseTextDocumentParams) -> None:
        """Wake who waits for a change, and look at another document."""
        face = self._server.face
        face.editor.note_change(params.text_document.uri)
        if face.active_uri == params.text_document.uri:
            left = self._server.open_documents()
            face.look_at(left[-1].uri if left else None)
        self._tell(params.text_document.uri)

    def _tell(self, uri: str) -> None:
        for watch in self._server.on_document:
            watch(uri)

    async def transcript(self, face: Face, params: SessionParams) -> DocumentResult:
        """Write the session as a Markdown file beside its journal and show it, or say where it is."""
        session = await face.session(params.session_id)
        app = await face.app()
        path = await app.sessions.store.folder(session.id) / "transcript.md"
        await asyncio.to_thread(session.state.conversation.messages.read)
        return await show_written(self._server, path, transcript(session.state))


async def show_written(server: PostilServer, path: Path, text: str) -> DocumentResult:
    """Write a document for the person and show it, or say where it is."""
    data = text.encode("utf-8", "replace")
    await asyncio.to_thread(RealDisk().replace, path, data, PRIVATE_FILE)
    uri = path_to_uri(path)
    if not (server.face.capabilities.can_show_documents and await _shown(server, uri)):
        words = f"Postil: The session is written to {path}."
        server.window_show_message(types.ShowMessageParams(types.MessageType.Info, words))
    return DocumentResult(uri=uri)


async def _shown(server: PostilServer, uri: str) -> bool:
    """Show a document; whether the client says that it does. Some answer null."""
    params = types.ShowDocumentParams(uri, take_focus=False)
    try:
        result = await server.request(types.WINDOW_SHOW_DOCUMENT, params, 10.0)
    except ClientRequestError:
        return False
    return result is not None and result.success


def transcript(state: State) -> str:
    """Return a session as Markdown: prompts and replies whole, calls as one line each."""
    parts = [f"# {state.workflow.title or 'Session'}"]
    for message in state.conversation.messages:
        if isinstance(message, UserMessage):
            parts.append(f"## You\n\n{message.text}")
        elif isinstance(message, AssistantMessage):
            words = "\n\n".join(block.text for block in message.content if isinstance(block, Text))
            parts.append(f"## Postil\n\n{words}".rstrip())
        else:
            parts.append(_calls(message))
    return "\n\n".join(parts) + "\n"


def _calls(message: ToolMessage) -> str:
    rows: list[str] = []
    for result in message.ordered:
        first = result.content.strip().split("\n", 1)[0][:120]
        rows.append(f"- {'failed: ' if result.is_error else ''}{first}")
    return "\n".join(rows)
