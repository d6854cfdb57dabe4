"""`diagnostics`: what the editor's other servers report of open documents, each for the text that it has now, else unknown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field

from postil.core.effects import Access, Invocation, Preview, Result, RunContext
from postil.core.messages import Value
from postil.core.ports import Problem, ToolPorts, Workspace
from postil.core.redaction.redact import redact
from postil.core.revealing import one_line
from postil.tools.output import counted, first_lines
from postil.tools.searching import named, places, words
from postil.tools.texts import computed

LENGTH = 400
"""Characters of one problem."""
CHARACTERS = 28_000
MOST_NAMES = 20
CHECKS = "Run the project's checks by `shell`."

Severity = Literal["error", "warning"]
Reported = Mapping[Path, Sequence[Problem] | None]


class Params(Value):
    """Of what to look at the problems."""

    path: Annotated[
        str | None, Field(description="A file, or a folder; all that is open in the workspace by default.")
    ] = None
    severity: Annotated[
        Severity | None,
        Field(description="The mildest that is returned: `error` leaves warnings out; `warning` by default."),
    ] = None


async def prepare(params: Params, ports: ToolPorts) -> Invocation:
    """Name the places; the editor is asked when the call runs."""
    workspace = ports.workspace
    paths = places(params.path, workspace)

    async def run(_: RunContext) -> Result:
        every = await workspace.open_problems()
        reported = {
            it: _wanted(found, params.severity)
            for it, found in every.items()
            if any(map(it.is_relative_to, paths))
        }
        size = sum(LENGTH * len(found or ()) for found in reported.values())
        place = named(paths) if params.path else ""
        kinds = "errors" if params.severity == "error" else "errors and no warnings"
        return await computed(size, lambda: _result(reported, place, kinds, workspace))

    return Invocation(
        title=one_line(f"Look at the problems in {params.path}" if params.path else "Look at the problems"),
        kind="read",
        access=Access(reads=paths, named=words(params.path, workspace)),
        preview=Preview(subject=named(paths)),
        run=run,
    )


def _wanted(found: Sequence[Problem] | None, severity: Severity | None) -> Sequence[Problem] | None:
    return found if found is None or severity != "error" else [it for it in found if it.severity == "error"]


def _result(reported: Reported, place: str, kinds: str, workspace: Workspace) -> Result:
    known = {workspace.display(it): found for it, found in reported.items() if found is not None}
    unknown = sorted(workspace.display(it) for it, found in reported.items() if found is None)
    details = {"problems": sum(map(len, known.values())), "documents": len(known), "unknown": len(unknown)}
    if not reported:
        where = f"Nothing in {one_line(place)} is open" if place else "No document of the workspace is open"
        return Result(
            f"Unknown: {where} in an editor that tells Postil, so nobody reports problems. {CHECKS}",
            details={**details},
        )
    lines, whole = first_lines(_lines(known), CHARACTERS)
    if not whole:
        lines.append(f"[The first {len(lines)} of {details['problems']}, errors first. Narrow the path.]")
    if known and not details["problems"]:
        lines.append(f"No {kinds} in {_names(sorted(known))}.")
    if unknown:
        count = counted(len(unknown), "document")
        said = f"Unknown, as the editor does not say it of the text as it stands now ({count})"
        lines.append(f"{said}: {_names(unknown)}. {CHECKS}")
    return Result("\n".join(lines), details={**details})


def _names(names: Sequence[str]) -> str:
    more = f" and {len(names) - MOST_NAMES} more" if len(names) > MOST_NAMES else ""
    return one_line(", ".join(names[:MOST_NAMES]), LENGTH) + more


def _lines(known: Mapping[str, Sequence[Problem]]) -> Sequence[str]:
    every = ((name, problem) for name, found in known.items() for problem in found)
    ordered = sorted(every, key=lambda one: (one[1].severity != "error", one[0], one[1].line))
    return [_line(name, problem) for name, problem in ordered]


def _line(name: str, problem: Problem) -> str:
    source = f" ({problem.source})" if problem.source else ""
    text = f"{name}:{problem.line}: {problem.severity}: {problem.message}{source}"
    # Before it is cut: half a secret has no shape.
    return one_line(redact(text).text, LENGTH)
