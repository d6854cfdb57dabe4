"""Edits of open documents through the editor: one writer for each document, one edit in flight, judged by the text.

Clients differ in what they answer to `workspace/applyEdit`: some say applied for an edit that they skipped,
some raise, some answer null. So the answer only ends the wait; whether the edit is in is read from the text
that `didChange` brings. Every edit names the version it was made for. It is sent again only where a change
came and the text is as before: without one, the editor may have made the edit and not have said so yet, and a
second one would then be made twice. Nor is one that is half announced: the other half is on its way.

Typing always wins: an edit whose version is not that of the text any more is not made. One that follows typing is carried over
to the new text where the two do not touch, and sent again at once: the moment after a change is the one in which the next
key is furthest away. That needs a clear no of the editor, so that it cannot be in both.
"""

from __future__ import annotations

import asyncio
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Any, NamedTuple, Protocol, TypeVar

from lsprotocol import types

from postil.core.errors import EditRefused, StaleDocument
from postil.core.ports import Replacement
from postil.lsp.capabilities import Capabilities
from postil.lsp.client_requests import ClientGoneError, ClientRefusedError, ClientRequestError
from postil.lsp.text_document import OpenDocument
from postil.workspace.texts.changes import (
    TextChange,
    apart,
    apply_changes,
    carried_over,
    invert_changes,
    minimal_changes,
)

T = TypeVar("T")

TRIES = 10
"""How often one edit is sent for one and the same text."""
FOLLOW_SECONDS = 60.0
"""How long an edit is carried over to what is typed."""
APPLY_SECONDS = 15.0
"""How long a client may take to answer; some ask their user first."""
SYNC_SECONDS = 5.0
"""How long `didChange` may take after an answer that is no yes."""
APPLIED_SECONDS = 10.0
"""How long it may take after a yes; some clients send it from an idle timer, and not while keys are pressed."""
PIECE_SECONDS = 2.0
"""How long the next piece of an edit may take that is announced piece by piece."""
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


