"""What a command sees of documents with unsaved text: they are saved first, or laid over their files, or it is told what it did not see."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from postil.core.effects import Fact
from postil.core.errors import ToolError
from postil.core.outlook import Laid
from postil.core.ports import Workspace
from postil.core.revealing import revealed
from postil.workspace.texts.decode import encode, form_of

MOST_LAID = 100
MOST_BYTES = 50_000_000


async def in_roots(workspace: Workspace) -> tuple[Path, ...]:
    """Return the unsaved documents of the workspace; others are none of a command's business."""
    return _below(await workspace.unsaved(), workspace.roots)


async def own_in_roots(workspace: Workspace) -> tuple[Path, ...]:
    """Return those of them that hold typing of the person's own.

    Editors have documents of their own open that nobody typed in, such as VS Code its settings while it writes them.
    """
    return _below(await workspace.own_unsaved(), workspace.roots)


def _below(paths: Iterable[Path], roots: Sequence[Path]) -> tuple[Path, ...]:
    return tuple(it for it in paths if any(it.is_relative_to(root) for root in roots))


async def save(workspace: Workspace, allowed: Sequence[Path], overwrites: Sequence[Path]) -> list[str]:
    """Save what we edited and what the person allowed; return sentences about what stays unsaved.

    Typing of the person's own that began after the question was asked is left alone, and so is a file that
    something else has written since.
    """
    if not workspace.can_save:
        return _older(await in_roots(workspace), workspace, "Not saved")
    written = set(await workspace.crossed()) - set(overwrites)
    own = set(await workspace.own_unsaved()) - set(allowed) - written
    ours = [path for path in await workspace.unsaved() if path not in own | written]
    left = set(await workspace.save(ours)) if ours else set[Path]()
    notes = _older(left, workspace, "Could not be saved")
    if written:
        names = names_of(written, workspace)
        notes.append(f"Left unsaved, because something else has just written these files: {names}.")
    if own:
        notes.append(f"Left unsaved, because the user is typing there: {names_of(own, workspace)}.")
    return notes


def overwritten(crossed: Mapping[Path, bool], paths: Sequence[Path], workspace: Workspace) -> list[Fact]:
    """Return what a person is told of files that saving would overwrite; `crossed` is what the workspace says of them."""
    written = [it for it in paths if crossed.get(it) is True]
    strange = [it for it in paths if crossed.get(it) is False]
    facts = [Fact(name="overwrites", text=f"what something else wrote to {names_of(written, workspace)}")]
    doubt = f"{names_of(strange, workspace)}, whose text was unsaved when it was opened here"
    facts += [Fact(name="overwrites", text=f"what something else may have written to {doubt}")]
    return [it for it, told in zip(facts, (written, strange), strict=True) if told]


async def lay_over(workspace: Workspace) -> tuple[tuple[Laid, ...], list[str]]:
    """Return the unsaved texts as a command is to see them in place of their files, and sentences about that."""
    laid: list[Laid] = []
    older: list[Path] = []
    left = MOST_BYTES
    for path in await in_roots(workspace):
        one = await _laid(path, workspace) if len(laid) < MOST_LAID else None
        if one is None or len(one.data) > left:
            older.append(path)
            continue
        left -= len(one.data)
        laid.append(one)
    names = names_of([it.path for it in laid], workspace)
    notes = [f"Seen with its unsaved text, which was not saved: {names}."] if laid else []
    return tuple(laid), [*notes, *_older(older, workspace, "Not saved")]


def names_of(paths: Iterable[Path], workspace: Workspace) -> str:
    """Return the paths as people read them."""
    return ", ".join(revealed(workspace.display(path)) for path in sorted(paths))


async def _laid(path: Path, workspace: Workspace) -> Laid | None:
    """Return what is on the screen in the form of its file; None where there is no such file, or it cannot be written so."""
    try:
        view, file = await workspace.read(path), await workspace.read_saved(path)
        if file.form is None:
            return None
        data = encode(view.text, form_of(file.form.encoding, mark=file.form.mark))
    except ToolError:
        return None
    return Laid(path, data, file.form.mode or 0o644)


def _older(paths: Iterable[Path], workspace: Workspace, why: str) -> list[str]:
    names = names_of(paths, workspace)
    return [f"{why}, so the command saw older text of: {names}."] if names else []
