"""What the two syncs of a call that changes something cost, beside the disk's own."""

from __future__ import annotations

import asyncio
import os
import tempfile
import time
from pathlib import Path

from postil.core.events import CallFinished, CallStarted
from postil.journal.store import SessionStore
from postil.journal.writer import FileJournal
from tests.bench.figures import Figure, ms, p50, p90

_LINE = b"x" * 1_000


async def syncs(calls: int = 300) -> list[Figure]:
    """Intent and result of so many calls through the journal, and as many raw pairs of write and fdatasync, in turns."""
    ours: list[float] = []
    raw: list[float] = []
    with tempfile.TemporaryDirectory(prefix="postil-bench-") as folder:
        journal = await SessionStore(Path(folder) / "state").create(Path(folder), "bench")
        file = os.open(Path(folder) / "raw", os.O_CREAT | os.O_WRONLY | os.O_APPEND)
        try:
            for number in range(calls):
                ours.append(await _call(journal, number))
                raw.append(await asyncio.to_thread(_pair, file))
        finally:
            os.close(file)
            await journal.close()
    behind = (
        f"raw fdatasync, twice: p50 {ms(p50(raw)):g}, p90 {ms(p90(raw)):g} ms; ours p90 {ms(p90(ours)):g} ms"
    )
    return [Figure("two synced events of a call", ms(p50(ours)), "ms", None, None, behind)]


async def _call(journal: FileJournal, number: int) -> float:
    call_id = f"call_{number}"
    intent = CallStarted(
        turn_id="turn", call_id=call_id, tool="shell", kind="execute", title="Run make", effect_class="shell",
        command="make " + "x" * 600,
    )  # fmt: skip
    result = CallFinished(
        turn_id="turn", call_id=call_id, tool="shell", outcome="completed", content="y" * 800
    )
    start = time.perf_counter()
    await journal.append(intent, sync=True)
    await journal.append(result, sync=True)
    return time.perf_counter() - start


def _pair(file: int) -> float:
    start = time.perf_counter()
    for _ in range(2):
        os.write(file, _LINE)
        getattr(os, "fdatasync", os.fsync)(file)
    return time.perf_counter() - start
