"""A turn with edits and commands that is killed at random moments, and what has to hold of it in the end."""

from __future__ import annotations

import asyncio
import random
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from postil.core.events import CallFinished, CallStarted, PromptReceived, Recorded, TurnEnded
from postil.journal.audit import Outside, verify
from postil.journal.blobs import Blobs
from postil.journal.layout import BLOBS, JOURNAL
from postil.journal.store import SessionStore
from postil.workspace.files.real_disk import RealDisk
from tests.support.agent_checks import check_calls
from tests.support.asking import Desk
from tests.support.killing import Kills, asking

COMMAND = "sh step.sh"
STEP = "echo line >> log\necho out\nsleep 0.1\n"
FILES = {"a.txt": b"one\r\ntwo\r\n", "b.txt": "caf\xe9 = 1".encode("latin-1"), "step.sh": STEP.encode()}
CHANGED = {"a.txt": b"eins\r\ntwo\r\n", "b.txt": "caf\xe9 = 2".encode("latin-1"), "new/c.txt": b"c\n"}
THINGS_TOLD = 50
"""Publications that a run is let tell of before it is killed, at most; a whole run tells of some more."""
MOMENT = 0.03
"""Seconds after the last of them, at most."""
RULES = ("--mode", "accept-edits", "--allow", f"Bash({COMMAND})")


def _edit(path: str, old: str, new: str) -> dict[str, Any]:
    return {"tool": "edit", "input": {"path": path, "edits": [{"old": old, "new": new}]}}


# Which reply is played depends on the conversation alone, so that a request made again gets the same one again.
SCRIPT: list[Any] = [
    {
        "when": {"after": "prompt"}, "times": "any",
        "blocks": [{"text": "I begin."}, {"tool": "read", "input": {"path": "a.txt"}}, _edit("a.txt", "one", "eins")],
    },
    {
        "when": {"tool": "edit"}, "times": "any",
        "blocks": [
            {"tool": "read", "input": {"path": "b.txt"}},
            {"tool": "shell", "input": {"command": COMMAND}},
        ],
    },
    {
        "when": {"tool": "shell"}, "times": "any",
        "blocks": [_edit("b.txt", "= 1", "= 2"), {"tool": "write", "input": {"path": "new/c.txt", "content": "c\n"}}],
    },
    {"when": {"tool": "write"}, "times": "any", "text": "Done."},
]  # fmt: skip


PROMPT = 5
"""The number of the event that acknowledges the prompt: the session, its agent type, its configuration and its skills stand before it."""


@dataclass
class Tally(Kills):
    """What came of all kills."""

    def __str__(self) -> str:
        return (
            f"{self.kills} kills, {self.second} of them in recovery; {self.unborn} before there was a session, "
            f"{self.late} runs ended before; {self.effects}"
        )


async def one(place: Desk, chance: random.Random, tally: Tally) -> None:
    """Kill the work at a random moment, sometimes its recovery too; bring it to its end, and check it."""
    for name, data in FILES.items():
        (place.workspace / name).write_bytes(data)
    told = await _killed(place, chance, tally, "Do it.")
    if told is None:
        return
    if chance.random() < 0.3:
        more = await _killed(place, chance, tally, "--resume", "latest", "")
        tally.second += more is not None
        told = max(told, more or 0)
    await left_alone(place.workspace)
    ended = await place.ask(*RULES, "--resume", "latest", "")
    if ended.status == 2 or "There is nothing to resume." in ended.err:
        # No session, or no prompt in it: nothing was acknowledged, so it is asked anew.
        assert told < PROMPT, ended.err
        tally.unborn += 1
        ended = await place.ask(*RULES, "Do it.")
    assert ended.status == 0, ended.out + ended.err
    await _check(place, ended.lines[0]["sessionId"], told, tally)


async def _killed(place: Desk, chance: random.Random, tally: Tally, *arguments: str) -> int | None:
    """Start the work or go on with it, and kill it a moment after it has told of some number of things.

    Returns the highest event number that it had told of; None where it ended before.
    """
    left = chance.randrange(THINGS_TOLD)

    def enough(_: object) -> bool:
        nonlocal left
        left -= 1
        return left < 0

    async with asking(place, *RULES, *arguments) as running:
        told = await running.until(enough)
        # The moment after it is what the test is about: drawn, not awaited in the hope that something has happened.
        await asyncio.sleep(chance.uniform(0.0, MOMENT))
        if told is None:
            await running.process.wait()
            tally.late += 1
            return None
        tally.kills += 1
        await running.kill()
        return running.last_seq


async def left_alone(workspace: Path) -> None:
    """Return when no process works in the folder: a command outlives the server that started it."""

    def wait() -> None:
        while any(_works_in(process, workspace) for process in Path("/proc").glob("[0-9]*")):
            time.sleep(0.01)

    await asyncio.to_thread(wait)


def _works_in(process: Path, workspace: Path) -> bool:
    try:
        return (process / "cwd").readlink() == workspace
    except OSError:
        return False


async def _check(place: Desk, session: str, told: int, tally: Tally) -> None:
    store = SessionStore(place.state)
    record = await store.record(session)
    records = list(record.events)
    assert record.stop is None
    assert len(records) >= told, "an event that was told is lost"
    check_calls(records)
    turns = Counter(it.event.turn_id for it in records if isinstance(it.event, PromptReceived))
    assert Counter(it.event.turn_id for it in records if isinstance(it.event, TurnEnded)) == turns
    check_world(place.workspace, records, tally)
    _, journal, report = await store.open(session)
    await journal.close()
    assert report.clean, "the lock is free, and the next opening finds it closed"
    await verified(store, session)


async def verified(store: SessionStore, session: str) -> None:
    """Hold the journal's sums against its bytes."""
    folder = await store.folder(session)
    lines = (folder / JOURNAL).read_bytes().splitlines(keepends=True)
    found = verify(lines, Blobs(RealDisk(), folder / BLOBS).get, Outside(session))
    assert found.whole, found.faults


def check_world(workspace: Path, records: list[Recorded], tally: Tally) -> None:
    """Hold the files against what the record says of the calls."""
    started = {it.event.call_id: it.event for it in records if isinstance(it.event, CallStarted)}
    shells: list[str] = []
    made: set[str] = set()
    for it in records:
        if not isinstance(it.event, CallFinished):
            continue
        tally.outcomes[f"{it.event.tool}: {it.event.outcome}"] += 1
        intent = started.get(it.event.call_id)
        if it.event.tool == "shell":
            shells.append(it.event.outcome)
        elif intent is not None and intent.edits:
            assert it.event.outcome in {"completed", "not_run"}, it.event
            if it.event.outcome == "completed":
                made |= {str(Path(edit.path).relative_to(workspace)) for edit in intent.edits}
    for name in {*FILES, *CHANGED} - {"step.sh"}:
        wanted = CHANGED[name] if name in made else FILES.get(name)
        path = workspace / name
        assert (path.read_bytes() if path.exists() else None) == wanted, name
    log = workspace / "log"
    lines = log.read_text().splitlines() if log.exists() else []
    assert set(lines) <= {"line"}
    sure, doubtful = shells.count("completed"), shells.count("unknown")
    assert sure <= len(lines) <= sure + doubtful, (shells, lines)
    tally.lines[len(lines)] += 1
