"""What can be done in a chat document, looked for in a short one and a long one: `python -m tests.bench chats`."""

from __future__ import annotations

import asyncio
import time

from tests.bench.figures import TIMES, Figure, ms, p50
from tests.support.long_chat import long_chat

SHORT, LONG = 100, 800
ROUNDS = 9
BOUND = 2.0
"""Times as long for each turn: where it grows with the square of the length, it is eight."""


async def chats() -> list[Figure]:
    """Measure what a key costs: the text is another one each time."""
    return await asyncio.to_thread(_measure)


def _measure() -> list[Figure]:
    short, long = _seconds(SHORT), _seconds(LONG)
    ratio = round((long / LONG) / (short / SHORT), 2)
    behind = f"{SHORT} turns {ms(short):g} ms; {LONG} turns {ms(long):g} ms"
    return [Figure("what can be done in a long chat, for each turn, beside a short one", ratio, TIMES, BOUND, None, behind)]  # fmt: skip


def _seconds(turns: int) -> float:
    chat, taken = long_chat(turns), list[float]()
    for number in range(ROUNDS):
        text = f"{chat.text}{number}"
        begun = time.perf_counter()
        found = chat.offered(text)
        taken.append(time.perf_counter() - begun)
        assert len(found) > turns
    return p50(taken)
