"""A chat document as editors outline and fold it, and where its links lead."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING
from urllib.parse import unquote

from lsprotocol import types

from postil.core.revealing import one_line
from postil.lsp.chat.form import ChatText, Section, parse, split
from postil.workspace.files.uris import path_to_uri

if TYPE_CHECKING:
    from pathlib import Path

_PART = re.compile(r"### (\S.*)")
_LINK = re.compile(r"\]\(((?:\.\./)+[^()\s#]+)(#L(\d+))?\)")
_TITLE = 60


def symbols(
    text: str, uri: str, *, nested: bool
) -> list[types.DocumentSymbol] | list[types.SymbolInformation]:
    """Return the turns, with questions, plan and verdict below; as a list where the client takes no tree."""
    tree = list(_tree(text))
    if nested:
        return tree
    flat = [child for it in tree for child in (it, *(it.children or ()))]
    return [types.SymbolInformation(types.Location(uri, it.range), it.name, it.kind) for it in flat]


def folds(text: str, *, headings: bool) -> list[types.FoldingRange]:
    """Return what folds: turns, unless the editor folds headings itself, and rows with what is set in below them."""
    chat, lines = parse(text), split(text)
    found: list[types.FoldingRange] = []
    if headings:
        for it, last in _ends(chat, lines):
            if it.kind != "top" and last > it.line:
                found.append(types.FoldingRange(start_line=it.line, end_line=last))
    start: int | None = None
    for place, line in enumerate([*lines, ""]):
        within = line.startswith("    ") and bool(line.strip())
        if start is None and within and place:
            start = place - 1
        elif start is not None and not within:
            if lines[start].startswith(("- ", "### ")):
                found.append(types.FoldingRange(start_line=start, end_line=place - 1))
            start = None
    return found


def links(text: str, folder: Path, position: Callable[[int], types.Position]) -> Iterator[types.DocumentLink]:
    """Yield the links of Postil's replies to files and lines of the workspace."""
    for section in parse(text).replies:
        for found in _LINK.finditer(section.text):
            target = (folder / unquote(found[1])).resolve(strict=False)
            where = types.Range(
                position(section.body + found.start(1)), position(section.body + found.end() - 1)
            )
            yield types.DocumentLink(where, target=f"{path_to_uri(target)}{found[2] or ''}")


def _tree(text: str) -> Iterator[types.DocumentSymbol]:
    chat, lines = parse(text), split(text)
    for section, last in _ends(chat, lines):
        if section.kind == "top":
            continue
        children = [
            types.DocumentSymbol(found[1], types.SymbolKind.Event, _lines(place, place), _lines(place, place))
            for place in range(section.line + 1, last + 1)
            if section.kind == "postil" and (found := _PART.fullmatch(lines[place])) is not None
        ]
        whole, name = _lines(section.line, last), _lines(section.line, section.line)
        kind = types.SymbolKind.String if section.kind == "you" else types.SymbolKind.Object
        yield types.DocumentSymbol(_name(section), kind, whole, name, children=children)


def _name(section: Section) -> str:
    if section.kind == "postil":
        return f"Postil, turn {section.turn}" if section.turn is not None else "Postil"
    first = one_line(section.prompt.split("\n", 1)[0], _TITLE)
    return f"You: {first}" if first else "You"


def _ends(chat: ChatText, lines: Sequence[str]) -> Iterator[tuple[Section, int]]:
    """Yield each section with its last line that is not blank."""
    starts = [it.line for it in chat.sections[1:]] + [len(lines)]
    for section, end in zip(chat.sections, starts, strict=True):
        last = end - 1
        while last > section.line and not lines[last].strip():
            last -= 1
        yield section, last


def _lines(first: int, last: int) -> types.Range:
    return types.Range(types.Position(first, 0), types.Position(last, 0))
