"""Edits of open documents through the editor: one writer for each document, one edit in flight, judged by the text.

Clients differ in what they answer to `workspace/applyEdit`: some say applied for an edit that they skipped,
some raise, some answer null. So the answer only ends the wait; whether the edit is in is read from the text
that `didChange` brings. Every edit names the version it was made for, and one that is not in is made again.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from typing import Any, Protocol

from lsprotocol import types

from postil.core.effects import text_hash
from postil.core.errors import EditRefused, StaleDocument
from postil.core.ports import Replacement
from postil.lsp.capabilities import Capabilities
from postil.lsp.client_requests import ClientGoneError, ClientRefusedError, ClientRequestError
from postil.lsp.text_document import OpenDocument
from postil.workspace.changes import minimal_changes

TRIES = 10
"""How often one edit is sent before the person is said to be typing."""
APPLY_SECONDS = 15.0
"""How long a client may take to answer; some ask their user first."""
SYNC_SECONDS = 5.0
"""How long `didChange` may take after the answer; some clients send it from an idle timer."""


class Client(Protocol):
    """What the writer needs of the server."""

    def open_document(self, uri: str) -> OpenDocument | None:
        """Return the document if it is open."""
        ...

    async def request(self, method: str, params: Any | None = None, timeout: float = 30.0) -> Any:
        """Ask the client; raises ClientRequestError."""
        ...


class DocumentWriter:
    """Makes edits in the editor's own buffers, so that they are in its undo and nothing typed is overwritten."""

    def __init__(self, client: Client, capabilities: Capabilities) -> None:
        self._client = client
        self._capabilities = capabilities
        self._locks: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._changed: defaultdict[str, asyncio.Event] = defaultdict(asyncio.Event)
        self._expected: dict[str, str] = {}
        self._seen: set[str] = set()

    def document_changed(self, uri: str) -> None:
        """Take note that a `didChange` has been applied; called for each change in it, in order."""
        expected = self._expected.get(uri)
        if expected is not None:
            document = self._client.open_document(uri)
            if document is not None and document.source == expected:
                self._seen.add(uri)
        self._changed[uri].set()

    def document_closed(self, uri: str) -> None:
        """Wake who waits: a closed document changes no more."""
        self._changed[uri].set()

    async def replace(self, uri: str, change: Replacement) -> None:
        """Make the change; return when the editor's text has it.

        Raises StaleDocument where the text is not what the change was made for, and EditRefused where the
        editor does not take it.
        """
        async with self._locks[uri]:
            self._expected[uri] = change.after
            self._seen.discard(uri)
            try:
                await self._until_in(uri, change)
            finally:
                self._expected.pop(uri, None)

    async def _until_in(self, uri: str, change: Replacement) -> None:
        refused = ""
        for attempt in range(TRIES):
            document = self._client.open_document(uri)
            if document is None:
                raise StaleDocument(
                    f"{change.path.name} was closed while it was being edited.", "Read it again."
                )
            if text_hash(document.source) != text_hash(change.before):
                raise StaleDocument(f"{change.path.name} changed since it was read.", "Read it again.")
            refused = await self._send(uri, document, change)
            if await self._is_in(uri, document, change):
                return
            await asyncio.sleep(min(0.05 * attempt, 0.5))
        raise EditRefused(
            f"The editor did not take the edit of {change.path.name}: {refused or 'no change came'}."
        )

    async def _send(self, uri: str, document: OpenDocument, change: Replacement) -> str:
        """Send the edit for the document's version; return what the client had against it, if it said."""
        self._changed[uri].clear()
        params = types.ApplyWorkspaceEditParams(
            edit=types.WorkspaceEdit(document_changes=[self._edit(document, change)]),
            label=f"Postil: {change.label}" if self._capabilities.wants_labels else None,
        )
        try:
            result = await self._client.request(types.WORKSPACE_APPLY_EDIT, params, APPLY_SECONDS)
        except ClientGoneError as error:
            raise EditRefused("The editor is gone.") from error
        except ClientRefusedError as error:
            return error.reply.message
        except ClientRequestError as error:
            return str(error)
        return getattr(result, "failure_reason", None) or ""

    async def _is_in(self, uri: str, document: OpenDocument, change: Replacement) -> bool:
        """Wait for `didChange` and say whether the edit is in; another text than before is StaleDocument."""
        if document.source == change.before and uri not in self._seen:
            try:
                async with asyncio.timeout(SYNC_SECONDS):
                    await self._changed[uri].wait()
            except TimeoutError:
                return False
        if uri in self._seen or document.source == change.after:
            return True
        if document.source == change.before:
            return False
        raise StaleDocument(f"{change.path.name} changed while it was being edited.", "Read it again.")

    def _edit(self, document: OpenDocument, change: Replacement) -> types.TextDocumentEdit:
        def position(offset: int) -> types.Position:
            line, character = document.position_at(offset)
            return types.Position(line, character)

        edits = [
            types.TextEdit(types.Range(position(it.start), position(it.end)), it.text)
            for it in minimal_changes(change.before, change.after)
        ]
        version = document.version
        if version == 0 and not self._capabilities.checks_version_zero:
            version = 1
        return types.TextDocumentEdit(
            types.OptionalVersionedTextDocumentIdentifier(uri=document.uri, version=version), list(edits)
        )
