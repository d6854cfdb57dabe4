"""Editors that take no edits: answers are written into a document beside the one that is open, and what was sent from which is read from the record."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol
from urllib.parse import unquote

from lsprotocol import types

from postil.core.errors import JournalError, PostilError
from postil.core.events import PromptQueued, PromptReceived
from postil.workspace.files.uris import uri_to_path

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable, Sequence

    from postil.core.events import Recorded
    from postil.lsp.chat.document import ChatDocument
    from postil.lsp.chat.pages import Pages
    from postil.lsp.face import Face
    from postil.lsp.server import PostilServer

_MOST = 200
"""Sessions that are looked through, the newest first."""


class Room(Protocol):
    """Where the documents of sessions are."""

    pages: Pages

    async def other_page(self, document: ChatDocument, session_id: str) -> ChatDocument | None:
        """Return a document of a session that is not open in the editor, other than `document`."""
        ...

    async def bring_up(self, document: ChatDocument, session_id: str) -> None:
        """Have a document say what a session's record says."""
        ...


class Beside:
    """The documents of one connection that cannot be written into while they are open."""

    def __init__(self, room: Room, server: PostilServer, face: Face) -> None:
        self._room = room
        self._server = server
        self._face = face
        self._told: set[str] = set()
        """Documents of which was said that answers are written there."""

    def is_closed(self, uri: str) -> bool:
        """Whether a document is open in an editor that takes no edits: then nothing can be written into it."""
        return not self._face.capabilities.can_apply_edits and self._room.pages.shown(uri) is not None

    async def session_of(self, uri: str) -> str | None:
        """Return the session of a document that could not be told which one that is: the last one that was asked from there."""
        return (await self._sessions()).get(unquote(uri)) if self.is_closed(uri) else None

    async def taken(self) -> frozenset[str]:
        """Return the documents that sessions were asked from and that cannot say so: a new one by their name would be taken for them."""
        if self._face.capabilities.can_apply_edits:
            return frozenset()
        try:
            return frozenset(await self._sessions())
        except PostilError:
            return frozenset()  # A session cannot be asked then; whoever sends is told why.

    async def write(self, document: ChatDocument) -> None:
        """Have the answers of a document's session written into one that is not open, and say where that is."""
        session_id, room = document.session_id, self._room
        if session_id is None:
            return
        there = await room.other_page(document, session_id)
        if there is None:
            return
        await room.bring_up(there, session_id)
        if there.uri not in self._told:
            self._told.add(there.uri)
            words = (
                f"Postil: This editor takes no edits, so the answers are written to {uri_to_path(there.uri)}."
            )
            self._server.window_show_message(types.ShowMessageParams(types.MessageType.Info, words))

    async def _sessions(self) -> dict[str, str]:
        sessions = (await self._face.app()).sessions
        newest = [it.session_id for it in await sessions.list() if not it.parent]
        return await asked_from(newest[:_MOST], lambda session_id: sessions.events(session_id, 0))


async def asked_from(
    sessions: Iterable[str], read: Callable[[str], Awaitable[Sequence[Recorded]]]
) -> dict[str, str]:
    """Return which session was asked from which document, of the sessions that come first."""
    found: dict[str, str] = {}
    for session_id in sessions:
        try:
            events = await read(session_id)
        except JournalError:
            continue
        for it in events:
            prompt = it.event.prompt if isinstance(it.event, PromptQueued) else it.event
            if isinstance(prompt, PromptReceived) and prompt.anchor is not None:
                found.setdefault(unquote(prompt.anchor.uri), session_id)
    return found
