"""Edits of open documents through the editor: one writer for each document, one edit in flight, judged by the text.

Clients differ in what they answer to `workspace/applyEdit`: some say applied for an edit that they skipped,
some raise, some answer null. So the answer only ends the wait; whether the edit is in is read from the text
that `didChange` brings. Every edit names the version it was made for. It is sent again only where a change
came and the text is as before: without one, the editor may have made the edit and not have said so yet, and a
second one would then be made twice. Nor is one that is half announced: the other half is on its way.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Callable
from typing import Any, Protocol, TypeVar

from lsprotocol import types

from postil.core.errors import EditRefused, StaleDocument
from postil.core.ports import Replacement
from postil.lsp.capabilities import Capabilities
from postil.lsp.client_requests import ClientGoneError, ClientRefusedError, ClientRequestError
from postil.lsp.text_document import OpenDocument
from postil.workspace.texts.changes import apart, invert_changes, minimal_changes

T = TypeVar("T")

TRIES = 10
"""How often one edit is sent before the person is said to be typing."""
APPLY_SECONDS = 15.0
"""How long a client may take to answer; some ask their user first."""
SYNC_SECONDS = 5.0
"""How long `didChange` may take after an answer that is no yes."""
APPLIED_SECONDS = 10.0
"""How long it may take after a yes; some clients send it from an idle timer, and not while keys are pressed."""
LARGE = 50_000
"""Characters from which on texts are compared in a thread."""


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
        """Take note that the document was changed, opened again or closed."""
        document = self._client.open_document(uri)
        if document is not None and document.source == self._expected.get(uri):
            self._seen.add(uri)
        self._changed[uri].set()

    async def replace(self, uri: str, change: Replacement) -> None:
        """Make the change; return when the editor's text has it.

        Raises StaleDocument where the text is not what the change was made for, and EditRefused where the
        editor does not take it.
        """
        if not self._capabilities.can_apply_edits:
            raise EditRefused(
                f"{change.path.name} is open in an editor that takes no edits.",
                "Ask the user to close it there; then the file itself can be edited.",
            )
        async with self._locks[uri]:
            self._expected[uri] = change.after
            self._seen.discard(uri)
            try:
                await self._until_in(uri, change)
            finally:
                self._expected.pop(uri, None)

    async def _until_in(self, uri: str, change: Replacement) -> None:
        for _ in range(TRIES):
            document = self._document(uri, change)
            if document.source != change.before:
                raise StaleDocument(f"{change.path.name} changed since it was read.", "Read it again.")
            edit = await self._edit(document, change)
            if edit is None:
                continue
            self._changed[uri].clear()
            said = await self._send(edit, change)
            if await self._is_in(uri, change, said):
                return
        raise EditRefused(
            f"The editor did not take the edit of {change.path.name}: its version is never ours."
        )

    def _document(self, uri: str, change: Replacement) -> OpenDocument:
        document = self._client.open_document(uri)
        if document is None:
            raise StaleDocument(f"{change.path.name} was closed while it was being edited.", "Read it again.")
        return document

    async def _send(self, edit: types.TextDocumentEdit, change: Replacement) -> str | None:
        """Send the edit; return what the client has against it, None where it says that it has made it."""
        params = types.ApplyWorkspaceEditParams(
            edit=types.WorkspaceEdit(document_changes=[edit]),
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
        if getattr(result, "applied", None) is True:
            return None
        return getattr(result, "failure_reason", None) or "it said no"

    async def _is_in(self, uri: str, change: Replacement, said: str | None) -> bool:
        """Wait until the text shows whether the edit is in; False where a change came and it is as before."""
        try:
            async with asyncio.timeout(APPLIED_SECONDS if said is None else SYNC_SECONDS):
                while uri not in self._seen:
                    now = self._document(uri, change).source
                    if now != change.before:
                        # Cleared first: a change may come while texts are compared.
                        self._changed[uri].clear()
                        if not await _compared(change, now, _has_begun):
                            break
                    elif self._changed[uri].is_set():
                        return False
                    await self._changed[uri].wait()
        except TimeoutError:
            raise EditRefused(_never_came(change, said), "Read it again.") from None
        now = change.after if uri in self._seen else self._document(uri, change).source
        if now == change.after or await _compared(change, now, _holds):
            return True
        raise StaleDocument(f"{change.path.name} changed while it was being edited.", "Read it again.")

    async def _edit(self, document: OpenDocument, change: Replacement) -> types.TextDocumentEdit | None:
        """Return the smallest edit for the document's version, None where the document moved on meanwhile."""
        version = document.version
        changes = await _compared(change, "", lambda it, _: minimal_changes(it.before, it.after))
        if document.version != version or document.source != change.before:
            return None

        def position(offset: int) -> types.Position:
            line, character = document.position_at(offset)
            return types.Position(line, character)

        edits = [types.TextEdit(types.Range(position(it.start), position(it.end)), it.text) for it in changes]
        if version == 0 and not self._capabilities.checks_version_zero:
            version = 1
        return types.TextDocumentEdit(
            types.OptionalVersionedTextDocumentIdentifier(uri=document.uri, version=version), list(edits)
        )


async def _compared(change: Replacement, now: str, compare: Callable[[Replacement, str], T]) -> T:
    """Compare texts; large ones in a thread, where they hold nobody up."""
    if len(change.before) + len(change.after) + len(now) < LARGE:
        return compare(change, now)
    return await asyncio.to_thread(compare, change, now)


def _has_begun(change: Replacement, now: str) -> bool:
    """Whether a text has the last pieces of an edit and not yet those before them.

    Neovim makes an edit piece by piece, from the last to the first, and may announce some before the others.
    """
    before, after = change.before, change.after
    grown = 0
    for piece in reversed(minimal_changes(before, after)):
        grown += len(piece.text) - (piece.end - piece.start)
        rest = len(before) - piece.start + grown
        if len(now) == piece.start + rest and now == before[: piece.start] + after[len(after) - rest :]:
            return now != after
    return False


def _holds(change: Replacement, now: str) -> bool:
    """Whether a text has the edit, and beside it what was typed in the same moment.

    It has, where what was typed can be told apart from the edit, and cannot be told apart from its absence.
    """
    there = minimal_changes(change.before, change.after)
    back = invert_changes(change.before, there)
    typed = minimal_changes(change.after, now)
    return apart(typed, back) and not apart(minimal_changes(change.before, now), there)


def _never_came(change: Replacement, said: str | None) -> str:
    if said is None:
        return f"The editor said that it made the edit of {change.path.name}, but announced no change."
    return f"The editor did not take the edit of {change.path.name}: {said}."
