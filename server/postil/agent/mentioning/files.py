"""`@src/app.py` and `@src/app.py:10-40`: a file, or lines of it, as the person sees them."""

from __future__ import annotations

from postil.agent.mentioning.material import ROOM, UNREADABLE, Material, NotAttached
from postil.agent.mentioning.written import Mention
from postil.core.errors import NotFound, ToolError
from postil.core.question import PromptContext


async def file(mention: Mention, material: Material) -> PromptContext | None:
    """Return the file's text; None where there is no file of that name. Raises NotAttached.

    What may not be read unasked is told so before anybody looks whether it is there.
    """
    workspace = material.parts.workspace
    try:
        path = workspace.resolve(mention.name)
        if not await material.may_read(path, workspace.written(mention.name)):
            raise NotAttached(UNREADABLE)
        text = await material.text(path)
    except NotFound:
        return None
    except ToolError as error:
        raise NotAttached(error.message) from error
    shown = workspace.display(path)
    if not mention.first and len(text) <= ROOM:
        return PromptContext(kind="file", path=shown, text=text)
    lines = text.split("\n")
    return excerpt("file", shown, lines, max(1, mention.first), mention.last or len(lines))


def excerpt(kind: str, shown: str, lines: list[str], first: int, last: int, name: str = "") -> PromptContext:
    """Return lines of a file, from 1, as far as there is room, with their numbers. Raises NotAttached."""
    wanted = lines[first - 1 : last]
    chosen = _fitting(wanted)
    if not wanted:
        raise NotAttached(f"{shown} has {len(lines):,} lines.")
    if not chosen:
        raise NotAttached(f"Line {first:,} of {shown} alone is over {ROOM:,} characters.")
    end = first + len(chosen) - 1
    note = f"cut: {shown} goes on to line {min(last, len(lines)):,}" if len(chosen) < len(wanted) else ""
    return PromptContext.model_validate(
        {
            "kind": kind,
            "path": shown,
            "name": name,
            "text": "\n".join(chosen),
            "first_line": first,
            "last_line": end,
            "note": note,
        }
    )


def _fitting(lines: list[str]) -> list[str]:
    """Return as many of the lines as there is room for."""
    room = ROOM
    for number, line in enumerate(lines):
        room -= len(line) + 1
        if room < 0:
            return lines[:number]
    return lines
