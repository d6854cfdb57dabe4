"""Outline, folds and links of chat documents, and of no others: a client that can be told so asks for no other's. Kind: reading."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Protocol

from lsprotocol import types

from postil.lsp.client_requests import ClientRequestError
from postil.lsp.face import Face
from postil.lsp.server import PostilServer
from postil.lsp.text_document import OpenDocument
from postil.workspace.files.uris import uri_to_path

if TYPE_CHECKING:
    from postil.lsp.chat.document import ChatDocument

log = logging.getLogger(__name__)

CHAT_FILES = "**/.postil/chat/*.md"
"""Where chat documents are, as a pattern."""
_ID = "postil-chat"


class Chats(Protocol):
    """What is needed of the feature that has the chat documents."""

    def is_chat(self, uri: str) -> bool:
        """Whether a document is a chat document."""
        ...

    def known(self, uri: str) -> ChatDocument | None:
        """Return what is known of one."""
        ...


def register_structure(server: PostilServer, chats: Chats) -> None:
    """Serve what editors ask; of a client that takes registrations, for chat documents alone."""
    structure = Structure(server, chats)
    server.serve_feature(types.TEXT_DOCUMENT_DOCUMENT_SYMBOL, structure.symbols)
    server.serve_feature(types.TEXT_DOCUMENT_FOLDING_RANGE, structure.folds)
    server.serve_feature(types.TEXT_DOCUMENT_DOCUMENT_LINK, structure.links)
    server.on_capabilities.append(structure.announce)
    server.on_ready.append(structure.begin)
    server.on_end.append(structure.end)


class Structure:
    """The handlers, and their registration."""

    def __init__(self, server: PostilServer, chats: Chats) -> None:
        self._server = server
        self._chats = chats
        self._asking: asyncio.Task[None] | None = None

    def announce(self, capabilities: types.ServerCapabilities) -> None:
        """Leave out of the answer to `initialize` what is registered afterwards: it would be for every language."""
        later = self._server.face.capabilities.registers
        if types.TEXT_DOCUMENT_DOCUMENT_SYMBOL in later:
            capabilities.document_symbol_provider = None
        if types.TEXT_DOCUMENT_FOLDING_RANGE in later:
            capabilities.folding_range_provider = None
        if types.TEXT_DOCUMENT_DOCUMENT_LINK in later:
            capabilities.document_link_provider = None

    def begin(self, face: Face) -> None:
        """Register what the client takes a registration of."""
        if face.capabilities.registers:
            self._asking = asyncio.create_task(self._ask(sorted(face.capabilities.registers)))

    def end(self) -> None:
        """Wait for no answer any more."""
        if self._asking is not None:
            self._asking.cancel()

    async def _ask(self, methods: list[str]) -> None:
        chats = types.TextDocumentFilterPattern(pattern=CHAT_FILES, scheme="file")
        options = types.TextDocumentRegistrationOptions([chats])
        wanted = [types.Registration(f"{_ID}-{it.rpartition('/')[2]}", it, options) for it in methods]
        try:
            await self._server.request(types.CLIENT_REGISTER_CAPABILITY, types.RegistrationParams(wanted))
        except ClientRequestError as error:
            log.info("chat documents are not outlined, folded and linked: %s", error)

    def symbols(
        self, params: types.DocumentSymbolParams
    ) -> list[types.DocumentSymbol] | list[types.SymbolInformation] | None:
        """Return the outline of a chat document."""
        uri = params.text_document.uri
        document = self._document(uri)
        if document is None:
            return None
        from postil.lsp.chat.outline import symbols  # noqa: PLC0415 - loaded with the first chat document

        return symbols(document.source, uri, nested=self._server.face.capabilities.nests_symbols)

    def folds(self, params: types.FoldingRangeParams) -> list[types.FoldingRange] | None:
        """Return what folds in a chat document."""
        document = self._document(params.text_document.uri)
        if document is None:
            return None
        from postil.lsp.chat.outline import folds  # noqa: PLC0415 - loaded with the first chat document

        return folds(document.source, headings=not self._server.face.capabilities.folds_markdown)

    async def links(self, params: types.DocumentLinkParams) -> list[types.DocumentLink] | None:
        """Return the links of a chat document: of replies to files and lines, of prompts to what they mention."""
        uri = params.text_document.uri
        document, path = self._document(uri), uri_to_path(uri)
        chat = self._chats.known(uri) if document is not None else None
        if document is None or path is None or chat is None:
            return None
        from postil.lsp.chat.mention_links import mention_links  # noqa: PLC0415 - loaded with the first chat document
        from postil.lsp.chat.outline import links  # noqa: PLC0415 - see above

        def position(offset: int) -> types.Position:
            return types.Position(*document.position_at(offset))

        text, root = document.source, path.parent.parent.parent
        found = list(links(text, path.parent, position))
        mentioned = await asyncio.to_thread(lambda: list(mention_links(text, chat.telling, root)))
        if document.source != text:
            return found  # What is typed meanwhile has moved them; the editor asks again.
        for it in mentioned:
            where = types.Range(position(it.start), position(it.end))
            found.append(types.DocumentLink(where, target=it.target))
        return found

    def _document(self, uri: str) -> OpenDocument | None:
        return self._server.open_document(uri) if self._chats.is_chat(uri) else None
