"""`remember`: a note by its topic, shown as a difference and asked about like every edit."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from pydantic import Field

from postil.core.effects import Access, FileEdit, FileForm, Invocation, Preview, Result, RunContext
from postil.core.errors import InvalidInput, NotFound
from postil.core.messages import Value
from postil.core.ports import FileView, ToolPorts
from postil.core.redaction.marks import new_mark
from postil.core.redaction.redact import redact
from postil.core.revealing import displayable, one_line, revealed
from postil.tools.changed import change_result
from postil.tools.files import failing
from postil.tools.texts import FileText, computed
from postil.tools.unseen import not_seen
from postil.workspace.texts.diff import unified_diff

LONGEST = 20_000
"""Characters of a note: it is loaded whole."""
_PRIVATE = 0o600


class Params(Value):
    """What to keep, and for whom."""

    topic: Annotated[
        str,
        Field(
            pattern=r"^[a-z0-9][a-z0-9-]{0,59}$",
            description="What it is about, in a word or a few: `deploy`, `test-database`.",
        ),
    ]
    heading: Annotated[
        str, Field(min_length=1, max_length=120, description="One line that says it in short.")
    ]
    text: Annotated[FileText, Field(min_length=1, max_length=LONGEST, description="The note, in Markdown.")]
    team: Annotated[bool, Field(description="Whether it is for all who work on the project.")] = False


async def prepare(params: Params, ports: ToolPorts) -> Invocation:
    """Compare with the note as it is now; it is replaced only as the model has seen it."""
    workspace = ports.workspace
    path = _team(ports, params.topic) if params.team else ports.memory.private / f"{params.topic}.md"
    note_id = f"{'team' if params.team else 'note'}/{params.topic}"
    after = f"# {' '.join(params.heading.split())}\n\n{params.text.strip()}\n"
    await computed(len(after), lambda: _check_no_secret(after))
    try:
        view: FileView | None = await workspace.read(path)
    except NotFound:
        view = None
    before = view.text if view is not None else None
    title = one_line(f"{'Keep' if view is None else 'Replace'} the note {note_id}")
    stale = not_seen(ports, path, view, note_id) if view is not None else None
    if before == after:
        stale = InvalidInput(f"{note_id} says exactly this already; nothing was written.")
    if stale is not None:
        return failing(title, "edit", path, stale, str(path))
    form = FileForm(mode=_PRIVATE) if view is None and not params.team else None
    in_editor = view is not None and view.where == "buffer"
    edit = FileEdit(path, view.hash if view is not None else None, after, before, form, in_editor=in_editor)

    async def run(context: RunContext) -> Result:
        change = await workspace.apply(edit, context.label, context.change_id)
        return await change_result(workspace, change, "Kept" if view is None else "Replaced", note_id)

    diff = await computed(len(before or "") + len(after), lambda: unified_diff(before, after, note_id))
    return Invocation(
        title=title,
        kind="edit",
        access=Access(edits=(edit,), named=(str(path),)),
        preview=Preview(subject=revealed(str(path)), diff=displayable(diff)),
        run=run,
    )


def _team(ports: ToolPorts, topic: str) -> Path:
    """Return the file of a team note in the first root, whatever other roots hold."""
    return ports.workspace.resolve(str(ports.workspace.roots[0] / ".postil" / "memory" / f"{topic}.md"))


def _check_no_secret(text: str) -> None:
    """Raise InvalidInput where the note holds a secret."""
    redacted = redact(text)
    if redacted.count:
        kind = new_mark(redacted.text, text).removeprefix("[redacted: ").removesuffix("]") or "a secret"
        raise InvalidInput(
            f"The note holds a secret ({kind}), and secrets are never kept in notes; nothing was written.",
            "Leave it out, and say where it is kept instead.",
        )
