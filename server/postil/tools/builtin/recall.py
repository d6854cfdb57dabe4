"""`recall`: what notes and earlier sessions say, found by several wordings; and one of them as it stands."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

from pydantic import Field

from postil.core.compaction import EARLIER
from postil.core.effects import Access, Invocation, Preview, Result, RunContext
from postil.core.errors import InvalidInput, NotFound, PostilError, ToolError
from postil.core.messages import Value
from postil.core.origin import Source
from postil.core.ports import Recollection, ToolPorts
from postil.core.redaction.redact import redact
from postil.core.revealing import one_line, revealed
from postil.core.seen import SeenPart
from postil.tools.files import read_view
from postil.tools.output import counted
from postil.tools.texts import computed

MOST = 8
"""Results of a search, unless another number is wanted."""

ROOM = 25_000
"""Characters of a note that are sure to be in the result."""

Query = Annotated[str, Field(min_length=1, max_length=1_000)]


class Params(Value):
    """What to look for, or what to load."""

    queries: Annotated[
        tuple[Query, ...], Field(max_length=4, description="Wordings of one question, one to four.")
    ] = ()
    load: Annotated[
        str | None,
        Field(min_length=1, max_length=200, description="The id of a note, a session or an earlier result."),
    ] = None
    piece: Annotated[int, Field(ge=1, description="Where to begin in a long session.")] = 1
    most: Annotated[int, Field(ge=1, le=20, description="How many results.")] = MOST


async def prepare(params: Params, ports: ToolPorts) -> Invocation:
    """Say what would be looked up; it is looked up when the call runs."""
    if bool(params.queries) == (params.load is not None):
        raise InvalidInput(
            "`recall` takes either `queries` or `load`.", "Search first, then load one of the ids."
        )
    if params.load is None:
        return _searching(params, ports)
    if params.load.startswith(EARLIER):
        return _earlier(params.load, ports)
    path = ports.memory.note(params.load)
    return _note(params.load, path, ports) if path is not None else _session(params.load, params.piece, ports)


def _searching(params: Params, ports: ToolPorts) -> Invocation:
    async def run(_: RunContext) -> Result:
        try:
            search = await ports.memory.search(params.queries, params.most)
        except PostilError as error:
            raise ToolError(f"Memory cannot be searched. {error.message}", error.mend) from error
        note = f"\n[{search.note}]" if search.note else ""
        if not search.found:
            return Result(f"Nothing in memory matches.{note}", details={"found": 0})
        text = "\n".join(map(_row, search.found)) + note
        return Result(text, details={"found": len(search.found)}, sources=_sources(search.found))

    subject = "\n".join(map(revealed, params.queries))
    return Invocation(
        title=one_line(f"Recall {params.queries[0]}"),
        kind="search",
        access=Access(),
        preview=Preview(subject=subject),
        run=run,
    )


def _row(found: Recollection) -> str:
    piece = f" (piece {found.piece})" if found.piece > 1 else ""
    return f"{found.id}{piece}: {found.title}\n    {found.excerpt}"


def _sources(found: Sequence[Recollection]) -> tuple[Source, ...]:
    return tuple(dict.fromkeys(source for it in found for source in it.sources))


def _note(note_id: str, path: Path, ports: ToolPorts) -> Invocation:
    """Load a note: its file, as the person sees it, so that it can be replaced afterwards."""

    async def run(_: RunContext) -> Result:
        try:
            view = await read_view(ports.workspace, path, str(path))
        except NotFound as fault:
            raise _unknown(note_id) from fault
        text = await computed(len(view.text), lambda: redact(view.text).text)
        return Result(text, details={"from": note_id}, effects=_seen(path, text, view.hash))

    return Invocation(
        title=one_line(f"Recall {note_id}"),
        kind="read",
        access=Access(reads=(path,), named=(str(path),)),
        preview=Preview(subject=revealed(str(path))),
        run=run,
    )


def _seen(path: Path, text: str, known: str) -> tuple[SeenPart, ...]:
    """Return that the result shows the note; nothing where it may not hold all of it."""
    return (SeenPart(path=str(path), hash=known, first=1, last=None),) if len(text) < ROOM else ()


def _session(session_id: str, piece: int, ports: ToolPorts) -> Invocation:
    async def run(_: RunContext) -> Result:
        try:
            found = await ports.memory.load(session_id, piece)
        except PostilError as error:
            raise ToolError(f"It cannot be loaded. {error.message}", error.mend) from error
        if found is None:
            raise _unknown(session_id)
        if not found.text:
            raise InvalidInput(f"{session_id} has {counted(found.pieces, 'piece')}; {piece} is past its end.")
        more = (
            f"; to go on, load it with piece={found.last + 1}" if found.last < found.pieces else ", the last"
        )
        tail = f"\n[Pieces {found.piece} to {found.last} of {found.pieces}{more}.]"
        return Result(
            f"{found.title}\n\n{found.text}{tail}", details={"from": session_id}, sources=found.sources
        )

    title = one_line(f"Recall {session_id}")
    return Invocation(title=title, kind="read", access=Access(), preview=Preview(subject=title), run=run)


def _earlier(result_id: str, ports: ToolPorts) -> Invocation:
    """Load a result of this very session, which the conversation only refers to by now."""

    async def run(_: RunContext) -> Result:
        found = await ports.earlier(result_id)
        if found is None:
            raise NotFound(f"This session has no result {one_line(result_id)}.", "Call the tool again.")
        return Result(found.content, details={"from": result_id}, sources=found.sources)

    title = one_line(f"Recall {result_id}")
    return Invocation(title=title, kind="read", access=Access(), preview=Preview(subject=title), run=run)


def _unknown(remembered: str) -> NotFound:
    return NotFound(
        f"Nothing is remembered as {one_line(remembered)}.", "Search with `queries` for what there is."
    )
