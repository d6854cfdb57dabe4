"""`read`: a file's lines with their numbers, as the person sees them now."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from pydantic import Field

from postil.core.effects import Access, Invocation, Preview, Result, RunContext
from postil.core.messages import Value
from postil.core.ports import FileView, ToolPorts
from postil.core.redaction.redact import Redacted, redact
from postil.core.revealing import one_line, revealed, smuggles, surrogate
from postil.core.seen import SeenPart
from postil.tools.files import read_view
from postil.tools.output import counted, first_lines
from postil.tools.texts import computed, lines_of

LINES = 2_000
LINE_LENGTH = 2_000
CHARACTERS = 29_000
REPEATED = 400
"""Characters below which what stands in the conversation is simply given again."""

_CONTROLS = tuple(map(chr, (*range(0x09), *range(0x0E, 0x20))))


class Params(Value):
    """What to read."""

    path: Annotated[
        str, Field(min_length=1, description="The file, relative to the workspace folder or absolute.")
    ]
    offset: Annotated[int | None, Field(ge=1, description="The first line to read; lines count from 1.")] = (
        None
    )
    limit: Annotated[int | None, Field(ge=1, description="How many lines to read; 2,000 by default.")] = None


async def prepare(params: Params, ports: ToolPorts) -> Invocation:
    """Name the file; it is read when the call runs."""
    workspace = ports.workspace
    path = workspace.locate(params.path)
    shown = workspace.display(path)

    async def run(_: RunContext) -> Result:
        view = await read_view(workspace, path, params.path)
        offset, limit = params.offset or 1, params.limit or LINES
        result = await computed(
            len(view.text), lambda: _result(path, view, redact(view.text), shown, offset, limit)
        )
        part = next((it for it in result.effects if isinstance(it, SeenPart)), None)
        if part is not None and len(result.content) >= REPEATED and ports.stands(part):
            return _unchanged(result, part, shown)
        return result

    return Invocation(
        title=one_line(f"Read {shown}"),
        kind="read",
        access=Access(reads=(path,), named=(workspace.written(params.path),)),
        preview=Preview(subject=revealed(str(path))),
        run=run,
    )


def _result(path: Path, view: FileView, redacted: Redacted, shown: str, offset: int, limit: int) -> Result:
    lines = lines_of(redacted.text)
    unsaved = ["the editor's text, with changes that are not saved"] if view.unsaved else []
    if not lines:
        return Result(
            f"{shown} is empty{''.join(f' ({note})' for note in unsaved)}.",
            effects=(SeenPart(path=str(path), hash=view.hash, first=1, last=None),),
            details={"lines": 0},
        )
    if offset > len(lines):
        return Result(
            f"{shown} has {counted(len(lines), 'line')}; offset {offset} is past its end.",
            details={"lines": 0, "of": len(lines)},
        )
    wanted = lines[offset - 1 : offset - 1 + limit]
    numbered = (f"{number:>5}\t{line}" for number, line in enumerate(map(_cut, wanted), offset))
    shown_lines, _ = first_lines(numbered, CHARACTERS)
    text = "\n".join(shown_lines)
    notices = unsaved + _notices(text, wanted[: len(shown_lines)])
    if redacted.count:
        notices.append("secrets are shown as marks; `edit` replaces only what stands beside them")
    last = offset + len(shown_lines) - 1
    if last < len(lines):
        notices.append(
            f"lines {offset:,} to {last:,} of {len(lines):,}; to go on, read with offset={last + 1}"
        )
    elif offset > 1:
        notices.append(f"lines {offset:,} to {last:,}, the last")
    tail = "".join(f"\n[{notice[0].upper()}{notice[1:]}.]" for notice in notices)
    part = SeenPart(path=str(path), hash=view.hash, first=offset, last=last if last < len(lines) else None)
    return Result(text + tail, effects=(part,), details={"lines": len(shown_lines), "of": len(lines)})


def _unchanged(result: Result, part: SeenPart, shown: str) -> Result:
    """Say that the text stands in the conversation already, in the place of repeating it."""
    lines, of = int(str(result.details["lines"])), int(str(result.details["of"]))
    which = f"{shown}, lines {part.first:,} to {part.first + lines - 1:,} of {of:,}" if lines < of else shown
    text = f"{which}: unchanged since you read it. The text stands in the earlier result of `read`."
    again = part.model_copy(update={"again": True})
    return Result(text, effects=(again,), details={**result.details, "unchanged": True})


def _cut(line: str) -> str:
    if len(line) <= LINE_LENGTH:
        return line
    return f"{line[:LINE_LENGTH]} [… {len(line) - LINE_LENGTH:,} more characters]"


def _notices(text: str, lines: list[str]) -> list[str]:
    notices: list[str] = []
    if max(map(len, lines), default=0) > LINE_LENGTH:
        notices.append(f"lines over {LINE_LENGTH:,} characters are cut; a shell command can show the rest")
    if not text.isascii() and surrogate.search(text):
        notices.append(
            "bytes that are not UTF-8 are shown as \ufffd; lines with them cannot be matched by `edit`"
        )
    if smuggles(text):
        notices.append(
            "characters that hide or reorder text are shown as escapes; lines with them cannot be matched by `edit`"
        )
    if any(map(text.__contains__, _CONTROLS)):
        notices.append("the text holds control characters")
    return notices
