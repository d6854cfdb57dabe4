"""`move`: another name or folder for one file."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Annotated

from pydantic import Field

from postil.core.effects import Access, Fact, FileEdit, Invocation, Preview, Result, RunContext
from postil.core.errors import InvalidInput, NotFound, StaleDocument, ToolError
from postil.core.messages import Value
from postil.core.ports import ToolPorts, Workspace
from postil.core.revealing import one_line, revealed
from postil.tools.files import failing, named_link, read_text
from postil.tools.unsaved import overwritten


class Params(Value):
    """What to move, and where to."""

    path: Annotated[
        str, Field(min_length=1, description="The file, relative to the workspace folder or absolute.")
    ]
    to: Annotated[str, Field(min_length=1, description="Its new path, file name included.")]


async def prepare(params: Params, ports: ToolPorts) -> Invocation:
    """Look at what there is to move; it is moved only while it has that text and its new name is free.

    A document with unsaved text is saved first, where the editor offers that, so its text is what is moved.
    """
    workspace = ports.workspace
    source, target = workspace.resolve(params.path), workspace.resolve(params.to)
    named = (workspace.written(params.path), workspace.written(params.to))
    old, new = workspace.display(source), workspace.display(target)
    title = one_line(f"Move {old} to {new}")
    for path, end, words in zip((params.path, params.to), (source, target), named, strict=True):
        link = named_link(workspace, path, "move")
        if link is not None:
            return failing(one_line(f"Move {params.path} to {params.to}"), "move", end, link, words)
    view = await read_text(workspace, source, "move")
    saves: tuple[Path, ...] = ()
    crossed = await workspace.crossed()
    if workspace.can_save and source in await workspace.unsaved():
        shown = await workspace.read(source)
        view = replace(view, text=shown.text, hash=shown.hash)
        saves = (source,) if source in await workspace.own_unsaved() else ()
    other_case = source != target and str(source).casefold() == str(target).casefold()
    # Some file systems take the other case for the same file, which is no obstacle.
    if not other_case and await _is_taken(workspace, target):
        taken = InvalidInput(f"{new} exists already.", "Name a file that does not, or move that one first.")
        return failing(title, "move", target, taken, named[1])
    edit = FileEdit(target, view.hash, view.text, view.text, view.form, source)

    async def run(context: RunContext) -> Result:
        await _save(workspace, source, view.hash, crossed=source in crossed)
        change = await workspace.apply(edit, context.label, context.change_id)
        return Result(f"Moved {old} to {new}.", effects=(change,))

    facts = [Fact(name="from", text=revealed(str(source))), Fact(name="to", text=revealed(str(target)))]
    if saves:
        facts.append(Fact(name="saves", text=revealed(old)))
    facts += overwritten(crossed, saves, workspace)
    return Invocation(
        title=title,
        kind="move",
        access=Access(reads=(source,), edits=(edit,), saves=saves, named=named),
        preview=Preview(subject=revealed(str(source)), facts=tuple(facts)),
        run=run,
    )


async def _save(workspace: Workspace, source: Path, seen: str, *, crossed: bool) -> None:
    """Save the document whose text was seen. What was typed since is another text, which starts the call anew.

    So does a file that something else has written since; `crossed` says that it had been before.
    """
    if not workspace.can_save or source not in await workspace.unsaved():
        return
    name = workspace.display(source)
    written = not crossed and source in await workspace.crossed()
    if written or (await workspace.read(source)).hash != seen:
        raise StaleDocument(f"{name} has changed since it was looked at.", "Try again.")
    await workspace.save([source])


async def _is_taken(workspace: Workspace, target: Path) -> bool:
    try:
        await workspace.read(target)
    except NotFound:
        return False
    except ToolError:
        return True
    return True
