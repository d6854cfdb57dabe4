"""`grep`: lines by a regular expression or by plain text."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Annotated

from pydantic import Field

from postil.core.effects import Access, Fact, Invocation, Preview, Result, RunContext
from postil.core.messages import Value
from postil.core.ports import Found, SearchQuery, ToolPorts, Workspace
from postil.core.redaction.redact import redact
from postil.core.revealing import cut, one_line, revealed
from postil.tools.output import counted, first_lines
from postil.tools.searching import named, places, searched, words
from postil.tools.texts import computed

LINES = 200
LINE_LENGTH = 400
CHARACTERS = 29_000


class Params(Value):
    """What to look for, and where."""

    pattern: Annotated[
        str, Field(min_length=1, description="A regular expression, or plain text with `literal`.")
    ]
    path: Annotated[
        str | None, Field(description="The folder or file to search; all workspace folders by default.")
    ] = None
    glob: Annotated[
        str | None, Field(description="Only files whose path matches, such as `*.py` or `src/**/*.ts`.")
    ] = None
    ignore_case: Annotated[bool | None, Field(description="Whether upper and lower case are the same.")] = (
        None
    )
    literal: Annotated[bool | None, Field(description="Whether the pattern is plain text.")] = None
    limit: Annotated[
        int | None, Field(ge=1, le=1_000, description="Matching lines to return; 200 by default.")
    ] = None


async def prepare(params: Params, ports: ToolPorts) -> Invocation:
    """Name the places; they are searched when the call runs."""
    workspace = ports.workspace
    paths = places(params.path, workspace)
    query = SearchQuery(
        pattern=params.pattern,
        path=paths[0],
        glob=params.glob or None,
        ignore_case=bool(params.ignore_case),
        literal=bool(params.literal),
        limit=params.limit or LINES,
    )

    async def run(_: RunContext) -> Result:
        found = await searched(
            paths, lambda path: workspace.grep(replace(query, path=path)), query.limit, workspace
        )
        return await computed(LINE_LENGTH * len(found.matches), lambda: _result(found, query, workspace))

    return Invocation(
        title=one_line(f"Search for {params.pattern}"),
        kind="search",
        access=Access(reads=paths, named=words(params.path, workspace)),
        preview=Preview(subject=named(paths), facts=(Fact(name="pattern", text=revealed(params.pattern)),)),
        run=run,
    )


def _result(found: Found, query: SearchQuery, workspace: Workspace) -> Result:
    if not found.matches:
        note = f" {found.note}" if found.note else ""
        return Result(f"No line matches {query.pattern}.{note}", details={"matches": 0})
    lines, whole = first_lines(_lines(found, workspace), CHARACTERS)
    if not whole:
        lines.append("[Cut: the matches are too long to show all. Narrow the pattern, the path or the glob.]")
    elif not found.complete:
        count = counted(len(found.matches), "match")
        lines.append(f"[The first {count}; there are more. Narrow the search, or raise `limit`.]")
    if found.note:
        lines.append(f"[{found.note}]")
    return Result("\n".join(lines), details={"matches": len(found.matches), "complete": found.complete})


def _lines(found: Found, workspace: Workspace) -> Iterator[str]:
    """Yield each file's path once, and its lines below it."""
    file: Path | None = None
    for match in found.matches:
        if match.path != file:
            if file is not None:
                yield ""
            file = match.path
            yield revealed(workspace.display(file)).replace("\n", "\\n")
        # Before it is cut: half a secret has no shape.
        yield f"{match.line}: {cut(redact(match.text.rstrip()).text, LINE_LENGTH)}"
