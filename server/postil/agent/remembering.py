"""What is remembered of one workspace: hot memory for a session that begins, notes, and the search of all that was before."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from postil.core.errors import PostilError
from postil.core.origin import mark
from postil.core.ports import EarlierSession, Recalled, Search
from postil.core.remembered import MemoryInForce
from postil.core.state import State, Workflow
from postil.journal.layout import INDEX
from postil.journal.snapshot import freeze
from postil.journal.store import SessionStore
from postil.memory.forgotten import Forgotten
from postil.memory.hot import hot_memory
from postil.memory.instructions import Instructions, changed
from postil.memory.nearest import nearer_instructions
from postil.memory.notes import Notes

if TYPE_CHECKING:
    from postil.agent.archive import Archive

log = logging.getLogger(__name__)

SOON = 1.0
"""Seconds after a session has begun: its first request goes first."""
PATIENCE = 2.0
"""Seconds that a search waits for what is new to be indexed; after that it searches what is."""
_MOST_NEWS = 20


@dataclass(frozen=True, slots=True)
class Remembered:
    """A note or a session in a list."""

    id: str
    title: str
    path: Path | None
    """The file of a note."""
    changed: float
    """When it was last written, in seconds since the epoch."""


class Remembering:
    """The memory of one workspace, for all of its sessions."""

    def __init__(
        self, home: Path, root: Path, store: SessionStore, instructions: Instructions, notes: Notes
    ) -> None:
        """`home` is the workspace's folder of state. Its name is an id that who writes the workspace's files does not know."""
        self._root = root
        self._store = store
        self._instructions = instructions
        self._notes = notes
        self._key = home.name
        self._index_file = home / INDEX
        self._forgotten = Forgotten(home / "forgotten.json")
        self._archive: Archive | None = None
        self._refreshing: asyncio.Task[None] | None = None
        self._again = False
        self._soon: asyncio.TimerHandle | None = None

    @property
    def key(self) -> str:
        """An id of the workspace that who writes its files does not know."""
        return self._key

    # What a session has

    async def begin(self) -> MemoryInForce | None:
        """Return what a session has that begins now, and have the index brought up to date soon. Never raises."""
        if self._soon is None:
            self._soon = asyncio.get_running_loop().call_later(SOON, self.kick)
        return await self.hot()

    async def hot(self) -> MemoryInForce | None:
        """Return what a session that begins now has from its start; None where there is nothing. Never raises."""
        index = await self.index()
        return await asyncio.to_thread(hot_memory, await self._instructions.read(), index, self._key)

    async def index(self) -> Sequence[str]:
        """Return the index of notes as of now, a line each."""
        return await asyncio.to_thread(self._index)

    async def news(self, workflow: Workflow) -> list[str]:
        """Return what a session is to know that began earlier: notes and instructions that came, changed or went, and instructions close by."""
        before = workflow.memory.notes if workflow.memory is not None else ()
        roots = [Path(it) for it in workflow.roots]
        (now, nearer), instructions = await asyncio.gather(
            asyncio.to_thread(self._around, list(workflow.seen), roots), self._instructions.read()
        )
        lines = [it for it in now if it not in before]
        topics = {it.partition(": ")[0] for it in now}
        lines += [f"{topic}: removed" for it in before if (topic := it.partition(": ")[0]) not in topics]
        told = [f"- {it}: instructions for the files below its folder; read them first" for it in nearer]
        files = workflow.memory.files if workflow.memory is not None else ()
        others = [f"- {it}" for it in changed(files, instructions)][:_MOST_NEWS]
        found = _marked("Notes since this session began", lines[:_MOST_NEWS], self._key)
        found += _marked("Instructions since this session began; read what changed", others, self._key)
        return found + _marked("Instructions nearer to what you read", told, self._key)

    def _index(self) -> list[str]:
        return [it.line for it in self._notes.all()]

    def _around(self, seen: Sequence[str], roots: Sequence[Path]) -> tuple[list[str], list[Path]]:
        return self._index(), nearer_instructions(seen, roots)

    # What its tools use

    @property
    def private(self) -> Path:
        """The folder of the user's private notes."""
        return self._notes.private

    def note(self, note_id: str) -> Path | None:
        """Return the file of a note by its id; None for an id that is no note's."""
        return self._notes.path(note_id)

    async def search(self, queries: Sequence[str], most: int) -> Search:
        """Return what one to four wordings find, best first. Raises PostilError."""
        complete = await self._fresh()
        found = await (await self._cold()).search(queries, most)
        return Search(
            found, "" if complete else "Earlier sessions are still being indexed: there may be more."
        )

    async def sessions(self) -> Sequence[EarlierSession]:
        """Return the finished sessions that are not forgotten, the last used first."""
        forgotten = await asyncio.to_thread(self._forgotten.ids)
        found = await self._store.list(self._root)
        return [
            EarlierSession(it.session_id, it.title)
            for it in found
            if it.session_id not in forgotten and it.turns != 0 and it.finished
        ]

    async def load(self, session_id: str, piece: int) -> Recalled | None:
        """Return a finished session from a piece on, as far as there is room. Raises PostilError."""
        await self._fresh()
        return await (await self._cold()).load(session_id, piece)

    # What keeps the index true

    def kick(self) -> None:
        """Bring the index up to date in the background."""
        self._again = True
        if self._refreshing is None or self._refreshing.done():
            self._refreshing = asyncio.create_task(self._refresh(), name="postil-memory")

    async def shelve(self, state: State) -> None:
        """Make a session that goes on searchable as it is by now. Never raises."""
        try:
            await (await self._cold()).shelve(freeze(state))
        except (PostilError, OSError) as error:
            log.info("session %s is not searchable: %s", state.workflow.session_id, error)

    async def refresh(self) -> None:
        """Bring the index up to date. Raises PostilError and OSError."""
        notes = await asyncio.to_thread(self._notes.all)
        if notes or await asyncio.to_thread(self._index_file.exists) or await self._store.list(self._root):
            await (await self._cold()).refresh(notes)

    async def close(self) -> None:
        """Leave what is not indexed for the next time, and let go of the file."""
        if self._soon is not None:
            self._soon.cancel()
        await self._halt()
        if self._archive is not None:
            await self._archive.recall.close()

    async def _cold(self) -> Archive:
        """Return what holds the index; its modules are loaded with its first use, for a first request needs none of them."""
        if self._archive is None:
            kind = await asyncio.to_thread(_archive_class)
            if self._archive is None:
                self._archive = kind(self._store, self._root, self._index_file, self._forgotten)
        return self._archive

    async def _halt(self) -> None:
        """Leave what is not indexed yet for the next time: a piece that is being written is waited for, and no more."""
        if self._refreshing is not None:
            self._refreshing.cancel()
            await asyncio.wait({self._refreshing})

    async def _fresh(self) -> bool:
        """Wait a moment for what is new to be indexed, and return whether it is."""
        self.kick()
        assert self._refreshing is not None
        done, _ = await asyncio.wait({self._refreshing}, timeout=PATIENCE)
        return bool(done) and not self._refreshing.cancelled()

    async def _refresh(self) -> None:
        try:
            while self._again:
                self._again = False
                await self.refresh()
        except (PostilError, OSError) as error:
            log.info("memory is not indexed: %s", error)
        except Exception:
            log.exception("memory")

    # What a person does

    async def all(self) -> list[Remembered]:
        """Return every note, and every session that is found, the last written first. Raises PostilError."""
        notes = await asyncio.to_thread(self._notes.all)
        forgotten = await asyncio.to_thread(self._forgotten.ids)
        sessions = [it for it in await self._store.list(self._root) if it.session_id not in forgotten]
        return [
            *(Remembered(it.id, it.title, it.path, it.changed) for it in notes),
            *(Remembered(it.session_id, it.title, None, it.updated_at) for it in sessions if it.seq),
        ]

    async def text(self, remembered_id: str) -> str | None:
        """Return all of a note or of an indexed session; None where there is no such thing. Raises PostilError."""
        if self._notes.path(remembered_id) is not None:
            note = await asyncio.to_thread(self._notes.get, remembered_id)
            return note.text if note is not None else None
        await self.refresh()
        chunks = await (await self._cold()).recall.chunks(remembered_id)
        return "\n\n".join(chunks) if chunks else None

    async def forget(self, remembered_id: str) -> bool:
        """Delete a note, or take a session out of memory for good; return whether there was one.

        It is out of the index when this returns. Raises PostilError and OSError.
        """
        path = self._notes.path(remembered_id)
        known = any(it.id == remembered_id for it in await self.all())
        if path is not None:
            await asyncio.to_thread(path.unlink, missing_ok=True)
        elif known:
            await asyncio.to_thread(self._forgotten.add, remembered_id)
        await self.drop([remembered_id])
        return known

    async def drop(self, ids: Sequence[str]) -> None:
        """Take documents out of the index without a trace. Raises PostilError."""
        await self._halt()  # It may have read what is to go.
        if await asyncio.to_thread(self._index_file.exists):
            await (await self._cold()).recall.remove(ids)

    async def reindex(self) -> int:
        """Make the index again from nothing; return how many documents it has. Raises PostilError and OSError."""
        await (await self._cold()).recall.clear()
        await self.refresh()
        return len(await (await self._cold()).recall.marks())


def _marked(title: str, lines: Sequence[str], key: str) -> list[str]:
    """Return lines for the changing end of a request, as material; none where there is nothing."""
    if not lines:
        return []
    text = "\n".join(lines)
    number = mark(text, key)
    return [f"{title}:\n<material {number} from workspace>\n{text}\n</material {number}>"]


def _archive_class() -> type[Archive]:
    from postil.agent.archive import Archive  # noqa: PLC0415 - see where this is called

    return Archive
