"""The chat as a document: *Send*, *Stop*, *Continue* and answers in place, hover, completion of modes and models. Kind: submitting."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from lsprotocol import types

from postil.core.errors import ProtocolError
from postil.lsp.chat.uris import is_chat
from postil.lsp.client_requests import ClientRequestError
from postil.lsp.face import Face
from postil.lsp.features.chat_structure import register_structure
from postil.lsp.positions import Position
from postil.lsp.server import PostilServer
from postil.lsp.text_document import OpenDocument
from postil.lsp.values.chat_methods import (
    ChatAnswerParams,
    ChatOpenParams,
    ChatParams,
    ChatSendParams,
    ChatSent,
)
from postil.lsp.values.place_methods import DocumentResult
from postil.lsp.wire import Nothing
from postil.workspace.files.uris import uri_to_path

if TYPE_CHECKING:
    from postil.lsp.chat.document import ChatDocument
    from postil.lsp.chat.glance import Glance
    from postil.lsp.chat.offers import Offer
    from postil.lsp.chat.room import ChatRoom


def register(server: PostilServer) -> None:
    """Serve the methods, and what editors ask of chat documents."""
    chat = Chat(server)
    register_structure(server, chat)
    server.on_document.append(chat.look)
    server.on_end.append(chat.end)
    server.lenses.append(chat.lenses)
    server.actions.append(chat.actions)
    server.hovers.append(chat.hover)
    server.completions.append(chat.complete)
    server.serve_row("chat/new", chat.new)
    server.serve_row("chat/send", chat.send, chat.glance)
    server.serve_row("chat/answer", chat.answer, chat.glance)
    server.serve_row("chat/continue", chat.go_on)


class Chat:
    """Leads to the room of chat documents, which is loaded with the first of them."""

    def __init__(self, server: PostilServer) -> None:
        self._server = server
        self._room: ChatRoom | None = None

    @property
    def room(self) -> ChatRoom:
        """The documents of this connection."""
        if self._room is None:
            from postil.lsp.chat.room import ChatRoom  # noqa: PLC0415 - loaded with the first chat document

            self._room = ChatRoom(self._server, self._server.face)
        return self._room

    def is_chat(self, uri: str) -> bool:
        """Whether a document is a chat document, by where it lies."""
        return is_chat(uri)

    def known(self, uri: str) -> ChatDocument | None:
        """Return what is known of a chat document; None where it is none of this workspace's."""
        return self.room.document(uri)

    def look(self, uri: str) -> None:
        """Take note of what becomes of a chat document."""
        if self.is_chat(uri):
            self.room.look(uri)

    def end(self) -> None:
        """Write nothing more."""
        if self._room is not None:
            self._room.end()

    # Methods

    async def new(self, face: Face, params: ChatOpenParams) -> DocumentResult:
        """Make a document, and open it or say where it is."""
        room, session_id = self.room, params.session_id
        if session_id is not None and params.text:
            raise ProtocolError(
                "The document of a session takes no words.", "Write them there, and send them."
            )
        uri = await (
            room.written(session_id, params.uri) if session_id is not None else room.new(params.text)
        )
        if params.show and not await self._shown(face, uri):
            words = f"Postil: The chat is in {uri_to_path(uri)}."
            self._server.window_show_message(types.ShowMessageParams(types.MessageType.Info, words))
        return DocumentResult(uri=uri)

    def glance(self, params: ChatSendParams | ChatAnswerParams) -> Glance:
        """See what is written at the end, before the next key is."""
        return self.room.submitting.glance(params.uri)

    async def send(self, _: Face, params: ChatSendParams, seen: Glance) -> ChatSent:
        """Send what was written at the end."""
        return await self.room.submitting.send(params.uri, seen, steer=params.steer)

    async def answer(self, _: Face, params: ChatAnswerParams, seen: Glance) -> Nothing:
        """Answer in words."""
        await self.room.submitting.answer(params.uri, seen, params.question_id, params.option_id)
        return Nothing()

    async def go_on(self, _: Face, params: ChatParams) -> Nothing:
        """Write again what was undone."""
        await self.room.go_on(params.uri)
        return Nothing()

    # What editors ask

    async def lenses(self, face: Face, uri: str) -> Sequence[types.CodeLens]:
        """Return what can be done, above the lines that it concerns."""
        known = self._known(uri)
        if known is not None:
            await self.room.whose.look(_session_of(*known))
        before = Counter[int]()
        found: list[types.CodeLens] = []
        for it in self._offers(face, uri):
            command = types.Command(title=it.title, command=it.command, arguments=[it.argument])
            found.append(types.CodeLens(_place(it.line, before[it.line]), command=command))
            before[it.line] += 1
        return found

    def actions(self, face: Face, params: types.CodeActionParams) -> Iterable[types.CodeAction]:
        """Return what can be done at the lines of a range, and what can be done from anywhere."""
        first, last = params.range.start.line, params.range.end.line
        for it in self._offers(face, params.text_document.uri):
            if it.has_action or not (it.anywhere or first <= it.line <= last):
                continue
            title = f"Postil: {it.title}"
            command = types.Command(title=title, command=it.command, arguments=[it.argument])
            yield types.CodeAction(title, types.CodeActionKind.QuickFix, command=command)

    async def hover(self, face: Face, params: types.HoverParams) -> str:
        """Say more of the row of a call or a change."""
        known = self._known(params.text_document.uri)
        if known is None:
            return ""
        from postil.lsp.chat.form import parse  # noqa: PLC0415 - loaded with the first chat document
        from postil.lsp.chat.places import row_lines  # noqa: PLC0415
        from postil.lsp.chat.told_of_rows import told  # noqa: PLC0415

        document, text = known
        chat = parse(text)
        reply = document.telling.numbered(chat.at_line(params.position.line).turn)
        subject = row_lines(chat, reply).get(params.position.line) if reply is not None else None
        details = reply.details_of(subject) if reply is not None and subject is not None else None
        return told(details, markdown=face.capabilities.takes_markdown) if details is not None else ""

    async def complete(
        self, face: Face, params: types.CompletionParams, document: OpenDocument
    ) -> Sequence[types.CompletionItem]:
        """Return `/mode` and `/model`, and the names behind them."""
        if not self.is_chat(document.uri):
            return []
        at = document.offset_at(Position(params.position.line, params.position.character))
        line = document.source[:at].rpartition("\n")[2]
        if not line.startswith("/"):
            return []
        from postil.lsp.chat.commands import completed  # noqa: PLC0415 - loaded with the first chat document

        return await completed(face, line, params.position)

    # Within

    def _text(self, uri: str) -> str | None:
        document = self._server.open_document(uri) if self.is_chat(uri) else None
        return document.source if document is not None else None

    def _known(self, uri: str) -> tuple[ChatDocument, str] | None:
        text = self._text(uri)
        document = self.room.document(uri) if text is not None else None
        return (document, text) if document is not None and text is not None else None

    def _offers(self, face: Face, uri: str) -> Iterable[Offer]:
        known = self._known(uri)
        if known is None:
            return ()
        from postil.lsp.chat.offers import offers  # noqa: PLC0415 - loaded with the first chat document

        document, text = known
        elsewhere = self.room.whose.is_elsewhere(_session_of(document, text))
        return offers(face, document, text, elsewhere=elsewhere)

    async def _shown(self, face: Face, uri: str) -> bool:
        if not face.capabilities.can_show_documents:
            return False
        params = types.ShowDocumentParams(uri, take_focus=True)
        try:
            result = await self._server.request(types.WINDOW_SHOW_DOCUMENT, params, 10.0)
        except ClientRequestError:
            return False
        return result is not None and result.success


def _session_of(document: ChatDocument, text: str) -> str | None:
    """Return the session that a document shows, or says that it does."""
    from postil.lsp.chat.form import parse  # noqa: PLC0415 - loaded with the first chat document

    return document.session_id or parse(text).session_id


def _place(line: int, number: int) -> types.Range:
    """Return the place of a line's lens of that number: editors put those of one line in the order of their columns."""
    return types.Range(types.Position(line, number), types.Position(line, number))
