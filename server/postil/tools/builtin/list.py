"""`list`: the names in one folder."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from pydantic import Field

from postil.core.effects import Access, Invocation, Preview, Result, RunContext
from postil.core.messages import Value
from postil.core.ports import Entry, ToolPorts
from postil.core.revealing import one_line, revealed
from postil.tools.output import counted, first_lines

CHARACTERS = 29_000


class Params(Value):
    """Which folder."""

    path: Annotated[str | None, Field(description="The folder; the workspace folder by default.")] = None


async def prepare(params: Params, ports: ToolPorts) -> Invocation:
    """Name the folder; it is listed when the call runs."""
    workspace = ports.workspace
    path = workspace.locate(params.path or ".")
    shown = workspace.display(path)

    async def run(_: RunContext) -> Result:
        return _result(await workspace.entries(path), shown, await workspace.kept_back(path))

    return Invocation(
        title=one_line(f"List {shown}"),
        kind="read",
        access=Access(reads=(path,), named=(workspace.written(params.path or "."),)),
        preview=Preview(subject=revealed(str(path))),
        run=run,
    )


def _result(entries: Sequence[Entry], shown: str, kept_back: int) -> Result:
    if not entries and not kept_back:
        return Result(f"{shown} is empty.", details={"entries": 0})
    lines, whole = first_lines((_line(entry) for entry in entries), CHARACTERS)
    if not whole:
        left = len(entries) - len(lines)
        lines.append(
            f"[{left:,} of {counted(len(entries), 'name')} left out; `glob` finds files by pattern.]"
        )
    if kept_back:
        lines.append(f"[Left out: {counted(kept_back, 'name')} that rules keep back.]")
    return Result("\n".join(lines), details={"entries": len(entries)})


def _line(entry: Entry) -> str:
    name = revealed(entry.name).replace("\n", "\\n")
    match entry.kind:
        case "folder":
            return f"{name}/"
        case "file":
            return f"{name}  {entry.size:,}"
        case _:
            return f"{name}  ({entry.kind})"
