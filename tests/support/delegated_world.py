"""A world in which a turn has sub-agents, all of it in memory: their journals outlive the process, as its own does."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from postil.agent.delegating.kept import KeptSubSessions
from postil.agent.parts import Parts
from postil.agent.types.beginning import Beginning
from postil.agent.types.collection import AgentTypes
from postil.core.errors import ProtocolError
from postil.core.events import Recorded
from postil.core.messages import UserMessage
from postil.core.ports import ModelPiece, ModelRequest
from postil.core.state import State
from tests.support.agent_world import World
from tests.support.fake_model import FakeModel, Play
from tests.support.few_tools import registry
from tests.support.memory_journal import MemoryJournal, SimulatedCrash

Plays = Mapping[str, Sequence[Play]]


class Conversations(FakeModel):
    """Plays another list of replies to each first prompt."""

    def __init__(self, plays: Plays) -> None:
        super().__init__([])
        self.by_prompt = {key: FakeModel(those) for key, those in plays.items()}

    def stream(self, request: ModelRequest) -> AsyncGenerator[ModelPiece]:
        first = next(it for it in request.messages if isinstance(it, UserMessage))
        return self.by_prompt[first.text].stream(request)


@dataclass(frozen=True, slots=True)
class Ended:
    ending: str = ""


class MemoryStore:
    """A `delegating.kept.Store`."""

    def __init__(self, world: DelegatedWorld) -> None:
        self._world = world
        self.journals: dict[str, MemoryJournal] = {}

    async def create(self, root: Path, session_id: str) -> MemoryJournal:
        await asyncio.sleep(0)
        if self._world.death.is_set():
            raise SimulatedCrash
        assert session_id not in self.journals, "no session is made twice"
        journal = MemoryJournal(before_append=self._world.before, after_append=self._world.after)
        self.journals[session_id] = journal
        return journal

    async def open(self, session_id: str) -> tuple[State, MemoryJournal, Ended]:
        await asyncio.sleep(0)
        if session_id not in self.journals:
            raise ProtocolError("There is no such session.")
        journal = self.journals[session_id].reopened(
            before_append=self._world.before, after_append=self._world.after
        )
        self.journals[session_id] = journal
        return journal.state(), journal, Ended()


@dataclass
class DelegatedWorld(World):
    """One process after another. `crash` is the number of the append, in whichever journal, at which the next one dies."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self.store = MemoryStore(self)
        self.crash: tuple[int, str] | None = None
        self.appends = 0
        self.journal = MemoryJournal(before_append=self.before, after_append=self.after)

    def before(self, record: Recorded) -> None:
        self._count("before")

    def after(self, record: Recorded) -> None:
        self._count("after")

    def _count(self, when: str) -> None:
        if self.death.is_set():
            raise SimulatedCrash
        self.appends += when == "before"
        if self.crash == (self.appends, when):
            self.die()
            raise SimulatedCrash

    def reborn(self) -> MemoryJournal:
        """Return the journal as the next process finds it, which is to live."""
        self.crash, self.appends = None, 0
        self.journal = self.journal.reopened(before_append=self.before, after_append=self.after)
        return self.journal

    def parts(self) -> Parts:
        parts = super().parts()
        types = AgentTypes(Path("/nowhere"), [], registry.names, lambda: True)
        beginning = Beginning(types, "build", registry.specs, self.configuration, self.interactive, 1)
        kept = KeptSubSessions(self.store, self.workspace.roots[0], beginning)
        return replace(parts, sub_sessions=kept)

    @property
    def journals(self) -> dict[str, MemoryJournal]:
        """Every journal that has an event."""
        every = {self.session_id: self.journal, **self.store.journals}
        return {key: it for key, it in every.items() if it.records}
