"""The whole server in its own process: the memory it holds, and what a long reply costs it."""

from __future__ import annotations

import asyncio
import json
import os
import sys
import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, cast

from tests.bench.deltas import MODEL, serving
from tests.bench.figures import TIMES, Figure, ms, p50
from tests.bench.machine import processor_seconds, resident
from tests.bench.starts import SERVE
from tests.support.stdio_client import StdioClient

UPDATE = "postil/session/update"
DELTAS = 20_000
"""In one rush, as fast as the model's server can send them."""
SLOW = 2_000
"""With a pause before each, as models send them."""
SDK_EVENTS = (sys.executable, "-m", "tests.bench.sdk_events")
_READ = {"tool": "read", "input": {"path": "notes.txt"}}


async def memory(rounds: int = 3) -> list[Figure]:
    """Resident memory before the SDK is loaded, and after a turn with a few calls."""
    script = json.dumps({"replies": [_READ, _READ, "Done."] * rounds}) + "\n"
    idle: list[float] = []
    busy: list[float] = []
    async with serving(script) as url:
        for _ in range(rounds):
            await asyncio.to_thread(_hold, url, idle, busy)
    return [
        Figure("resident memory before the SDK is loaded", p50(idle), "MB", 60),
        Figure("resident memory after a turn", p50(busy), "MB", 110),
    ]


async def deltas(rounds: int = 5) -> list[Figure]:
    """Twenty thousand deltas through the whole server to the client, beside the SDK's raw events alone."""
    what = f"{DELTAS:,} deltas to the client, beside the SDK's raw events"
    rush = await _beside_sdk(what, {"text": "word " * DELTAS}, DELTAS, rounds)
    what = f"{SLOW:,} deltas that come one by one, beside the same"
    slow = await _beside_sdk(what, {"text": "word " * SLOW, "delay": {"each": 0.001}}, SLOW, 2)
    return [rush, slow]


async def _beside_sdk(what: str, reply: dict[str, Any], count: int, rounds: int) -> Figure:
    script = json.dumps({"replies": [{**reply, "chunk": 5, "times": "any"}]}) + "\n"
    async with serving(script) as url:
        ours, theirs, updates = await asyncio.to_thread(_stream, url, count, rounds)
    behind = f"processor {ms(p50(ours)):g} beside {ms(p50(theirs)):g} ms; {updates} updates to the client"
    return Figure(what, round(p50(ours) / p50(theirs), 2), TIMES, 1.3, None, behind)


def _hold(url: str, idle: list[float], busy: list[float]) -> None:
    with tempfile.TemporaryDirectory(prefix="postil-bench-") as folder, _server(url, Path(folder)) as client:
        idle.append(resident(client.process.pid))
        client.notify("initialized", {})
        _turn(client)
        busy.append(resident(client.process.pid))


def _stream(url: str, count: int, rounds: int) -> tuple[list[float], list[float], int]:
    ours: list[float] = []
    theirs: list[float] = []
    updates = 0
    with tempfile.TemporaryDirectory(prefix="postil-bench-") as folder, _server(url, Path(folder)) as client:
        client.notify("initialized", {})
        with StdioClient((*SDK_EVENTS, url, MODEL)) as sdk:
            for number in range(rounds + 1):
                before = processor_seconds(client.process.pid)
                updates = _turn(client)
                spent = processor_seconds(client.process.pid) - before
                answer = sdk.request("stream")["result"]
                assert answer["deltas"] == count
                if number:  # the first round loads and builds what is needed once
                    ours.append(spent)
                    theirs.append(answer["processor"])
    return ours, theirs, updates


def _turn(client: StdioClient) -> int:
    """Run a turn to its end; return how many updates came."""
    client.other.clear()
    answer = client.request("postil/session/prompt", {"text": "Go on."})
    turn_id = answer["result"]["turnId"]
    client.wait_for(lambda message: _ends(message, turn_id))
    return sum(message.get("method") == UPDATE for message in client.other) + 1


def _ends(message: dict[str, Any], turn_id: str) -> bool:
    if message.get("method") != UPDATE:
        return False
    event = message["params"]["event"]
    ends = bool(event["type"] == "TurnEnded" and event["turn_id"] == turn_id)
    assert not ends or event["reason"] == "end_turn", event
    return ends


@contextmanager
def _server(url: str, folder: Path) -> Generator[StdioClient]:
    """A server that has answered `initialize`, for a client of ours, and loads nothing more by itself."""
    (folder / "notes.txt").write_text("One line of text among others.\n" * 100)
    uri = folder.as_uri()
    with StdioClient(SERVE, {"ANTHROPIC_BASE_URL": url}) as client:
        answer = client.request(
            "initialize",
            {
                "processId": os.getpid(),
                "rootUri": uri,
                "workspaceFolders": [{"uri": uri, "name": "work"}],
                "capabilities": {"experimental": {"postil": {"protocol": 1}}},
            },
        )
        assert "capabilities" in cast("dict[str, Any]", answer["result"])
        yield client
        client.request("shutdown")
        client.notify("exit")
        client.wait_exit()
