"""Cold memory: the index of a workspace's finished sessions and of its notes, brought up to what there is.

Sessions are read from their journals, one after the other and each only where it has changed; what is gone leaves the index.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable
from pathlib import Path

from postil.core.errors import PostilError
from postil.core.origin import Source
from postil.core.state import State
from postil.journal.listing import Summary
from postil.journal.store import SessionStore
from postil.memory.cold import session_document
from postil.memory.document import Document
from postil.memory.forgotten import Forgotten
from postil.memory.notes import Note
from postil.memory.recall import Recall

log = logging.getLogger(__name__)

VERSION = 1
"""Of how sessions become documents; another one makes them be indexed again."""
_FINISHED = frozenset({"clean", "stopped", "interrupted", "question"})
"""Where a session stands that no process writes. One that is open elsewhere is indexed once it is left."""


class Archive:
    """What the index is made from."""

    def __init__(self, store: SessionStore, root: Path, recall: Recall, forgotten: Forgotten) -> None:
        self._store = store
        self._root = root
        self._recall = recall
        self._forgotten = forgotten

    async def refresh(self, notes: Iterable[Note]) -> None:
        """Bring the index up to the sessions and notes that there are. Raises PostilError and OSError.

        What could not be read is left for the next time.
        """
        have = {name: mark for name, _, mark in await self._recall.listed()}
        forgotten = await asyncio.to_thread(self._forgotten.ids)
        sessions = {it.session_id: it for it in await self._store.list(self._root)}
        by_id = {it.id: it for it in notes}
        changed = [it for it in by_id.values() if have.get(it.id) != it.mark]
        gone = [it for it in have if it in forgotten or (it not in sessions and it not in by_id)]
        # A note that was changed goes first: what it said before has to leave the file.
        gone += [it.id for it in changed if it.id in have]
        if gone:
            await self._recall.remove(gone)
        await self._recall.put(it.document for it in changed)
        for session_id, summary in sessions.items():
            if session_id not in forgotten and is_finished(summary):
                await self._index(summary, have.get(session_id, ""))

    async def shelve(self, state: State) -> None:
        """Index a session that goes on, as it is by now; `state` changes no more. Raises PostilError and OSError."""
        if state.workflow.session_id not in await asyncio.to_thread(self._forgotten.ids):
            await self._recall.put([await asyncio.to_thread(_document, state)])

    async def _index(self, summary: Summary, mark: str) -> None:
        if mark.partition("\n")[0] == _state_of(summary.seq):
            return
        try:
            document = await self._store.folded(summary.session_id, _document)
        except PostilError as error:
            log.info("session %s is not indexed: %s", summary.session_id, error)
            return
        await self._recall.put([document])


def sources_of(mark: str, root: Path) -> tuple[Source, ...]:
    """Return where the words of a document come from: the workspace, and what the session had read beside it."""
    found = [Source(origin="workspace", name=str(root))]
    for line in mark.split("\n")[1:]:
        origin, _, name = line.partition(" ")
        if origin in ("network", "mcp"):
            found.append(Source.model_validate({"origin": origin, "name": name}))
    return tuple(found)


def is_finished(summary: Summary) -> bool:
    """Whether no process writes the session, and it can be read."""
    return summary.status in _FINISHED and not summary.problem


def _document(state: State) -> Document:
    workflow, messages = state.workflow, state.conversation.messages
    messages.read()
    foreign = (it.source for it in workflow.read if it.source.origin in ("network", "mcp"))
    origins = (f"{it.origin} {' '.join(it.name.split())}" for it in foreign)
    mark = "\n".join([_state_of(state.seq), *origins])
    return session_document(workflow.session_id, workflow.title, messages, mark)


def _state_of(seq: int) -> str:
    return f"{VERSION}:{seq}"
