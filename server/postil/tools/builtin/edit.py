"""`edit`: exact replacements in one file, all of them or none."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from pydantic import Field

from postil.core.effects import Access, FileEdit, Invocation, Preview, Result, RunContext
from postil.core.errors import InvalidInput, NotFound
from postil.core.messages import Value
from postil.core.ports import ToolPorts
from postil.core.redaction.marks import new_mark
from postil.core.revealing import displayable, one_line, revealed
from postil.tools.changed import change_result
from postil.tools.files import failing, read_view
from postil.tools.texts import FileText, computed
from postil.workspace.texts.diff import unified_diff
from postil.workspace.texts.edits import Replace, apply_replacements

RETURNED_DIFF = 6_000
"""Characters of the diff that the model gets back."""


class Replacement(Value):
    """One exact replacement."""

    old: Annotated[str, Field(min_length=1, description="The text to replace, exactly as it is in the file.")]
    new: Annotated[FileText, Field(description="The text to put in its place; empty to delete it.")]
    count: Annotated[
        int | None, Field(ge=1, description="How often `old` is in the file; once by default.")
    ] = None


_HOLDS_MARK = "What is to be replaced holds the mark of a secret, which is not the text of the file."
_LEAVE_OUT = "Leave the secret out: replace what stands beside it."


class Params(Value):
    """Where and what to replace."""

    path: Annotated[
        str, Field(min_length=1, description="The file, relative to the workspace folder or absolute.")
    ]
    edits: Annotated[
        tuple[Replacement, ...],
        Field(min_length=1, max_length=200, description="The replacements, in order."),
    ]


@dataclass(frozen=True, slots=True)
class _Work:
    """What the replacements come to."""

    after: str
    shown_diff: str
    returned_diff: str


async def prepare(params: Params, ports: ToolPorts) -> Invocation:
    """Compute the edit on the text as it is now; it is made only on that text."""
    workspace = ports.workspace
    path, named = workspace.resolve(params.path), workspace.written(params.path)
    shown = workspace.display(path)
    title = one_line(f"Edit {shown}")
    try:
        view = await read_view(workspace, path, params.path)
    except NotFound as fault:
        mend = f"{fault.mend} `edit` changes files that are there; create one with `write`."
        raise NotFound(fault.message, mend.strip()) from fault
    if any(new_mark(it.old, view.text) for it in params.edits):
        return failing(title, "edit", path, InvalidInput(_HOLDS_MARK, _LEAVE_OUT), named)
    try:
        work = await computed(len(view.text), lambda: _compute(view.text, params.edits, shown))
    except InvalidInput as fault:
        return failing(title, "edit", path, fault, named)
    edit = FileEdit(
        path, view.hash, work.after, view.text, in_editor=view.where == "buffer", follows_typing=True
    )

    async def run(context: RunContext) -> Result:
        change = await workspace.apply(edit, context.label, context.change_id)
        return await change_result(workspace, change, "Edited", shown, work.returned_diff)

    return Invocation(
        title=title,
        kind="edit",
        access=Access(reads=(path,), edits=(edit,), named=(named,)),
        preview=Preview(subject=revealed(str(path)), diff=work.shown_diff),
        run=run,
    )


def _compute(text: str, edits: tuple[Replacement, ...], shown: str) -> _Work:
    applied = apply_replacements(text, [Replace(edit.old, edit.new, edit.count or 1) for edit in edits])
    return _Work(
        applied.text,
        displayable(unified_diff(text, applied.text, shown)),
        displayable(unified_diff(text, applied.text, shown, RETURNED_DIFF)),
    )
