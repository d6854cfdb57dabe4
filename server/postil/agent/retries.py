"""The wait for the next try of the model, of one session: told while it lasts, and ended where a person wants that."""

from __future__ import annotations

from collections.abc import Callable

from postil.agent.emitter import Emitter
from postil.core.ephemeral import ModelRetrying
from postil.core.ports import Clock, Retrying
from postil.core.retry_words import why


class Retries:
    """At most one wait: a session calls the model once at a time."""

    def __init__(self, emitter: Emitter, clock: Clock) -> None:
        self._emitter = emitter
        self._clock = clock
        self._hurry: Callable[[], None] | None = None
        self._told: ModelRetrying | None = None
        self._until = 0.0

    @property
    def waiting(self) -> bool:
        """Whether a try failed and the next one has not got an answer."""
        return self._hurry is not None

    @property
    def now(self) -> ModelRetrying | None:
        """What was told of the wait, with the seconds that are left of it, for whoever comes while it lasts."""
        if self._told is None:
            return None
        left = max(0.0, self._until - self._clock.monotonic())
        return self._told.model_copy(update={"seconds": min(left, self._told.seconds)})

    def note(self, piece: Retrying, turn_id: str, step: int) -> None:
        """Tell of a try that failed, in a turn or a compaction between turns."""
        self._hurry = piece.hurry
        self._until = self._clock.monotonic() + piece.seconds
        self._told = ModelRetrying(
            turn_id=turn_id, step=step, attempt=piece.attempt, of=piece.of, seconds=piece.seconds,
            message=piece.message, kind=piece.kind, why=why(piece.kind, piece.message, begun=piece.begun),
        )  # fmt: skip
        self._emitter.show(self._told)

    def over(self) -> bool:
        """Note that a try got an answer, or that there is none more; returns whether one was waited for."""
        was = self.waiting
        self._hurry = self._told = None
        return was

    def hurry(self) -> bool:
        """Have the next try made at once; returns whether one was waited for."""
        if self._hurry is None:
            return False
        self._until = self._clock.monotonic()
        self._hurry()
        return True
