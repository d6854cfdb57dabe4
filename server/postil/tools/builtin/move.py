"""`move`: another name or folder for one file."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from pydantic import Field

from postil.core.effects import Access, Fact, FileEdit, Invocation, Preview, Result, RunContext
from postil.core.errors import InvalidInput, NotFound, ToolError
from postil.core.messages import Value
from postil.core.ports import ToolPorts, Workspace
from postil.tools.files import failing, read_text
from postil.tools.output import one_line, revealed


class Params(Value):
    """What to move, and where to."""

    path: Annotated[
        str, Field(min_length=1, description="The file, relative to the workspace folder or absolute.")
    ]
    to: Annotated[str, Field(min_length=1, description="Its new path, file name included.")]


async def prepare(params: Params, ports: ToolPorts) -> Invocation:
    """Look at what the disk has; the file is moved only while it has that text and its new name is free."""
    workspace = ports.workspace
    source, target = workspace.resolve(params.path), workspace.resolve(params.to)
    old, new = workspace.display(source), workspace.display(target)
    title = one_line(f"Move {old} to {new}")
    view = await read_text(workspace, source, "move")
    other_case = source != target and str(source).casefold() == str(target).casefold()
    # Some file systems take the other case for the same file, which is no obstacle.
    if not other_case and await _is_taken(workspace, target):
        taken = InvalidInput(f"{new} exists already.", "Name a file that does not, or move that one first.")
        return failing(title, "move", target, taken)
    edit = FileEdit(target, view.hash, view.text, view.text, view.form, source)

    async def run(context: RunContext) -> Result:
        change = await workspace.apply(edit, context.label, context.change_id)
        return Result(f"Moved {old} to {new}.", effects=(change,))

    facts = (Fact(name="from", text=revealed(str(source))), Fact(name="to", text=revealed(str(target))))
    return Invocation(
        title=title,
        kind="move",
        access=Access(reads=(source,), edits=(edit,)),
        preview=Preview(subject=revealed(str(source)), facts=facts),
        run=run,
    )


async def _is_taken(workspace: Workspace, target: Path) -> bool:
    try:
        await workspace.read_saved(target)
    except NotFound:
        return False
    except ToolError:
        return True
    return True
