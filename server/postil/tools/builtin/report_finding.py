"""`report_finding`: one finding at lines of a file, which have to stand there word for word."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, Field

from postil.core.effects import Access, Invocation, Preview, Result, RunContext
from postil.core.errors import InvalidInput
from postil.core.finding import Finding, FindingSeverity
from postil.core.messages import Value
from postil.core.ports import FileView, ToolPorts
from postil.core.redaction.marks import OPENS
from postil.core.redaction.redact import redact
from postil.core.revealing import cut, one_line, revealed
from postil.tools.files import read_view
from postil.tools.output import counted
from postil.tools.texts import FileText, computed, lines_of

LENGTH = 2_000
"""Characters of a message."""
LONGEST = 20_000
"""Characters of what is quoted, and of what takes its place."""
SHOWN = 200
"""Characters of a line that a failed call shows."""


def _says_something(text: str) -> str:
    if not text.strip():
        raise ValueError("should not be empty")
    return text.strip()


class Params(Value):
    """What is wrong, where, and what would mend it."""

    path: Annotated[
        str, Field(min_length=1, description="The file, relative to the workspace folder or absolute.")
    ]
    line: Annotated[int, Field(ge=1, description="The first of the quoted lines, counted from 1.")]
    quote: Annotated[str, Field(max_length=LONGEST, description="The lines that it is about, word for word.")]
    severity: Annotated[FindingSeverity, Field(description="`error`, `warning` or `info`.")]
    message: Annotated[
        str,
        AfterValidator(_says_something),
        Field(max_length=LENGTH, description="What is wrong, and how it shows."),
    ]
    replacement: Annotated[
        FileText | None,
        Field(max_length=LONGEST, description="Whole lines in place of the quoted ones; empty deletes them."),
    ] = None


async def prepare(params: Params, ports: ToolPorts) -> Invocation:
    """Name the file; the quoted lines are held against it when the call runs."""
    workspace = ports.workspace
    path, named = workspace.resolve(params.path), workspace.written(params.path)
    shown = workspace.display(path)

    async def run(_: RunContext) -> Result:
        view = await read_view(workspace, path, params.path)
        finding = await computed(len(view.text), lambda: _finding(params, path, view, shown))
        where = f"{shown}:{finding.line}"
        more = " It has a Quick Fix." if finding.replacement is not None else ""
        details = {"path": shown, "line": finding.line, "severity": finding.severity}
        return Result(f"Reported at {where}.{more}", effects=(finding,), details={**details})

    return Invocation(
        title=one_line(f"Report a finding at {shown}:{params.line}"),
        kind="other",
        access=Access(reads=(path,), named=(named,)),
        preview=Preview(subject=revealed(str(path))),
        run=run,
    )


def _finding(params: Params, path: Path, view: FileView, shown: str) -> Finding:
    """Return the finding. Raises InvalidInput where its lines are not what the file has there."""
    wanted = [it.removesuffix("\r") for it in params.quote.removesuffix("\n").split("\n")]
    first = params.line - 1
    own, told = lines_of(view.text), lines_of(redact(view.text).text)
    there = told[first : first + len(wanted)]
    if wanted not in (there, own[first : first + len(wanted)]):
        raise _differs(params, wanted, told, shown)
    quote = "\n".join(there)
    replacement = params.replacement
    if replacement is not None:
        _check_replacement(quote, replacement)
    return Finding(
        path=str(path),
        line=params.line,
        quote=quote,
        severity=params.severity,
        message=params.message,
        replacement=replacement,
    )


def _differs(params: Params, wanted: list[str], told: list[str], shown: str) -> InvalidInput:
    first = params.line - 1
    if params.line > len(told):
        return InvalidInput(
            f"{shown} has {counted(len(told), 'line')}; line {params.line} is past its end.", "Read it again."
        )
    at = next((n for n, it in enumerate(wanted) if told[first + n : first + n + 1] != [it]), 0)
    if first + at >= len(told):
        return InvalidInput(f"{shown} ends at line {len(told)}, and the quote goes on.", "Read it again.")
    stands = cut(revealed(told[first + at]), SHOWN) if told[first + at] else "an empty line"
    elsewhere = [n + 1 for n in range(len(told)) if told[n : n + len(wanted)] == wanted][:3]
    found = f" The quote stands at line {', '.join(map(str, elsewhere))}." if elsewhere else ""
    return InvalidInput(
        f"Line {first + at + 1} of {shown} is not what you quote; there stands: {stands}{found}",
        "Quote whole lines word for word, without line numbers.",
    )


def _check_replacement(quote: str, replacement: str) -> None:
    """Raise InvalidInput for one that would write a secret, or take one away unseen."""
    if OPENS in quote or OPENS in replacement or redact(replacement).count:
        raise InvalidInput(
            "Where a secret stands, nothing is applied by a Quick Fix.",
            "Leave `replacement` out, and say in the message what to do.",
        )
