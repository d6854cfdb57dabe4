"""The SDK's raw events alone, in a process of its own: streams a reply for each frame on stdin and says what it cost."""

from __future__ import annotations

import asyncio
import json
import sys
import time
from typing import Any

import anthropic

from tests.support.stdio_client import frame


async def stream(client: anthropic.AsyncAnthropic, model: str) -> dict[str, Any]:
    """Receive one reply and keep nothing of it."""
    start = time.process_time()
    deltas = 0
    events = await client.messages.create(
        model=model, max_tokens=16_000, messages=[{"role": "user", "content": "Go."}], stream=True
    )
    async for event in events:
        deltas += event.type == "content_block_delta"
    return {"deltas": deltas, "processor": time.process_time() - start}


async def main() -> None:
    """Answer until stdin ends."""
    url, model = sys.argv[1:]
    client = anthropic.AsyncAnthropic(api_key="local", base_url=url, max_retries=0)
    for line in iter(sys.stdin.buffer.readline, b""):
        length = int(line.removeprefix(b"Content-Length:"))
        sys.stdin.buffer.readline()
        asked = json.loads(sys.stdin.buffer.read(length))
        answer = {"jsonrpc": "2.0", "id": asked["id"], "result": await stream(client, model)}
        sys.stdout.buffer.write(frame(answer))
        sys.stdout.buffer.flush()
    await client.close()


if __name__ == "__main__":
    asyncio.run(main())
