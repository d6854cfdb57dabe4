"""What a sandbox costs: the same command bare and in each one that works here, in turns."""

from __future__ import annotations

import asyncio
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from postil.core.effects import Command
from postil.workspace.commands.reading import Reading
from postil.workspace.commands.shell import finish_program, start_launch
from postil.workspace.commands.working import Working
from postil.workspace.sandbox.choice import present, works
from postil.workspace.sandbox.mechanism import Launch, Unconfined
from tests.bench.figures import TIMES, Figure, ms, p50

BARE = "bare"
_COMMAND = ("/bin/bash", "--noprofile", "--norc", "-c", "true")
Start = Callable[[], Launch]


async def sandboxes(rounds: int = 40) -> list[Figure]:
    """`true` as it runs unasked and as it runs when allowed, from its preparation to its end; beside it the same without a sandbox."""
    return await asyncio.to_thread(_measure, rounds)


def _measure(rounds: int) -> list[Figure]:
    with tempfile.TemporaryDirectory(prefix="postil-bench-") as folder:
        root = Path(folder) / "ws"
        root.mkdir()
        starts = dict(_starts(Path(folder), root))
        times: dict[str, list[float]] = {it: [] for it in starts}
        for number in range(rounds + 1):
            for name, start in starts.items():
                began = time.perf_counter()
                ended = finish_program(start_launch(start(), root), 30)
                assert ended.code == 0, ended
                if number:  # the first round fills the disk's cache
                    times[name].append(time.perf_counter() - began)
    bare = p50(times.pop(BARE))
    return [
        Figure(
            f"a command that does nothing {name}, beside a bare one", round(p50(taken) / bare, 1), TIMES, None, None,
            f"{ms(p50(taken)):g} beside {ms(bare):g} ms",
        )
        for name, taken in times.items()
    ]  # fmt: skip


def _starts(folder: Path, root: Path) -> Iterator[tuple[str, Start]]:
    command = Command("true", root, 30.0)
    bare = Reading(folder / "bare", [root], sandbox=Unconfined)
    yield BARE, lambda: bare.launch(_COMMAND, root)
    for mechanism in present():
        if not works(mechanism):
            continue
        reading = Reading(folder / "run", [root], sandbox=lambda it=mechanism: it)
        yield f"in {mechanism.title}", lambda it=reading: it.launch(_COMMAND, root)
        if mechanism.lets_work:
            working = Working(folder / "own", [root], sandbox=lambda it=mechanism: it)
            yield (
                f"in {mechanism.title}, when allowed",
                lambda it=working: it.prepare(_COMMAND, command).launch,
            )
