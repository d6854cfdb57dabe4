"""Tries again what may work the next time, visibly and not for ever."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing
from dataclasses import dataclass, replace

from postil.core.errors import ModelError
from postil.core.ports import ModelPiece, Reply, Retrying


@dataclass(frozen=True, slots=True)
class Backoff:
    """How often, and how long to wait in between."""

    tries: int = 6
    first: float = 0.5
    longest: float = 20.0
    patience: float = 60.0
    """The longest wait that the service may ask for; over it we give up and say so."""

    def seconds(self, attempt: int, asked: float | None, jitter: float) -> float:
        """Return the wait after a failed attempt: doubling, up to a quarter less by `jitter` (0 to 1)."""
        if asked is not None:
            return asked
        return float(min(self.longest, self.first * 2 ** (attempt - 1)) * (1 - 0.25 * jitter))


async def retrying(
    attempt: Callable[[], AsyncGenerator[ModelPiece]],
    backoff: Backoff,
    sleep: Callable[[float], Awaitable[None]],
    jitter: Callable[[], float],
) -> AsyncGenerator[ModelPiece]:
    """Yield the pieces of one attempt after the other, with a `Retrying` between, until there is a reply.

    A stream that breaks after its first pieces is tried again as well: `Retrying` says that they are void, and
    nothing is done before the reply is whole.
    """
    for number in range(1, backoff.tries + 1):
        try:
            async with aclosing(attempt()) as pieces:
                async for piece in pieces:
                    yield replace(piece, attempts=number) if isinstance(piece, Reply) else piece
            return
        except ModelError as error:
            error.attempts = number
            if not error.retryable:
                raise
            if number == backoff.tries:
                raise _gave_up(error) from error
            seconds = backoff.seconds(number, error.retry_after, jitter())
            if seconds > backoff.patience:
                raise _too_long(error, seconds) from error
            failure = error
        early = asyncio.Event()
        yield Retrying(
            number, backoff.tries, seconds, failure.message, failure.begun, failure.kind, early.set
        )
        await _wait(sleep(seconds), early)


async def _wait(pause: Awaitable[None], early: asyncio.Event) -> None:
    """Wait until the pause is over, or somebody wants the next try at once."""
    both = (asyncio.ensure_future(pause), asyncio.ensure_future(early.wait()))
    try:
        await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for it in both:
            it.cancel()
        await asyncio.gather(*both, return_exceptions=True)


def _gave_up(error: ModelError) -> ModelError:
    message = f"{error.message} It was tried {error.attempts} times."
    return ModelError(error.kind, message, error.mend, attempts=error.attempts, begun=error.begun)


def _too_long(error: ModelError, seconds: float) -> ModelError:
    wait = f"{seconds:.0f} seconds" if seconds < 180 else f"{seconds / 60:.0f} minutes"
    return ModelError(
        error.kind,
        f"{error.message} It asks to wait {wait}.",
        "Try again after that.",
        retry_after=seconds,
        attempts=error.attempts,
        begun=error.begun,
    )