class _Said(NamedTuple):
    """What a client answered."""

    against: str | None = None
    """What it has against the edit, None where it says that it has made it."""
    not_made: bool = False
    """Whether it says in so many words that it has not made it."""


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

    async def offer(
        self,
        uri: str,
        make: Callable[[str], Sequence[TextChange]],
        label: str,
        patience: float = SYNC_SECONDS,
    ) -> None:
        """Send, once, the changes that `make` wants of the text as it is now; return when the client has answered and announced
        a change, all of its pieces where it makes one by one, or has said no and announced none for a while. Whether they are in is for
        the caller to read from the text.

        Raises EditRefused where the editor takes no edits, or is gone.
        """
        if not self._capabilities.can_apply_edits:
            raise EditRefused("This editor takes no edits.")
        async with self._locks[uri]:
            document = self._client.open_document(uri)
            changes = make(document.source) if document is not None else ()
            if document is None or not changes:
                return
            before = document.source
            self._changed[uri].clear()
            said = await self._send(self._placed(document, changes), label)
            with suppress(TimeoutError):
                async with asyncio.timeout(APPLIED_SECONDS if said.against is None else patience):
                    await self._changed[uri].wait()
                await self._whole(uri, before, changes)

    async def _whole(self, uri: str, before: str, changes: Sequence[TextChange]) -> None:
        """Return when a text does not stand between the pieces of an edit any more. Raises TimeoutError where no more of them come."""
        pieces, after = sorted(changes, key=lambda it: it.start), apply_changes(before, changes)
        while (now := self._client.open_document(uri)) and _is_between(before, after, pieces, now.source):
            self._changed[uri].clear()
            async with asyncio.timeout(PIECE_SECONDS):
                await self._changed[uri].wait()

    async def quiet(self, uri: str, seconds: float, at_most: float) -> None:
        """Return when a document was not changed for a while."""
        with suppress(TimeoutError):
            async with asyncio.timeout(at_most):
                still = False
                while not still:
                    self._changed[uri].clear()
                    try:
                        async with asyncio.timeout(seconds):
                            await self._changed[uri].wait()
                    except TimeoutError:
                        still = True

    async def _until_in(self, uri: str, change: Replacement) -> None:
        end, tries = time.monotonic() + FOLLOW_SECONDS, 0
        while tries < TRIES:
            document = self._document(uri, change)
            if document.source != change.before:
                carried = await _carried(change, document.source) if time.monotonic() < end else None
                if carried is None:
                    raise StaleDocument(f"{change.path.name} changed since it was read.", "Read it again.")
                change, tries = carried, 0
                self._expected[uri] = change.after
                self._seen.discard(uri)
            edit = await self._edit(document, change)
            if edit is None:
                continue  # It moved on meanwhile.
            tries += 1
            self._changed[uri].clear()
            said = await self._send(edit, change.label)
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

    async def _send(self, edit: types.TextDocumentEdit, label: str) -> _Said:
        """Send the edit; return what the client says."""
        params = types.ApplyWorkspaceEditParams(
            edit=types.WorkspaceEdit(document_changes=[edit]),
            label=f"Postil: {label}" if self._capabilities.wants_labels else None,
        )
        try:
            result = await self._client.request(types.WORKSPACE_APPLY_EDIT, params, APPLY_SECONDS)
        except ClientGoneError as error:
            raise EditRefused("The editor is gone.") from error
        except ClientRefusedError as error:
            return _Said(error.reply.message)
        except ClientRequestError as error:
            return _Said(str(error))
        applied = getattr(result, "applied", None)
        if applied is True:
            return _Said()
        why = getattr(result, "failure_reason", None) or "it said no"
        return _Said(why, not_made=applied is False)

    async def _is_in(self, uri: str, change: Replacement, said: _Said) -> bool:
        """Wait until the text shows whether the edit is in; False where a change came and it can be sent for what is there."""
        try:
            async with asyncio.timeout(APPLIED_SECONDS if said.against is None else SYNC_SECONDS):
                while uri not in self._seen:
                    now = self._document(uri, change).source
                    if now != change.before:
                        # Cleared first: a change may come while texts are compared.
                        self._changed[uri].clear()
                        if said.not_made and await _carried(change, now) is not None:
                            return False
                        if not await _compared(change, now, _has_begun):
                            break
                    elif self._changed[uri].is_set():
                        return False
                    await self._changed[uri].wait()
        except TimeoutError:
            raise EditRefused(_never_came(change, said.against), "Read it again.") from None
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

        return self._placed(document, changes)

    def _placed(self, document: OpenDocument, changes: Sequence[TextChange]) -> types.TextDocumentEdit:
        def position(offset: int) -> types.Position:
            line, character = document.position_at(offset)
            return types.Position(line, character)

        edits = [types.TextEdit(types.Range(position(it.start), position(it.end)), it.text) for it in changes]
        version = document.version
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


async def _carried(change: Replacement, now: str) -> Replacement | None:
    """Return the change as it is to be made in a text that was typed in since; None where it may not, or the two touch."""
    if not change.follows_typing:
        return None
    after = await _compared(change, now, lambda it, now: carried_over(it.before, it.after, now))
    return None if after is None else replace(change, before=now, after=after)


def _has_begun(change: Replacement, now: str) -> bool:
    """Whether a text has the last pieces of an edit and not yet those before them.

    Neovim makes an edit piece by piece, from the last to the first, and may announce some before the others.
    """
    before, after = change.before, change.after
    return _is_between(before, after, minimal_changes(before, after), now)


def _is_between(before: str, after: str, pieces: Sequence[TextChange], now: str) -> bool:
    """Whether a text has the last of these pieces, which are in order, and not yet those before them."""
    grown = 0
    for piece in reversed(pieces):
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
