"""What a sandbox costs: the same command bare and in each one that works here, in turns."""

from __future__ import annotations

import asyncio
import tempfile
import time
from pathlib import Path

from postil.workspace.reading import Reading
from postil.workspace.sandbox.choice import present, works
from postil.workspace.sandbox.mechanism import Unconfined
from postil.workspace.shell import finish_program, start_launch
from tests.bench.figures import TIMES, Figure, ms, p50

_COMMAND = ("/bin/bash", "--noprofile", "--norc", "-c", "true")


async def sandboxes(rounds: int = 40) -> list[Figure]:
    """`true` as it runs unasked, from its preparation to its end; beside it the same without a sandbox."""
    return await asyncio.to_thread(_measure, rounds)


def _measure(rounds: int) -> list[Figure]:
    mechanisms = [Unconfined(), *(it for it in present() if works(it))]
    times: list[list[float]] = [[] for _ in mechanisms]
    with tempfile.TemporaryDirectory(prefix="postil-bench-") as folder:
        root = Path(folder) / "ws"
        root.mkdir()
        readings = [Reading(Path(folder) / "run", [root], sandbox=lambda it=it: it) for it in mechanisms]
        for number in range(rounds + 1):
            for reading, taken in zip(readings, times, strict=True):
                start = time.perf_counter()
                ended = finish_program(start_launch(reading.launch(_COMMAND, root), root), 30)
                assert ended.code == 0, ended
                if number:  # the first round fills the disk's cache
                    taken.append(time.perf_counter() - start)
    bare, *confined = (p50(it) for it in times)
    return [
        Figure(
            f"a command that does nothing in {it.title}, beside a bare one", round(taken / bare, 1), TIMES, None, None,
            f"{ms(taken):g} beside {ms(bare):g} ms",
        )
        for it, taken in zip(mechanisms[1:], confined, strict=True)
    ]  # fmt: skip
