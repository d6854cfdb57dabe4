"""What is remembered of one workspace, put together from its files: hot memory for a session that begins."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from postil.core.remembered import MemoryInForce
from postil.memory.hot import hot_memory
from postil.memory.instructions import Instructions
from postil.memory.notes import Notes


class Remembering:
    """The memory of one workspace, for all of its sessions."""

    def __init__(self, instructions: Instructions, notes: Notes, key: str) -> None:
        """`key` names the workspace's own folder of state: an id that who writes its files does not know."""
        self._instructions = instructions
        self._notes = notes
        self._key = key

    async def hot(self) -> MemoryInForce | None:
        """Return what a session that begins now has from its start; None where there is nothing. Never raises."""
        index = await self.index()
        return await asyncio.to_thread(hot_memory, await self._instructions.read(), index, self._key)

    async def index(self) -> Sequence[str]:
        """Return the index of notes as of now, a line each."""
        notes = await asyncio.to_thread(self._notes.all)
        return [it.line for it in notes]
