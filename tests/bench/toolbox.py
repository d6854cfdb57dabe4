"""What tools cost in every request: with no, fifty and five hundred tools of a server behind the search for them."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

from postil.context import prompt
from postil.context.estimate import BYTES_A_TOKEN
from postil.context.prompt import Now
from postil.core.ports import ModelRequest, ToolSchema
from postil.core.state import State
from postil.model.wire import Wire
from tests.bench.figures import Figure
from tests.support.served import Place, place, written

COUNTS = (0, 50, 500)
MOST = 9_000
"""Tokens of tool text that a request may have at its start."""


async def toolbox() -> list[Figure]:
    """Start a server with so many tools, and look at the first request and at one after a search."""
    figures: list[Figure] = []
    with tempfile.TemporaryDirectory(prefix="postil-bench-") as folder:
        for count in COUNTS:
            servers = [written("big", count=count)] if count else []
            async with place(Path(folder), *servers) as here:
                here.servers.wake()
                if count:
                    await here.in_state("big", "ready")
                figures.append(_at_start(here, count))
                if count:
                    figures.append(await _search(here, count))
    return figures


def _at_start(here: Place, count: int) -> Figure:
    core = here.registry.schemas()
    all_at_once = _text([*core, *(it.schema() for it in here.servers.tools())])
    request = _request(here, core)
    whole = json.loads(Wire().encode(request))
    sent = len(json.dumps(whole["tools"], ensure_ascii=False).encode()) + len(request.suffix.encode())
    behind = (
        f"{sent:,} bytes; all tools in the request would be {round(all_at_once / BYTES_A_TOKEN):,} tokens"
    )
    return Figure(
        f"tool text at the start, {count} tools of a server",
        round(sent / BYTES_A_TOKEN),
        "tokens",
        MOST,
        behind=behind,
    )


async def _search(here: Place, count: int) -> Figure:
    result = await here.find(f"archive number {count // 2}")
    found = [it for it in here.servers.tools() if f"- {it.spec.name}: " in result.content][:5]
    read = len(result.content.encode()) + _text([it.schema() for it in found])
    return Figure(
        f"a search among {count}, with the five tools that it brings",
        round(read / BYTES_A_TOKEN),
        "tokens",
        MOST,
    )


def _request(here: Place, core: tuple[ToolSchema, ...]) -> ModelRequest:
    stable = prompt.prefix(["/project"], core)
    return prompt.request(State.empty(), stable, max_tokens=1_000, now=Now(tools=here.servers.lines()))


def _text(tools: list[ToolSchema]) -> int:
    return sum(
        len(json.dumps([it.name, it.description, it.input_schema], ensure_ascii=False).encode())
        for it in tools
    )
