"""`@parse_header`, `@Parser.feed`, `@symbol:feed`: where the workspace defines a name, found in files and in what is typed."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from postil.agent.mentioning.definitions import block, defining
from postil.agent.mentioning.files import excerpt
from postil.agent.mentioning.material import Material, NotAttached
from postil.core.errors import ToolError
from postil.core.ports import Match, SearchQuery
from postil.core.question import PromptContext

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
    texts: dict[Path, list[str]] = {}
    attached: list[PromptContext] = []
    count = 0
    for place in places:
        if place.path not in texts:
            texts[place.path] = await _lines(place.path, material)
        lines = texts[place.path]
        if place.line > len(lines) or not _lies_in(lines, place.line - 1, within):
            continue
        count += 1
        if len(attached) < MOST:
            first, end = block(lines, place.line - 1)
            shown = material.parts.workspace.display(place.path)
            attached.append(excerpt("symbol", shown, lines, first + 1, end + 1, name))
    if count > MOST:
        attached[-1] = attached[-1].model_copy(update={"note": f"{MOST} of {count} definitions of {name}"})
    return attached


async def _lines(path: Path, material: Material) -> list[str]:
    try:
        return (await material.text(path)).split("\n")
    except (ToolError, NotAttached):
        return []


def _lies_in(lines: Sequence[str], at: int, within: Sequence[str]) -> bool:
    """Whether the line at this index lies in definitions of these names, the outermost first."""
    for name in within:
        if re.search(rf"\([^)]*\b{re.escape(name)}\b[^)]*\)", lines[at].partition("=")[0]):
            continue  # as Go names the type that a method is of
        pattern = re.compile(defining(re.escape(name)))
        if not any(pattern.match(lines[it]) and block(lines, it)[1] >= at for it in range(at - 1, -1, -1)):
            return False
    return True
