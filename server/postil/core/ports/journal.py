"""What the agent needs to keep a session."""

from __future__ import annotations

from typing import Protocol

from postil.core.events import Durable, Recorded
from postil.core.state import State


class Journal(Protocol):
    """The durable events of one session; one writer, which acknowledges."""

    async def append(self, event: Durable, *, sync: bool) -> Recorded:
        """Write the event; with `sync`, return only once it and all before it survive a power cut.

        Raises WriteFailed, after which nothing more can be appended until the session is opened again.
        """
        ...

    async def put_blob(self, data: bytes) -> str:
        """Keep bytes under their SHA-256 (hex), durable on return. Raises WriteFailed."""
        ...

    async def get_blob(self, key: str) -> bytes | None:
        """Return the bytes kept under `key`, or None."""
        ...

    async def snapshot(self, state: State, *, force: bool = False) -> bool:
        """Keep the state beside the journal, so that opening is quick; returns whether it was written."""
        ...

    async def close(self) -> None:
        """Sync and release the lock."""
        ...
