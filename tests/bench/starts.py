"""Starting: the server to its first answer, a headless run to its first request, each beside the bare thing."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from tests.bench.figures import TIMES, Figure, ms, p50
from tests.support.stdio_client import frame

BARE_SERVER = str(Path(__file__).with_name("bare_pygls.py"))
CLIENT = Path(__file__).parents[1] / "support" / "clients" / "vscode.json"
SERVE = (sys.executable, "-m", "postil", "serve")
ASK = (sys.executable, "-m", "postil", "ask", "--json", "Hello.")
IMPORT = (sys.executable, "-c", "import anthropic, os; os.write(1, b'.')")


async def initialize(rounds: int = 9) -> list[Figure]:
    """From the start of the process to the answer to `initialize`, with what VS Code says of itself."""
    params = json.loads(CLIENT.read_text("utf-8"))
    with tempfile.TemporaryDirectory(prefix="postil-bench-") as folder:
        uri = Path(folder).as_uri()
        params |= {
            "processId": os.getpid(),
            "rootUri": uri,
            "workspaceFolders": [{"uri": uri, "name": "work"}],
        }
        request = frame({"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": params})
        return await asyncio.to_thread(
            _beside,
            "start to initialize, beside bare pygls",
            1.2,
            1.0,
            rounds,
            lambda: _answered(SERVE, request),
            lambda: _answered((sys.executable, BARE_SERVER), request),
        )


async def headless(rounds: int = 7) -> list[Figure]:
    """From the start of `postil ask` to its first model request on the wire, beside importing the SDK."""
    arrived: list[float] = []
    server = await asyncio.start_server(lambda reader, writer: _refuse(reader, writer, arrived), "127.0.0.1")
    url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    with tempfile.TemporaryDirectory(prefix="postil-bench-") as folder:

        def asked() -> tuple[float, float]:
            arrived.clear()
            start = time.perf_counter()
            process = subprocess.Popen(
                ASK, cwd=folder, env={**os.environ, "ANTHROPIC_BASE_URL": url},
                stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            )  # fmt: skip
            spent = _processor_of(process, lambda: None)
            return arrived[0] - start, spent

        async with server:
            return await asyncio.to_thread(
                _beside,
                "headless start to the first request, beside bare import anthropic",
                1.1,
                None,
                rounds,
                asked,
                lambda: _said(IMPORT),
            )


def _beside(
    what: str,
    bound: float,
    goal: float | None,
    rounds: int,
    ours: Callable[[], tuple[float, float]],
    bare: Callable[[], tuple[float, float]],
) -> list[Figure]:
    """Measure the two in turns; processor seconds tell more than the clock on a machine with other work."""
    taken: list[tuple[tuple[float, float], tuple[float, float]]] = []
    for number in range(rounds + 1):
        pair = (ours(), bare())
        if number:  # the first round fills the disk's cache
            taken.append(pair)
    wall = [p50([pair[side][0] for pair in taken]) for side in (0, 1)]
    spent = [p50([pair[side][1] for pair in taken]) for side in (0, 1)]
    behind = (
        f"{ms(wall[0]):g} beside {ms(wall[1]):g} ms; processor {ms(spent[0]):g} beside {ms(spent[1]):g} ms"
    )
    return [Figure(what, round(wall[0] / wall[1], 2), TIMES, bound, goal, behind)]


def _answered(command: Sequence[str], request: bytes) -> tuple[float, float]:
    """Seconds until a server has answered, and its processor seconds."""
    start = time.perf_counter()
    process = subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    )
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(request)
    process.stdin.flush()
    length = 0
    while (line := process.stdout.readline()) != b"\r\n":
        assert line, "the server ended"
        length = int(line[15:]) if line.startswith(b"Content-Length:") else length
    answer: dict[str, Any] = json.loads(process.stdout.read(length))
    taken = time.perf_counter() - start
    assert "capabilities" in answer["result"]
    with process.stdin, process.stdout:
        return taken, _processor_of(process, process.kill)


def _said(command: Sequence[str]) -> tuple[float, float]:
    """Seconds until a process has written one byte, and its processor seconds."""
    start = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.PIPE)
    assert process.stdout is not None
    with process.stdout:
        assert process.stdout.read(1)
        taken = time.perf_counter() - start
        return taken, _processor_of(process, lambda: None)


def _processor_of(process: subprocess.Popen[bytes], end: Callable[[], None]) -> float:
    end()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    return usage.ru_utime + usage.ru_stime


async def _refuse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, arrived: list[float]) -> None:
    """Note when the request is there, and answer it with an error that nobody tries again."""
    await reader.readuntil(b"\r\n\r\n")
    arrived.append(time.perf_counter())
    body = b'{"type":"error","error":{"type":"invalid_request_error","message":"no"}}'
    head = f"HTTP/1.1 400 Bad\r\ncontent-type: application/json\r\ncontent-length: {len(body)}\r\nconnection: close\r\n\r\n"
    writer.write(head.encode() + body)
    await writer.drain()
    writer.close()
