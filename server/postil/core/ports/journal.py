"""What the agent needs to keep a session."""

from __future__ import annotations

from collections.abc import Sequence
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

    async def keep(self, texts: Sequence[str]) -> None:
        """Keep texts of files under their `text_hash`, durable on return. Raises WriteFailed."""
        ...

    async def kept(self, key: str) -> str | None:
        """Return the text that is kept under a hash; None where it is not kept any more."""
        ...

    def keep_output(self, turn_id: str, call_id: str, text: str) -> None:
        """Keep a piece of what a running call prints, until its `CallFinished` is written. Never raises."""
        ...

    async def kept_output(self, turn_id: str, call_id: str) -> str:
        """Return the end of what a call printed that has no `CallFinished`; empty where nothing is kept."""
        ...

    async def snapshot(self, state: State, *, force: bool = False) -> bool:
        """Keep the state beside the journal, so that opening is quick; returns whether it was written."""
        ...

    async def close(self) -> None:
        """Sync and release the lock."""
        ...
