"""Cold memory: the index of a workspace's finished sessions and of its notes, brought up to what there is.

Sessions are read from their journals, one after the other and each only where it has changed; what is gone leaves the index.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable, Sequence
from pathlib import Path

from postil.core.errors import PostilError
from postil.core.origin import Source
from postil.core.ports import Recalled, Recollection
from postil.core.state import State
from postil.journal.listing import Summary
from postil.journal.store import SessionStore
from postil.memory.cold import session_document
from postil.memory.document import Document
from postil.memory.excerpt import excerpt
from postil.memory.forgotten import Forgotten
from postil.memory.notes import Note
from postil.memory.recall import Recall

log = logging.getLogger(__name__)

VERSION = 1
"""Of how sessions become documents; another one makes them be indexed again."""
ROOM = 20_000
"""Characters of a session that are loaded at a time."""


class Archive:
    """What the index is made from."""

    def __init__(self, store: SessionStore, root: Path, index_file: Path, forgotten: Forgotten) -> None:
        self._store = store
        self._root = root
        self._forgotten = forgotten
        self.recall = Recall(index_file)

    async def search(self, queries: Sequence[str], most: int) -> list[Recollection]:
        """Return what one to four wordings find, best first. Raises PostilError."""
        names = {it: (name, mark) for it, name, mark in await self.recall.listed()}
        found: list[Recollection] = []
        for hit in await self.recall.search(queries, most):
            chunks = await self.recall.chunks(hit.id)
            if hit.id in names and hit.chunk < len(chunks):
                name, origins = names[hit.id]
                shown = await asyncio.to_thread(excerpt, chunks[hit.chunk], queries)
                sources = sources_of(origins, self._root)
                found.append(Recollection(hit.id, name, shown, hit.chunk + 1, sources))
        return found

    async def load(self, session_id: str, piece: int) -> Recalled | None:
        """Return an indexed session from a piece on, as far as there is room. Raises PostilError."""
        names = {it: (name, mark) for it, name, mark in await self.recall.listed()}
        if session_id not in names:
            return None
        name, origins = names[session_id]
        chunks = await self.recall.chunks(session_id)
        last = _fitting(chunks, piece)
        text = "\n\n".join(chunks[piece - 1 : last])
        return Recalled(name, text, piece, last, len(chunks), sources_of(origins, self._root))

    async def refresh(self, notes: Iterable[Note]) -> None:
        """Bring the index up to the sessions and notes that there are. Raises PostilError and OSError.

        What could not be read is left for the next time.
        """
        have = {name: mark for name, _, mark in await self.recall.listed()}
        forgotten = await asyncio.to_thread(self._forgotten.ids)
        sessions = {it.session_id: it for it in await self._store.list(self._root)}
        by_id = {it.id: it for it in notes}
        changed = [it for it in by_id.values() if have.get(it.id) != it.mark]
        gone = [it for it in have if it in forgotten or (it not in sessions and it not in by_id)]
        # A note that was changed goes first: what it said before has to leave the file.
        gone += [it.id for it in changed if it.id in have]
        if gone:
            await self.recall.remove(gone)
        await self.recall.put(it.document for it in changed)
        for session_id, summary in sessions.items():
            if session_id not in forgotten and summary.finished:
                await self._index(summary, have.get(session_id, ""))

    async def shelve(self, state: State) -> None:
        """Index a session that goes on, as it is by now; `state` changes no more. Raises PostilError and OSError."""
        if state.workflow.session_id not in await asyncio.to_thread(self._forgotten.ids):
            await self.recall.put([await asyncio.to_thread(_document, state)])

    async def _index(self, summary: Summary, mark: str) -> None:
        if mark.partition("\n")[0] == _state_of(summary.seq):
            return
        try:
            document = await self._store.folded(summary.session_id, _document)
        except PostilError as error:
            log.info("session %s is not indexed: %s", summary.session_id, error)
            return
        await self.recall.put([document])


def sources_of(mark: str, root: Path) -> tuple[Source, ...]:
    """Return where the words of a document come from: the workspace, and what the session had read beside it."""
    found = [Source(origin="workspace", name=str(root))]
    for line in mark.split("\n")[1:]:
        origin, _, name = line.partition(" ")
        if origin in ("network", "mcp"):
            found.append(Source.model_validate({"origin": origin, "name": name}))
    return tuple(found)


def _fitting(chunks: Sequence[str], piece: int) -> int:
    """Return the last piece that there is room for, one at least."""
    room = ROOM
    for number in range(piece, len(chunks) + 1):
        room -= len(chunks[number - 1])
        if room < 0 and number > piece:
            return number - 1
    return max(piece - 1, len(chunks))


def _document(state: State) -> Document:
    workflow, messages = state.workflow, state.conversation.messages
    messages.read()
    foreign = (it.source for it in workflow.read if it.source.origin in ("network", "mcp"))
    origins = (f"{it.origin} {' '.join(it.name.split())}" for it in foreign)
    mark = "\n".join([_state_of(state.seq), *origins])
    return session_document(workflow.session_id, workflow.title, messages, mark)


def _state_of(seq: int) -> str:
    return f"{VERSION}:{seq}"
