"""`find_tools`: tools that are not in every request, found by words; the best can be called from then on."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from postil.core.effects import Access, Invocation, Preview, Result, RunContext, ToolsFound
from postil.core.messages import Value
from postil.core.ports import Hit, ToolPorts, ToolSearch
from postil.core.revealing import one_line, revealed
from postil.tools.output import counted

MOST_NAMED = 20
"""Tools that are named beside those that were found."""


class Params(Value):
    """What to look for."""

    query: Annotated[str, Field(min_length=1, max_length=300, description="Words, or a tool's name.")]
    most: Annotated[int, Field(ge=1, le=10, description="How many can be called from then on.")] = 5


async def prepare(params: Params, ports: ToolPorts) -> Invocation:
    """Say what would be looked for."""

    async def run(_: RunContext) -> Result:
        return _result(params, await ports.others.find(params.query))

    return Invocation(
        title=one_line(f"Find tools: {params.query}"),
        kind="search",
        access=Access(),
        preview=Preview(subject=revealed(params.query)),
        run=run,
    )


def _result(params: Params, search: ToolSearch) -> Result:
    hits, named = search.hits[: params.most], search.hits[params.most : params.most + MOST_NAMED]
    found = ToolsFound(params.query, tuple(it.tool.name for it in hits), tuple(it.tool for it in hits))
    lines = [f"Found, best first, of {counted(search.of, 'tool')}:", *map(_row, hits)] if hits else []
    if named:
        more = len(search.hits) - len(hits) - len(named)
        rest = f", and {more:,} more" if more else ""
        lines += [f"These fit as well{rest}; search for a name to get it:", *map(_row, named)]
    if not hits:
        lines = [f"No tool fits, of {counted(search.of, 'tool')}. Other words may find one."]
    sources = tuple(dict.fromkeys(it.source for it in (*hits, *named) if it.source is not None))
    text = "\n".join([*lines, *(f"[{it}]" for it in search.notes)])
    return Result(text, effects=(found,), details={"found": len(hits), "of": search.of}, sources=sources)


def _row(hit: Hit) -> str:
    return f"- {hit.tool.name}: {hit.line}"
