"""What could be mentioned next, while it is typed: words, files, symbols, sessions. One list for every face."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from postil.agent.mentioning.written import WORDS, Word
from postil.core.errors import PostilError
from postil.core.ports import Memory, SearchQuery, Workspace
from postil.workspace.texts.definitions import defining

MOST = 50
"""Offers at once; what is typed next makes them fewer."""
_LEAST = 2
"""Letters of a symbol that are typed before it is looked for."""
_SAYS: dict[Word, str] = {
    "diagnostics": "Errors and warnings in the open documents",
    "diff": "Changes since the last commit",
    "selection": "The selected lines",
    "session": "The last session of this workspace",
}
_PLAIN = re.compile(r"[\w.+-]+(?:/[\w.+-]+)*/?\Z")

OfferKind = Literal["word", "file", "folder", "symbol", "session"]


@dataclass(frozen=True, slots=True)
class Offer:
    """One thing that could be mentioned."""

    kind: OfferKind
    text: str
    """The whole mention, with its @; of a folder with the slash after which it goes on."""
    detail: str = ""


async def offers(typed: str, workspace: Workspace, memory: Memory) -> list[Offer]:
    """Return what fits what is typed after an @, the likeliest first. Never raises."""
    keyword, colon, rest = typed.partition(":")
    try:
        if colon:
            if keyword == "symbol":
                return await _symbols(rest, workspace, "symbol:")
            return await _sessions(rest, memory) if keyword == "session" else []
        words = [Offer("word", f"@{it}", _SAYS[it]) for it in WORDS if it.startswith(typed)]
        if "symbol:".startswith(typed):
            words.append(Offer("word", "@symbol:", "A name that code defines"))
        files = await _files(typed, workspace)
        room = MOST - len(words) - len(files)
        symbols = await _symbols(typed, workspace, "") if room > 0 and "/" not in typed else []
        return [*words, *files, *symbols[: max(0, room)]]
    except PostilError:
        return []


async def _files(typed: str, workspace: Workspace) -> list[Offer]:
    """Return the entries of the folder that is being typed, and then files anywhere whose name has what is typed."""
    if not workspace.roots:
        return []
    folder, _, start = typed.rpartition("/")
    near = await _entries(folder, start, workspace)
    if not start or folder.startswith(("/", ".")):
        return near
    pattern = f"**/*{''.join(map(_either_case, start))}*"
    below = workspace.resolve(folder) if folder else workspace.roots[0]
    found = await workspace.glob(pattern, below, MOST)
    far = sorted((workspace.display(it) for it in found.paths), key=lambda it: (it.count("/"), len(it), it))
    offered = [*near, *(Offer("file", f"@{it}") for it in far if _PLAIN.match(it))]
    return list({it.text: it for it in offered}.values())[: MOST - len(WORDS)]


async def _entries(folder: str, start: str, workspace: Workspace) -> list[Offer]:
    try:
        path = workspace.resolve(folder) if folder else workspace.roots[0]
        entries = await workspace.entries(path)
    except PostilError:
        return []
    prefix = f"{folder}/" if folder else ""
    wanted = [
        it
        for it in entries
        if it.name.lower().startswith(start.lower()) and it.kind in ("file", "folder") and not it.ignored
    ]
    # Names that begin with a dot are offered to who types the dot.
    shown = [it for it in wanted if start.startswith(".") or not it.name.startswith(".")][:MOST]
    rows = [
        Offer("folder", f"@{prefix}{it.name}/")
        if it.kind == "folder"
        else Offer("file", f"@{prefix}{it.name}")
        for it in shown
    ]
    return [it for it in rows if _PLAIN.match(it.text[1:])]


async def _symbols(typed: str, workspace: Workspace, prefix: str) -> list[Offer]:
    name = typed.rpartition(".")[2]
    if len(name) < _LEAST or not re.match(r"[A-Za-z_]\w*\Z", name) or (name != typed and not prefix):
        return []
    found: dict[str, str] = {}
    pattern = re.compile(defining(rf"({name}\w*)"))
    for root in workspace.roots:
        matches = (await workspace.grep(SearchQuery(defining(rf"{name}\w*"), root, limit=4 * MOST))).matches
        for it in matches:
            match = pattern.match(it.text)
            defined = next((group for group in match.groups() if group), "") if match else ""
            if defined:
                found.setdefault(defined, f"{workspace.display(it.path)}:{it.line}")
    rows = sorted(found.items(), key=lambda it: (len(it[0]), it[0]))
    return [Offer("symbol", f"@{prefix}{defined}", place) for defined, place in rows[:MOST]]


async def _sessions(typed: str, memory: Memory) -> list[Offer]:
    found: Sequence[tuple[str, str]] = [(it.id, it.title) for it in await memory.sessions()]
    wanted = typed.lower()
    fitting = [it for it in found if it[0].startswith(typed) or wanted in it[1].lower()]
    return [Offer("session", f"@session:{name}", title) for name, title in fitting[:MOST]]


def _either_case(letter: str) -> str:
    low, high = letter.lower(), letter.upper()
    return f"[{low}{high}]" if low != high and len(low) == len(high) == 1 else letter
