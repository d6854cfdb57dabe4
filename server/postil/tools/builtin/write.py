"""`write`: a new file, or the whole of one that is there."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from pydantic import Field

from postil.core.effects import Access, FileEdit, FileForm, Invocation, Preview, Result, RunContext
from postil.core.errors import InvalidInput, NotFound
from postil.core.messages import Value
from postil.core.ports import FileView, ToolPorts, Workspace
from postil.core.revealing import displayable, one_line, revealed
from postil.tools.changed import change_result
from postil.tools.files import failing
from postil.tools.texts import FileText, computed
from postil.tools.unseen import not_seen
from postil.workspace.texts.decode import MARK
from postil.workspace.texts.diff import unified_diff


class Params(Value):
    """Where and what to write."""

    path: Annotated[
        str, Field(min_length=1, description="The file, relative to the workspace folder or absolute.")
    ]
    content: Annotated[FileText, Field(description="The whole text of the file.")]


async def prepare(params: Params, ports: ToolPorts) -> Invocation:
    """Compare with the text as it is now; the file is replaced only while it has that text.

    Nothing of the old text is told to the model, so this is no read.
    """
    workspace = ports.workspace
    path, named = workspace.resolve(params.path), workspace.written(params.path)
    shown = workspace.display(path)
    view = await _view(workspace, path)
    before = view.text if view is not None else None
    title = one_line(f"{'Create' if view is None else 'Replace'} {shown}")
    after, form = _in_form(params.content, before)
    if after == before:
        same = InvalidInput(f"{shown} has exactly this content already; nothing was written.")
        return failing(title, "edit", path, same, named)
    stale = not_seen(ports, path, view, shown) if view is not None else None
    if stale is not None:
        return failing(title, "edit", path, stale, named)
    in_editor = view is not None and view.where == "buffer"
    edit = FileEdit(path, view.hash if view is not None else None, after, before, form, in_editor=in_editor)

    async def run(context: RunContext) -> Result:
        change = await workspace.apply(edit, context.label, context.change_id)
        return await change_result(workspace, change, "Created" if view is None else "Replaced", shown)

    size = len(before or "") + len(after)
    diff = await computed(size, lambda: unified_diff(before, after, shown))
    return Invocation(
        title=title,
        kind="edit",
        access=Access(edits=(edit,), named=(named,)),
        preview=Preview(subject=revealed(str(path)), diff=displayable(diff)),
        run=run,
    )


async def _view(workspace: Workspace, path: Path) -> FileView | None:
    try:
        return await workspace.read(path)
    except NotFound:
        return None


def _in_form(content: str, before: str | None) -> tuple[str, FileForm | None]:
    """Return the content with the line endings of a text whose lines all end in CRLF, and the form of a new file.

    The text that is read never shows a byte order mark. A file that is there keeps its own, or its having none; one
    that is created has it in its form.
    """
    if before is None:
        text = content.removeprefix(MARK)
        return text, None if text == content else FileForm(mark=True)
    if not before.startswith(MARK):
        content = content.removeprefix(MARK)
    if "\r" in content or "\r\n" not in before or before.count("\n") != before.count("\r\n"):
        return content, None
    return content.replace("\n", "\r\n"), None
