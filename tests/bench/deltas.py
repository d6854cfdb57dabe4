"""What the adapter costs: CPU per delta beside the SDK's own raw events, CPU per request in long conversations."""

from __future__ import annotations

import asyncio
import contextlib
import json
import statistics
import sys
import tempfile
import time
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from postil.core.messages import (
    AssistantMessage,
    Message,
    Text,
    ToolCall,
    ToolMessage,
    ToolResult,
    UserMessage,
)
from postil.core.ports import ModelRequest, Reply, TextPiece, ToolSchema
from postil.model.anthropic import AnthropicModel
from postil.model.wire import Wire

MODEL = "claude-sonnet-5-5"
TOOLS = tuple(
    ToolSchema(
        f"tool_{number}",
        "Does one thing. " * 40,
        {"type": "object", "properties": {"path": {"type": "string"}}},
    )
    for number in range(10)
)


@dataclass(frozen=True, slots=True)
class DeltaFigures:
    """Medians over the rounds; both sides in one process and one run, the server in another process."""

    deltas: int
    rounds: int
    adapter_cpu: float
    """Seconds of CPU from request to whole reply."""
    sdk_cpu: float
    """The same for the SDK's raw events, of which nothing is kept."""
    ratio: float
    pieces: int
    """How many pieces the deltas became."""


@dataclass(frozen=True, slots=True)
class RequestFigures:
    """Milliseconds of CPU for a whole call with a short reply, by the length of the conversation."""

    turns: int
    encode_ms: float
    """Making the body, when all but the newest messages have been sent before."""
    call_ms: float
    """The call with it, in the client's process alone."""
    body_bytes: int


@asynccontextmanager
async def serving(script: str) -> AsyncGenerator[str]:
    """Serve a script from a process of its own, and yield its address."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "script.yaml"
        path.write_text(script, "utf-8")
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "postil.model.scripted", str(path), stderr=asyncio.subprocess.PIPE
        )
        assert process.stderr is not None
        line = (await process.stderr.readline()).decode()
        drain = asyncio.create_task(process.stderr.read())
        try:
            yield line.rpartition("=")[2].strip()
        finally:
            with contextlib.suppress(ProcessLookupError):
                process.terminate()
            await process.wait()
            await drain


async def deltas(count: int = 20_000, rounds: int = 5) -> DeltaFigures:
    """Receive a reply of so many deltas through the adapter and through the SDK, in turns."""
    import anthropic

    script = json.dumps({"replies": [{"text": "word " * count, "chunk": 5, "times": "any"}]})
    async with serving(script + "\n") as url:
        model = AnthropicModel(base_url=url)
        client = anthropic.AsyncAnthropic(api_key="local", base_url=url, max_retries=0)
        request = ModelRequest(MODEL, (), (), [UserMessage(text="Go.")])
        pieces: list[int] = []

        async def ours() -> None:
            pieces.append(0)
            async for piece in model.stream(request):
                pieces[-1] += isinstance(piece, TextPiece)

        async def theirs() -> None:
            seen = 0
            stream = await client.messages.create(
                model=MODEL, max_tokens=16_000, messages=[{"role": "user", "content": "Go."}], stream=True
            )
            async for event in stream:
                seen += event.type == "content_block_delta"
            assert seen == count

        figures = await _in_turns(rounds, ours, theirs)
        await model.close()
        await client.close()
    return DeltaFigures(count, rounds, figures[0], figures[1], round(figures[0] / figures[1], 3), max(pieces))


async def requests(turns: int, rounds: int = 30) -> RequestFigures:
    """Measure one call at the end of a conversation of so many turns."""
    body = b""
    async with serving('replies: [{text: "Done.", times: any}]\n') as url:
        model = AnthropicModel(base_url=url)
        messages = conversation(turns)
        wire = Wire()
        encoding: list[float] = []
        calling: list[float] = []
        for number in range(rounds + 5):
            messages += [AssistantMessage(content=(Text(text="Well."),)), UserMessage(text=f"Step {number}.")]
            request = ModelRequest(MODEL, ("You are terse.",), TOOLS, messages, "now")
            start = time.process_time()
            body = wire.encode(request)
            middle = time.process_time()
            async for piece in model.stream(request):
                assert isinstance(piece, TextPiece | Reply)
            encoding.append(middle - start)
            calling.append(time.process_time() - middle)
        await model.close()
    keep = slice(5, None)  # the first calls import, connect and encode what is old
    return RequestFigures(
        turns,
        round(statistics.median(encoding[keep]) * 1000, 3),
        round(statistics.median(calling[keep]) * 1000, 3),
        len(body),
    )


def conversation(turns: int, steps: int = 3) -> list[Message]:
    """Return a conversation in which each turn reads a file in each step."""
    messages: list[Message] = []
    for turn in range(turns):
        messages.append(UserMessage(text=f"Prompt {turn}: " + "please " * 20))
        for step in range(steps):
            call = ToolCall(id=f"toolu_{turn}_{step}", name="tool_0", input={"path": f"src/file_{step}.py"})
            messages.append(AssistantMessage(content=(Text(text="I look. " * 10), call)))
            result = ToolResult(call_id=call.id, content="x = 1\n" * 100)
            messages.append(ToolMessage(call_ids=(call.id,), results={call.id: result}))
        messages.append(AssistantMessage(content=(Text(text="Done. " * 20),)))
    messages.append(UserMessage(text="And now?"))
    return messages


async def _in_turns(rounds: int, *sides: Callable[[], Awaitable[None]]) -> list[float]:
    """Return the median CPU seconds of each side; a first round of each is for warming up."""
    taken: list[list[float]] = [[] for _ in sides]
    for number in range(rounds + 1):
        for place, side in enumerate(sides):
            start = time.process_time()
            await side()
            if number:
                taken[place].append(time.process_time() - start)
    return [round(statistics.median(times), 4) for times in taken]


async def main() -> None:
    """Print all figures, one object of JSON a line."""
    print(json.dumps(asdict(await deltas())))
    for turns in (10, 100):
        print(json.dumps(asdict(await requests(turns))))


if __name__ == "__main__":
    asyncio.run(main())
