"""`glob`: files by a pattern on their paths."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from postil.core.effects import Access, Fact, Invocation, Preview, Result, RunContext
from postil.core.messages import Value
from postil.core.ports import Found, ToolPorts, Workspace
from postil.core.revealing import one_line, revealed
from postil.tools.output import counted, first_lines
from postil.tools.searching import named, places, searched, words

PATHS = 1_000
CHARACTERS = 29_000


class Params(Value):
    """Which files."""

    pattern: Annotated[
        str, Field(min_length=1, description="A pattern such as `**/*.py`, relative to `path`.")
    ]
    path: Annotated[
        str | None, Field(description="The folder to search below; all workspace folders by default.")
    ] = None


async def prepare(params: Params, ports: ToolPorts) -> Invocation:
    """Name the folders; they are searched when the call runs."""
    workspace = ports.workspace
    paths = places(params.path, workspace)

    async def run(_: RunContext) -> Result:
        found = await searched(
            paths, lambda path: workspace.glob(params.pattern, path, PATHS), PATHS, workspace
        )
        return _result(found, params.pattern, workspace)

    return Invocation(
        title=one_line(f"Find {params.pattern}"),
        kind="search",
        access=Access(reads=paths, named=words(params.path, workspace)),
        preview=Preview(subject=named(paths), facts=(Fact(name="pattern", text=revealed(params.pattern)),)),
        run=run,
    )


def _result(found: Found, pattern: str, workspace: Workspace) -> Result:
    if not found.paths:
        note = f" {found.note}" if found.note else ""
        return Result(f"No file matches {pattern}.{note}", details={"matches": 0})
    shown = (revealed(workspace.display(path)).replace("\n", "\\n") for path in found.paths)
    lines, whole = first_lines(shown, CHARACTERS)
    count = counted(len(lines), "path")
    if not (whole and found.complete):
        lines.append(f"[The first {count}; there are more. Narrow the pattern or the path.]")
    if found.note:
        lines.append(f"[{found.note}]")
    return Result("\n".join(lines), details={"matches": len(found.paths), "complete": found.complete})
