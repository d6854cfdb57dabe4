"""What one session's client is told, in order: publications become updates one after another, and questions go out between them.

A client that reads slowly holds nobody up: pieces of a reply that wait are sent as one.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from postil.acp.asking import IN_A_TERMINAL, Asking
from postil.acp.updates import Updates
from postil.acp.wording import note
from postil.core.ephemeral import CallProgress, SessionHalted, TextDelta, ThinkingDelta
from postil.core.events import (
    PermissionAsked,
    PermissionDecided,
    PromptTakenBack,
    Publication,
    QuestionAnswered,
    QuestionAsked,
    TurnEnded,
)

log = logging.getLogger(__name__)

Send = Callable[[Any], Awaitable[None]]
"""Sends one update."""
Beside = Callable[[Publication], Awaitable[Sequence[Any]]]
"""Gives what else is to be told once an event was: what is known of the session by then."""


class Outbox:
    """The way from one session to its client."""

    def __init__(self, updates: Updates, asking: Asking, send: Send, beside: Beside) -> None:
        self._updates = updates
        self._asking = asking
        self._send = send
        self._beside = beside
        self._waiting: deque[Publication] = deque()
        self._wake = asyncio.Event()
        self._ends: dict[str, TurnEnded | PromptTakenBack] = {}
        """How turns ended, and prompts that waited and became none."""
        self._news = asyncio.Condition()
        self._halted: SessionHalted | None = None
        self._closed = False
        self._telling = False
        self._task = asyncio.create_task(self._run(), name="postil-acp-outbox")

    def put(self, publication: Publication) -> None:
        """Tell the client of this, in its turn."""
        joined = _joined(self._waiting[-1], publication) if self._waiting else None
        if joined is not None:
            self._waiting[-1] = joined
        else:
            self._waiting.append(publication)
        self._wake.set()

    async def ended(self, turn_id: str) -> TurnEnded | PromptTakenBack | SessionHalted | None:
        """Return how a turn ended, once the client was told all that came before; None where nobody will know."""

        def known() -> bool:
            return turn_id in self._ends or self._halted is not None or self._closed

        async with self._news:
            await self._news.wait_for(known)
        return self._ends.pop(turn_id, None) or self._halted

    async def told(self) -> None:
        """Return when the client was told of everything so far."""
        async with self._news:
            await self._news.wait_for(lambda: self._closed or not (self._waiting or self._telling))

    async def close(self) -> None:
        """Tell of nothing more."""
        self._asking.close()
        self._task.cancel()
        await asyncio.wait({self._task})
        await self._is_closed()

    async def _run(self) -> None:
        try:
            while True:
                await self._wake.wait()
                self._wake.clear()
                while self._waiting:
                    self._telling = True
                    await self._tell(self._waiting.popleft())
        except ConnectionError as error:
            log.info("%s", error)
            await self._is_closed()

    async def _tell(self, publication: Publication) -> None:
        try:
            for update in await self._found(publication):
                await self._send(update)
        except ConnectionError:
            raise
        except Exception:
            log.exception("the client could not be told of %s", type(publication.event).__name__)
        async with self._news:
            self._note(publication)
            self._telling = False
            self._news.notify_all()

    async def _found(self, publication: Publication) -> list[Any]:
        if publication.above:
            # A sub-agent's work stands in its call; what it asks is asked below.
            return list(self._updates.below(publication.session_id, publication.event))
        found = list(await self._updates.of(publication.event))
        event = publication.event
        if isinstance(event, PromptTakenBack) and event.why:
            found.append(note(event.why))
        if isinstance(event, QuestionAsked) and event.question.kind in IN_A_TERMINAL:
            found.append(note(IN_A_TERMINAL[event.question.kind]))
        return [*found, *await self._beside(publication)]

    def _note(self, publication: Publication) -> None:
        event = publication.event
        if isinstance(event, PermissionAsked | QuestionAsked):
            self._asking.ask(event.question, publication.session_id, event.call_id)
        elif isinstance(event, PermissionDecided | QuestionAnswered) and event.question_id is not None:
            self._asking.settled(event.question_id)
        elif isinstance(event, TurnEnded) and not publication.above:
            self._ends[event.turn_id] = event
        elif isinstance(event, PromptTakenBack) and not publication.above:
            self._ends[event.prompt_id] = event
        elif isinstance(event, SessionHalted) and not publication.above:
            self._halted = event

    async def _is_closed(self) -> None:
        async with self._news:
            self._closed = True
            self._news.notify_all()


def _joined(before: Publication, publication: Publication) -> Publication | None:
    """Return both as one, where the one goes on from the other."""
    first, event = before.event, publication.event
    if before.session_id != publication.session_id:
        return None
    match first, event:
        case (TextDelta(), TextDelta()) | (ThinkingDelta(), ThinkingDelta()) if first.step == event.step:
            joined = event.model_copy(update={"text": first.text + event.text})
        case CallProgress(), CallProgress() if first.call_id == event.call_id:
            joined = event.model_copy(update={"text": first.text + event.text})
        case _:
            return None
    return Publication(publication.session_id, None, publication.after, joined, publication.above)
