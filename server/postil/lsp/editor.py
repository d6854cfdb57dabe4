"""The core's `Editor` port over the client: open documents, edits through it, saving through it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Any, Protocol

from postil.core.ports import OpenDocument as OpenFile
from postil.core.ports import Problem, Replacement, SymbolPlace, SymbolQuery
from postil.lsp.capabilities import Capabilities
from postil.lsp.client_requests import ClientRequestError
from postil.lsp.diagnostics import problems
from postil.lsp.document_writer import DocumentWriter
from postil.lsp.text_document import OpenDocument
from postil.lsp.told_symbols import symbols
from postil.lsp.values.client_methods import CLIENT_SAVE
from postil.workspace.files.uris import path_to_uri, uri_to_path

SAVE_SECONDS = 20.0
"""How long a client may take to save; formatters run then."""


class Client(Protocol):
    """What the port needs of the server."""

    def open_documents(self) -> Sequence[OpenDocument]:
        """Return every open document."""
        ...

    def open_document(self, uri: str) -> OpenDocument | None:
        """Return the document if it is open."""
        ...

    async def request(self, method: str, params: Any | None = None, timeout: float = 30.0) -> Any:
        """Ask the client; raises ClientRequestError."""
        ...


class LspEditor:
    """The documents that the client has open."""

    def __init__(self, client: Client, capabilities: Capabilities) -> None:
        self._client = client
        self._capabilities = capabilities
        self.writer = DocumentWriter(client, capabilities)
        self._changed: asyncio.Future[None] | None = None
        self._watching: list[Callable[[OpenFile], None]] = []
        self._early: dict[str, OpenFile] = {}
        """Documents as they were when they were opened or saved before anybody watched."""

    @property
    def can_save(self) -> bool:
        """Whether the client serves saving."""
        return self._capabilities.can_save

    @property
    def tells_open(self) -> bool:
        """The client tells of each document that is opened and closed."""
        return True

    async def learn(self, paths: Sequence[Path] | None) -> None:
        """There is nothing to ask: the client tells of each change."""

    def document(self, path: Path) -> OpenFile | None:
        """Return the open document at `path`."""
        found = self._find(path)
        return None if found is None else OpenFile(path, found.source, found.version or 0)

    def documents(self) -> Sequence[OpenFile]:
        """Return all open documents that are files."""
        opened: list[OpenFile] = []
        for document in self._client.open_documents():
            path = uri_to_path(document.uri)
            if path is not None:
                opened.append(OpenFile(path, document.source, document.version or 0))
        return opened

    def changed(self) -> Awaitable[None]:
        """Return what is done at the next change, save or closing of a document."""
        if self._changed is None or self._changed.done():
            self._changed = asyncio.get_running_loop().create_future()
        return asyncio.shield(self._changed)

    def note_change(self, uri: str) -> None:
        """Take note that a document was changed, saved, opened again or closed."""
        self.writer.document_changed(uri)
        if self._changed is not None and not self._changed.done():
            self._changed.set_result(None)

    def watch(self, shown: Callable[[OpenFile], None]) -> None:
        """Call `shown` with each document that is opened or saved from now on."""
        self._watching.append(shown)

    def note_shown(self, uri: str) -> None:
        """Take note that a document was opened or saved: it most likely shows its file."""
        self.note_change(uri)
        path, document = uri_to_path(uri), self._client.open_document(uri)
        if path is None or document is None:
            return
        opened = OpenFile(path, document.source, document.version or 0)
        if not self._watching:
            known = {it: early for it, early in self._early.items() if self._client.open_document(it)}
            self._early = known | {uri: opened}
        for shown in self._watching:
            shown(opened)

    def note_watched(self) -> None:
        """Tell those that have begun to watch of what was opened before, as it was then: it was typed in since."""
        early, self._early = self._early, {}
        for uri, opened in early.items():
            if self._client.open_document(uri) is not None:
                for shown in self._watching:
                    shown(opened)

    async def replace(self, change: Replacement) -> None:
        """Make the change in the editor's buffer. Raises StaleDocument, EditRefused."""
        found = self._find(change.path)
        await self.writer.replace(found.uri if found is not None else path_to_uri(change.path), change)

    async def save(self, path: Path) -> bool:
        """Save through the client; False where it does not offer that, or could not."""
        found = self._find(path)
        if found is None or not self.can_save:
            return False
        try:
            result = await self._client.request(CLIENT_SAVE, {"uri": found.uri}, SAVE_SECONDS)
        except ClientRequestError:
            return False
        return _saved(result)

    async def diagnostics(self, path: Path, version: int) -> Sequence[Problem] | None:
        """Return what other servers find in this version of the document; None where that is not known in time."""
        found = self._find(path)
        if found is None or not self._capabilities.can_report_diagnostics:
            return None
        return await problems(self._client, found.uri, version)

    async def symbols(self, query: SymbolQuery) -> Sequence[SymbolPlace] | None:
        """Return where other servers say that a symbol is used or defined; None where the client does not offer that."""
        if not self._capabilities.can_tell_symbols:
            return None
        found = self._find(query.at.path)
        return await symbols(self._client, found.uri if found is not None else "", query)

    def _find(self, path: Path) -> OpenDocument | None:
        found = self._client.open_document(path_to_uri(path))
        if found is not None:
            return found
        # Clients escape URIs in their own ways; the path behind it is what counts.
        return next((it for it in self._client.open_documents() if uri_to_path(it.uri) == path), None)


def _saved(result: Any) -> bool:
    saved = result.get("saved") if isinstance(result, dict) else getattr(result, "saved", None)  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]
    return saved is True
