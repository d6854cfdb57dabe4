"""A process that is killed while it compacts leaves the session as it was; the next one compacts it."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path

from postil.core.events import Compacted, CompactionFailed, ModelCalled
from postil.core.fold import fold
from postil.journal.store import Record
from tests.support.asking import Desk, desk, run

SUMMARY = "### Found\n\n- all files say the same\n"
ASKS = {"system": "getting too long"}
SCRIPT = [
    *({"tool": "read", "input": {"path": f"f{number}.py"}} for number in range(14)),
    "I have looked at all of them.",
    {"when": ASKS, "text": "### Fo", "stall": 1},
    {"when": ASKS, "text": SUMMARY},
    "Yes, all of them.",
]


async def begun(place: Desk) -> None:
    """Return once a summary is asked for."""
    while not any(  # noqa: ASYNC110 (another process makes it true)
        "getting too long" in str(it.body.get("system")) for it in place.server.requests
    ):
        await asyncio.sleep(0.01)


def said(record: Record, upto: int) -> list[str]:
    state = fold(it for it in record.events if it.seq <= upto)
    return [it.model_dump_json() for it in state.conversation.messages]


async def test_a_kill_while_it_compacts_loses_nothing(tmp_path: Path) -> None:
    async with desk(tmp_path, SCRIPT) as place:
        for number in range(14):
            (place.workspace / f"f{number}.py").write_text(f"x = {number}\n" * 300)
        first = await place.ask("Look at all files.\nThen say so.")
        assert first.status == 0, first.err
        session_id = first.lines[0]["sessionId"]
        before = await place.record(session_id)

        async def kill(process: asyncio.subprocess.Process) -> None:
            await begun(place)
            process.kill()

        compact = ("sessions", "compact", session_id)
        killed = await run(*compact, cwd=place.workspace, env=place.environment, meanwhile=kill)
        assert killed.status == -9
        torn = await place.record(session_id)
        last = before.events[-1].seq
        assert said(torn, torn.events[-1].seq) == said(before, last)
        assert not fold(torn.events).conversation.compactions

        again = await run(*compact, cwd=place.workspace, env=place.environment)
        assert again.status == 0, again.err
        assert re.search(r"Compacted: \S+ to \S+ tokens", again.out), again.out
        record = await place.record(session_id)
        events = [it.event for it in record.events]
        (failed,) = [it for it in events if isinstance(it, CompactionFailed)]
        assert (failed.reason, failed.begun) == ("interrupted", True)
        (done,) = [it for it in events if isinstance(it, Compacted)]
        assert done.after < done.before * 0.7
        assert len([it for it in events if isinstance(it, ModelCalled)]) == 17
        assert said(record, last) == said(before, last)

        kept = await run("sessions", "kept", session_id, cwd=place.workspace, env=place.environment)
        assert "Look at all files.\nThen say so." in kept.out
        assert "- all files say the same" in kept.out
        assert "- read f0.py" in kept.out
        verified = await run("audit", "verify", session_id, cwd=place.workspace, env=place.environment)
        assert verified.status == 0, verified.out

        asked = await place.ask("--resume", session_id, "Is that all of them?")
        assert asked.status == 0, asked.err
        sent = str(place.server.requests[-1].body["messages"])
        assert "all files say the same" in sent
        assert "x = 3" not in sent
        beginnings = {
            str((it.body["tools"], it.body["system"])) for it in place.server.requests if "tools" in it.body
        }
        assert len(beginnings) == 1
