"""Two real processes race to open one session for writing: exactly one gets it, the other is told who has it."""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path
from typing import Any

from postil.journal.layout import LOCK
from postil.journal.lock import read_owner
from postil.journal.store import SessionStore
from tests.support.journals import created, prompt

ROUNDS = 20

# Loads everything, waits for the word, opens, says what came of it, and holds on until it is told to end.
OPENER = """
import asyncio, json, sys
from pathlib import Path
from postil.core.errors import Locked
from postil.journal.store import SessionStore
from tests.support.journals import prompt

async def main(state, session):
    store = SessionStore(Path(state))
    print("ready", flush=True)
    for _ in iter(sys.stdin.readline, ""):
        try:
            found, journal, report = await store.open(session)
        except Locked as error:
            print(json.dumps({"locked": error.message}), flush=True)
            sys.stdin.readline()
        else:
            record = await journal.append(prompt(found.seq, "mine"), sync=True)
            print(json.dumps({"seq": record.seq, "fence": report.fence}), flush=True)
            sys.stdin.readline()
            await journal.close()
        print("let go", flush=True)

asyncio.run(main(*sys.argv[1:]))
"""


class Opener:
    """One of the processes."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.process = process

    def go(self) -> None:
        """Have it take its next step."""
        assert self.process.stdin is not None
        self.process.stdin.write(b"go\n")

    async def line(self) -> str:
        """Return the next line that it says."""
        assert self.process.stdout is not None
        return (await self.process.stdout.readline()).decode().strip()

    async def end(self) -> None:
        """Let it end by itself."""
        assert self.process.stdin is not None
        self.process.stdin.close()
        assert await self.process.wait() == 0


async def start(state: Path) -> Opener:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", OPENER, str(state), "s1", cwd=Path(__file__).parents[2],
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    opener = Opener(process)
    assert await opener.line() == "ready"
    return opener


async def test_exactly_one_of_two_racing_processes_writes(tmp_path: Path) -> None:
    state = tmp_path / "state"
    store = SessionStore(state)
    journal = await store.create(tmp_path, "s1")
    await journal.append(created(), sync=True)
    await journal.append(prompt(0), sync=True)
    await journal.close()
    lock = await store.folder("s1") / LOCK
    both = await asyncio.gather(start(state), start(state))
    won: list[int] = []
    for _ in range(ROUNDS):
        for it in both:
            it.go()
        said: list[dict[str, Any]] = [
            json.loads(it) for it in await asyncio.gather(*(it.line() for it in both))
        ]
        (winner,) = [number for number, it in enumerate(said) if "seq" in it]
        message = said[1 - winner]["locked"]
        owner = read_owner(lock)
        assert owner is not None
        assert owner.pid == both[winner].process.pid
        assert f"process {owner.pid}" in message, message
        won.append(winner)
        for it in both:
            it.go()
        assert [await it.line() for it in both] == ["let go", "let go"]
    await asyncio.gather(*(it.end() for it in both))
    record = await store.record("s1")
    assert record.stop is None
    assert len(record.events) == 2 + ROUNDS, "each round one writer wrote one event"
    print(f"\nracing openers: {ROUNDS} rounds, {won.count(0)} won by one and {won.count(1)} by the other")
