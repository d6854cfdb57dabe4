"""`@parse_header`, `@Parser.feed`, `@symbol:feed`: where the workspace defines a name, found in files and in what is typed."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from postil.agent.mentioning.files import excerpt
from postil.agent.mentioning.material import Material, NotAttached
from postil.core.errors import ToolError
from postil.core.ports import Match, SearchQuery
from postil.core.question import PromptContext
from postil.workspace.texts.definitions import block, defining

MOST = 5
"""Definitions of one name that are attached."""
_LOOKED_AT = 50


async def definitions(name: str, material: Material) -> Sequence[PromptContext]:
    """Return the definitions of a name, the shortest paths first; nothing where there is none."""
    *within, last = name.split(".")
    found: list[Match] = []
    for root in material.parts.workspace.roots:
        query = SearchQuery(defining(re.escape(last)), root, limit=_LOOKED_AT)
        try:
            found += (await material.parts.workspace.grep(query)).matches
        except ToolError:
            continue
    allowed = set(await material.readable(list({it.path for it in found})))
    places = sorted(
        (it for it in found if it.path in allowed), key=lambda it: (len(str(it.path)), it.path, it.line)
    )
    texts = {path: await _lines(path, material) for path in dict.fromkeys(it.path for it in places)}
    # Large files are many lines to look at.
    chosen = await asyncio.to_thread(_blocks, places, texts, within)
    attached = [
        excerpt("symbol", material.parts.workspace.display(path), texts[path], first + 1, end + 1, name)
        for path, first, end in chosen[:MOST]
    ]
    if len(chosen) > MOST:
        attached[-1] = attached[-1].model_copy(
            update={"note": f"{MOST} of {len(chosen)} definitions of {name}"}
        )
    return attached


def _blocks(
    places: Sequence[Match], texts: dict[Path, list[str]], within: Sequence[str]
) -> list[tuple[Path, int, int]]:
    """Return where the definitions lie, first and last line from 0, that lie in definitions of the names `within`."""
    containers = {
        (path, name): list(_defined(lines, name)) for path, lines in texts.items() for name in within
    }
    chosen: list[tuple[Path, int, int]] = []
    for place in places:
        lines, at = texts[place.path], place.line - 1
        if at < len(lines) and all(
            _of_type(lines[at], name) or any(first < at <= end for first, end in containers[place.path, name])
            for name in within
        ):
            chosen.append((place.path, *block(lines, at)))
    return chosen


def _defined(lines: Sequence[str], name: str) -> Iterator[tuple[int, int]]:
    pattern = re.compile(defining(re.escape(name)))
    for at, line in enumerate(lines):
        if name in line and pattern.match(line):
            yield at, block(lines, at)[1]


def _of_type(line: str, name: str) -> bool:
    """Whether a method says of which type it is, as in Go."""
    return re.search(rf"\([^)]*\b{re.escape(name)}\b[^)]*\)", line.partition("=")[0]) is not None


async def _lines(path: Path, material: Material) -> list[str]:
    try:
        return (await material.text(path)).split("\n")
    except (ToolError, NotAttached):
        return []
