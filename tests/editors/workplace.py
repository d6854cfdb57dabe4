"""What every editor is tested with: one project, one scripted model, and the record that Postil keeps."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Coroutine
from pathlib import Path
from typing import Any, TypeVar

from postil.core.events import Durable
from tests.support.lsp_client import Json
from tests.support.lsp_world import World

T = TypeVar("T")
E = TypeVar("E", bound=Durable)


class Workplace:
    """A project and a model; the editor comes with who inherits."""

    def __init__(self, folder: Path, other: Workplace | None = None) -> None:
        """`other` is where the same work was begun in another editor: its project, model and record are this one's."""
        self._other = other
        if other is not None:
            self.world, self._loop, self._thread = other.world, other._loop, other._thread
            return
        self.world = World(folder)
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="scripted-model")
        self._thread.start()

    # The model

    def play(self, *replies: Json | str) -> None:
        """Let the model say this."""
        self._in_loop(self.world.play(*replies))

    def asked(self) -> list[str]:
        """Return what the model was told in each request, as text."""
        return [str(it.body["messages"]) for it in self.world.model.requests]

    # The record

    def journal(self) -> list[Durable]:
        """Return the events of the one session."""
        (journal,) = self.journals()
        return journal

    def journals(self) -> list[list[Durable]]:
        """Return the events of every session."""
        found = sorted(self.world.state.glob("workspaces/*/sessions/*/journal.jsonl"))
        return [self.world.journal(it.parent.name) for it in found]

    def events(self, kind: type[E]) -> list[E]:
        """Return the events of one type."""
        return [it for it in self.journal() if isinstance(it, kind)]

    def close(self) -> None:
        """End the model, where it is not another's."""
        if self._other is not None:
            return
        self._in_loop(self.world.kill())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def _in_loop(self, work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(20)
