"""Waiting between tries: how long, how often, and when not."""

from __future__ import annotations

import asyncio

import pytest

from postil.core.errors import ModelError
from postil.core.messages import AssistantMessage, Usage
from postil.core.ports import ModelPiece, Reply, Retrying, TextPiece
from postil.model.retry import Backoff, retrying

REPLY = Reply(AssistantMessage(content=()), Usage(), "end_turn", "m")


def test_waits_double_up_to_a_limit_and_are_never_longer_by_jitter() -> None:
    backoff = Backoff(first=0.5, longest=20)
    assert [backoff.seconds(attempt, None, 0) for attempt in range(1, 8)] == [0.5, 1, 2, 4, 8, 16, 20]
    assert backoff.seconds(7, None, 1) == 15
    assert backoff.seconds(1, 33, 1) == 33


async def _run(*outcomes: ModelError | Reply) -> tuple[list[ModelPiece], list[float]]:
    left = list(outcomes)
    slept: list[float] = []

    async def attempt():
        yield TextPiece("a")
        outcome = left.pop(0)
        if isinstance(outcome, ModelError):
            raise outcome
        yield outcome

    async def sleep(seconds: float) -> None:
        slept.append(seconds)

    pieces = [piece async for piece in retrying(attempt, Backoff(tries=3), sleep, lambda: 0.0)]
    return pieces, slept


def _error(*, retryable: bool = True, retry_after: float | None = None) -> ModelError:
    return ModelError("server", "Broken.", retryable=retryable, retry_after=retry_after)


async def test_pieces_before_a_new_try_are_followed_by_its_notice() -> None:
    pieces, slept = await _run(_error(), _error(retry_after=9), REPLY)
    first, second = Retrying(1, 3, 0.5, "Broken."), Retrying(2, 3, 9, "Broken.")
    a = TextPiece("a")
    assert pieces[:-1] == [a, first, a, second, a]
    assert isinstance(pieces[-1], Reply)
    assert pieces[-1].attempts == 3
    assert slept == [0.5, 9]


async def test_the_next_try_is_made_at_once_where_somebody_wants_it() -> None:
    left: list[ModelError | Reply] = [_error(), REPLY]
    given_up = asyncio.Event()

    async def attempt():
        outcome = left.pop(0)
        if isinstance(outcome, ModelError):
            raise outcome
        yield outcome

    async def sleep(seconds: float) -> None:
        try:
            await asyncio.Event().wait()
        finally:
            given_up.set()

    pieces: list[ModelPiece] = []
    async for piece in retrying(attempt, Backoff(tries=3), sleep, lambda: 0.0):
        pieces.append(piece)
        if isinstance(piece, Retrying):
            assert piece.kind == "server"
            piece.hurry()
    assert isinstance(pieces[-1], Reply)
    assert given_up.is_set(), "nobody sleeps on"


async def test_a_stop_ends_the_wait() -> None:
    asleep = asyncio.Event()

    async def attempt():
        yield TextPiece("a")
        raise _error()

    async def sleep(seconds: float) -> None:
        asleep.set()
        await asyncio.Event().wait()

    async def all_of_it() -> None:
        async for _ in retrying(attempt, Backoff(tries=3), sleep, lambda: 0.0):
            pass

    task = asyncio.create_task(all_of_it())
    await asleep.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_the_last_failure_is_final_and_counts_the_tries() -> None:
    with pytest.raises(ModelError) as caught:
        await _run(_error(), _error(), _error())
    assert (caught.value.message, caught.value.attempts) == ("Broken. It was tried 3 times.", 3)


@pytest.mark.parametrize("error", [_error(retryable=False), _error(retry_after=61)])
async def test_what_ends_at_once(error: ModelError) -> None:
    with pytest.raises(ModelError) as caught:
        await _run(error, REPLY)
    assert caught.value.attempts == 1
