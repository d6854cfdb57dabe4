"""`delete`: one file, which can be brought back as it was."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from postil.core.effects import Access, FileEdit, Invocation, Preview, Result, RunContext
from postil.core.messages import Value
from postil.core.ports import ToolPorts
from postil.core.revealing import displayable, one_line, revealed
from postil.tools.files import failing, named_link, read_text
from postil.tools.texts import computed
from postil.tools.unseen import changed_since
from postil.workspace.texts.diff import unified_diff


class Params(Value):
    """What to delete."""

    path: Annotated[
        str, Field(min_length=1, description="The file, relative to the workspace folder or absolute.")
    ]


async def prepare(params: Params, ports: ToolPorts) -> Invocation:
    """Look at what the disk has; the file is deleted only while it has that text."""
    workspace = ports.workspace
    path = workspace.resolve(params.path)
    shown, named = workspace.display(path), workspace.written(params.path)
    title = one_line(f"Delete {shown}")
    link = named_link(workspace, params.path, "delete")
    if link is not None:
        return failing(one_line(f"Delete {params.path}"), "delete", path, link, named)
    view = await read_text(workspace, path, "delete")
    # What is not saved is the reason where it is open so; the workspace says that.
    stale = None if path in await workspace.unsaved() else changed_since(ports, path, view, shown)
    if stale is not None:
        return failing(title, "delete", path, stale, named)
    edit = FileEdit(path, view.hash, None, view.text, view.form)

    async def run(context: RunContext) -> Result:
        change = await workspace.apply(edit, context.label, context.change_id)
        return Result(
            f"Deleted {shown}, {change.removed} lines.",
            effects=(change,),
            details={"removed": change.removed},
        )

    diff = await computed(len(view.text), lambda: unified_diff(view.text, None, shown))
    return Invocation(
        title=title,
        kind="delete",
        access=Access(edits=(edit,), named=(named,)),
        preview=Preview(subject=revealed(str(path)), diff=displayable(diff)),
        run=run,
    )
