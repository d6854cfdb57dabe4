"""`symbols`: the outline of a file, the definitions of a name, and the lines that use it.

In the protocol requests for definitions and references go from the client to servers, and none leads from one server to another.
So names are looked for in the texts. A client of ours may pass on what its language servers know; then that chooses among the
lines that were found, so nothing is read because of what it says.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated

from pydantic import Field

from postil.core.effects import Access, Invocation, Preview, Result, RunContext
from postil.core.errors import InvalidInput
from postil.core.messages import Value
from postil.core.ports import (
    FileView,
    Found,
    Match,
    SearchQuery,
    SymbolPlace,
    SymbolQuery,
    ToolPorts,
    Views,
    Workspace,
)
from postil.core.redaction.redact import redact
from postil.core.revealing import cut, one_line, revealed
from postil.tools.files import read_view
from postil.tools.output import counted, first_lines
from postil.tools.searching import named, places, searched, words
from postil.tools.texts import computed
from postil.workspace.texts.outline import Definition, Outline, outline

CHARACTERS = 28_000
LINE_LENGTH = 300
LOOKED_AT = 1_000
"""Lines with a name that are looked at."""
FILES = 100
"""Files with a name that are looked into."""
ASKED = 5
"""Definitions of one name that a client is asked about."""
BY_CLIENT = "[As the editor's language servers tell.]"
BY_WORDS = "[Told by words and indentation alone: there is no parser for this language here.]"


class Params(Value):
    """What to look for."""

    path: Annotated[
        str | None, Field(min_length=1, description="A file; with `name` also a folder to look in.")
    ] = None
    name: Annotated[
        str | None,
        Field(
            pattern=r"^[^\W\d][\w$]*(\.[^\W\d][\w$]*)*$",
            max_length=200,
            description="A name, such as `mean` or `Parser.feed`.",
        ),
    ] = None
    uses: Annotated[bool | None, Field(description="Whether to return the lines that use the name.")] = None


@dataclass(frozen=True, slots=True)
class _Defined:
    """A definition that was found, with the line that begins it."""

    path: Path
    definition: Definition
    line: str
    parsed: bool


async def prepare(params: Params, ports: ToolPorts) -> Invocation:
    """Name the places; they are looked at when the call runs."""
    if params.name is None:
        if params.path is None or params.uses:
            raise InvalidInput("`symbols` takes a `path`, a `name`, or both.", "Give a file for its outline.")
        return _outline_of(params.path, ports.workspace)
    workspace, name, uses = ports.workspace, params.name, bool(params.uses)
    paths = places(params.path, workspace)

    async def run(_: RunContext) -> Result:
        query = SearchQuery(rf"\b{re.escape(name.rpartition('.')[2])}\b", paths[0], limit=LOOKED_AT)
        found = await searched(
            paths, lambda it: workspace.grep(replace(query, path=it)), LOOKED_AT, workspace
        )
        files = list(dict.fromkeys(it.path for it in found.matches))
        defined = await workspace.read_each(files[:FILES], lambda views: _defined(views, name))
        whole = found.complete and len(files) <= FILES
        told = await workspace.symbols(_asked(name, found, defined, uses=uses))
        if uses:
            return await computed(
                LINE_LENGTH * len(found.matches), lambda: _uses(found, defined, name, whole, workspace, told)
            )
        return _definitions(defined, name, whole, workspace, _more(found, defined, told))

    what = "uses" if uses else "definitions"
    return Invocation(
        title=one_line(f"Look for {what} of {name}"),
        kind="search",
        access=Access(reads=paths, named=words(params.path, workspace)),
        preview=Preview(subject=named(paths)),
        run=run,
    )


def _asked(name: str, found: Found, defined: Sequence[_Defined], *, uses: bool) -> list[SymbolQuery]:
    """Return what a client is asked: about each definition, or where the name stands first. Nothing where it may be too many things."""
    places = [SymbolPlace(it.path, it.definition.first) for it in defined]
    places = places or [SymbolPlace(it.path, it.line) for it in found.matches[:1]]
    last = name.rpartition(".")[2]
    return [SymbolQuery(last, it, uses) for it in places] if len(places) <= ASKED else []


def _more(found: Found, defined: Sequence[_Defined], told: Sequence[SymbolPlace] | None) -> list[Match]:
    """Return the lines that a client calls definitions and that were not found to be any."""
    known = {(it.path, line) for it in defined for line in range(it.definition.first, it.definition.last + 1)}
    wanted = {(it.path, it.line) for it in told or ()} - known
    return [it for it in found.matches if (it.path, it.line) in wanted]


def _outline_of(written: str, workspace: Workspace) -> Invocation:
    path = workspace.locate(written)

    async def run(_: RunContext) -> Result:
        view = await read_view(workspace, path, written)
        return await computed(len(view.text), lambda: _outlined(view, workspace.display(path)))

    return Invocation(
        title=one_line(f"Outline {written}"),
        kind="read",
        access=Access(reads=(path,), named=(workspace.written(written),)),
        preview=Preview(subject=revealed(str(path))),
        run=run,
    )


def _outlined(view: FileView, shown: str) -> Result:
    found = outline(view.path, view.text)
    details = {"definitions": len(found.definitions), "parsed": found.parsed}
    notes = [] if found.parsed else [BY_WORDS]
    if not found.definitions:
        return Result(
            "\n".join([f"Nothing is defined in {shown}, as far as can be seen.", *notes]), details={**details}
        )
    shown_lines = redact(view.text).text.split("\n")
    lines, whole = first_lines(_rows(found, shown_lines), CHARACTERS)
    if not whole or not found.complete:
        count = counted(len(found.definitions), "definition")
        notes.insert(0, f"[The first {len(lines)} of {count}{'' if found.complete else ' and more'}.]")
    return Result("\n".join([*lines, *notes]), details={**details})


def _rows(found: Outline, lines: Sequence[str]) -> Iterator[str]:
    for it in found.definitions:
        yield f"{it.first}-{it.last}: {_line(lines, it.first)}"


def _line(lines: Sequence[str], number: int) -> str:
    return cut(revealed(lines[number - 1].rstrip()), LINE_LENGTH) if number <= len(lines) else ""


def _defined(views: Views, name: str) -> list[_Defined]:
    """Return the definitions of a name in files that have it; runs in a thread."""
    *within, last = name.split(".")
    found: list[_Defined] = []
    for path, view in views.items():
        if not isinstance(view, FileView):
            continue
        known = outline(path, view.text)
        mine = [it for it in known.definitions if it.name == last and _stands_in(it, within)]
        lines = redact(view.text).text.split("\n") if mine else []
        found += [_Defined(path, it, _line(lines, it.first), known.parsed) for it in mine]
    return sorted(found, key=lambda it: (len(str(it.path)), it.path, it.definition.first))


def _stands_in(definition: Definition, within: Sequence[str]) -> bool:
    """Whether it stands in definitions of these names, one in the other, others between them or not."""
    around = iter(definition.within)
    return all(any(it == name for it in around) for name in within)


def _definitions(
    found: Sequence[_Defined], name: str, whole: bool, workspace: Workspace, by_client: Sequence[Match]
) -> Result:
    count = len(found) + len(by_client)
    details = {"definitions": count, "complete": whole}
    more = [] if whole else ["[Not every file with that name was looked into: narrow it by `path`.]"]
    if not count:
        text = f"No definition of {name} was found. `grep` finds words; a name may be made by other means."
        return Result("\n".join([text, *more]), details={**details})
    rows = (*(_row(it, workspace) for it in found), *(_match(it, workspace) for it in by_client))
    lines, fits = first_lines(rows, CHARACTERS)
    if not fits:
        lines.append(f"[The first {len(lines)} of {count}. Narrow it by `path`.]")
    if not all(it.parsed for it in found):
        lines.append("[Those without a kind are told by words and indentation alone.]")
    return Result("\n".join([*lines, *more]), details={**details})


def _row(found: _Defined, workspace: Workspace) -> str:
    it = found.definition
    kind = f"{it.kind} " if it.kind else ""
    full = ".".join((*it.within, it.name))
    return f"{one_line(workspace.display(found.path), 400)}:{it.first}-{it.last}: {kind}{full}: {found.line.strip()}"


def _match(it: Match, workspace: Workspace) -> str:
    text = cut(revealed(redact(it.text.strip()).text), LINE_LENGTH)
    return f"{one_line(workspace.display(it.path), 400)}:{it.line}: {text}"


def _uses(
    found: Found,
    defined: Sequence[_Defined],
    name: str,
    whole: bool,
    workspace: Workspace,
    told: Sequence[SymbolPlace] | None,
) -> Result:
    begun = {(it.path, it.definition.first) for it in defined}
    uses = [it for it in found.matches if (it.path, it.line) not in begun]
    known = {(it.path, it.line) for it in told or ()}
    by_client = [it for it in uses if (it.path, it.line) in known]
    uses = by_client or uses
    details = {"uses": len(uses), "complete": whole}
    if not uses:
        return Result(f"No line uses {name}, definitions aside.", details={**details})
    lines, fits = first_lines((_match(it, workspace) for it in uses), CHARACTERS)
    if not fits or not whole:
        lines.append(f"[The first {len(lines)}; there are more. Narrow it by `path`.]")
    if by_client:
        lines.append(BY_CLIENT)
    return Result("\n".join(lines), details={**details})
