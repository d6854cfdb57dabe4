"""`architecture_evidence`: rows with file and line from which an agent's architecture can be judged, a page at a time."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from postil.core.effects import Access, Fact, Invocation, Preview, Result, RunContext
from postil.core.messages import Value
from postil.core.ports import ToolPorts
from postil.core.revealing import one_line, revealed
from postil.tools.evidence.gathering import gather
from postil.tools.evidence.pages import chosen, page, summary
from postil.tools.evidence.row import Evidence

CHARACTERS = 27_000

Principle = Literal[
    "loop", "tool-metadata", "permission-tiers", "fail-closed", "durability", "budgets", "events-and-audit",
    "verification", "agent-types", "deferral", "cache-boundary", "memory-tiers", "over-engineering",
]  # fmt: skip


class Params(Value):
    """Where to look, and which rows to return."""

    path: Annotated[
        str | None,
        Field(description="The folder or file to look at; the workspace's first folder by default."),
    ] = None
    principle: Annotated[Principle | None, Field(description="Only rows of this principle.")] = None
    kind: Annotated[
        Literal["missing", "smell", "present"] | None, Field(description="Only rows of this kind.")
    ] = None
    first: Annotated[int, Field(ge=1, description="The number of the row to begin with.")] = 1


async def prepare(params: Params, ports: ToolPorts) -> Invocation:
    """Name the place; it is read when the call runs."""
    workspace = ports.workspace
    path = workspace.locate(params.path or ".")

    async def run(_: RunContext) -> Result:
        return _result(await gather(path, workspace), params)

    about = " ".join(it for it in (params.principle, params.kind) if it) or "all principles"
    return Invocation(
        title=one_line(f"Collect evidence in {workspace.display(path)}"),
        kind="search",
        access=Access(reads=(path,), named=(workspace.written(params.path or "."),)),
        preview=Preview(subject=revealed(str(path)), facts=(Fact(name="pattern", text=about),)),
        run=run,
    )


def _result(evidence: Evidence, params: Params) -> Result:
    rows = chosen(evidence, params.principle, params.kind)
    details = {"rows": len(rows), "files": evidence.files, "digest": evidence.digest}
    if not evidence.files:
        return Result("There is no source here that can be looked at.", details={**details})
    if params.first > max(1, len(rows)):
        return Result(f"There are {len(rows):,} such rows.", is_error=True, details={**details})
    head = list(summary(evidence)) if params.first == 1 else [f"Digest {evidence.digest}."]
    shown = page(rows, evidence, params.first, CHARACTERS - sum(len(it) + 1 for it in head))
    end = (
        [f"[{len(rows) - shown.last:,} more rows: go on with `first` {shown.last + 1}.]"]
        if shown.last < len(rows)
        else []
    )
    return Result("\n".join([*head, *(shown.lines or ["No row."]), *end]), details={**details})
