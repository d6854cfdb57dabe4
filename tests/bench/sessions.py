"""Sessions for benchmarks: the real agent, journal, tools and adapter in this process, the model in another."""

from __future__ import annotations

import time
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from postil.agent.session import Session
from postil.app import Setting, build
from postil.config.load import load
from postil.core.events import ModelReplied, Publication, TurnEnded
from postil.core.ports import Editor
from postil.core.submissions import Prompt
from postil.model.anthropic import AnthropicModel
from postil.workspace.buffers.overlay import NoEditor

if TYPE_CHECKING:
    import httpx2


class Watched(AnthropicModel):
    """The adapter, which keeps the bytes of a turn's requests so that a bare client can send them again."""

    def __init__(self, url: str) -> None:
        super().__init__(base_url=url)
        self.bodies: list[bytes] = []

    async def _open(self, body: bytes) -> httpx2.Response:
        self.bodies.append(body)
        return await super()._open(body)


@dataclass(slots=True)
class Turn:
    """One turn as it was seen from outside."""

    replied: list[float] = field(default_factory=list[float])
    """When each of the model's replies was recorded."""
    bodies: Sequence[bytes] = ()
    wall: float = 0.0
    processor: float = 0.0
    """Seconds of processor time of this process."""

    @property
    def steps(self) -> list[float]:
        """Seconds from one reply to the next: a step's calls, the next request, and its reply."""
        return [later - earlier for earlier, later in zip(self.replied, self.replied[1:], strict=False)]


@dataclass(frozen=True, slots=True)
class Bench:
    """One session, and the adapter under it."""

    session: Session
    model: Watched

    async def turn(self, text: str = "Go on.") -> Turn:
        """Run a turn to its end; raises AssertionError where it did not end well."""
        turn = Turn()
        ends: list[TurnEnded] = []

        def see(publication: Publication) -> None:
            if isinstance(publication.event, ModelReplied):
                turn.replied.append(time.perf_counter())
            elif isinstance(publication.event, TurnEnded):
                ends.append(publication.event)

        self.model.bodies.clear()
        forget = self.session.subscribe(see)
        start, processor = time.perf_counter(), time.process_time()
        await self.session.prompt(Prompt(text, face="bench"))
        await self.session.idle()
        turn.wall, turn.processor = time.perf_counter() - start, time.process_time() - processor
        forget()
        turn.bodies = tuple(self.model.bodies)
        assert [it.reason for it in ends] == ["end_turn"], ends
        return turn


@asynccontextmanager
async def session(
    url: str, root: Path, allow: Sequence[str] = (), editor: Editor | None = None
) -> AsyncGenerator[Bench]:
    """Open a new session in the workspace; its model is warm."""
    model = Watched(url)
    loaded = load((root,), {"mode": "accept-edits"})
    app = build(
        loaded,
        Setting(
            (root,), editor or NoEditor(), interactive=False, allow=tuple(allow), trust=True, model=model
        ),
    )
    await model.warm()
    try:
        yield Bench(await app.sessions.new("bench"), model)
    finally:
        await app.close("the benchmark ended")
        app.workspace.close()
