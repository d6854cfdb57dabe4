"""Edits of which nobody saw whether they were made: told from what their files hold since.

A crash came into such an edit, and then somebody typed, so that the file had neither the old nor the new text when it
was looked at. What was typed can often be told from the edit all the same: where it can, the edit counts as made, or as not made.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path

from postil.core.changes import EditIntent
from postil.core.errors import ToolError
from postil.core.ports import Workspace
from postil.core.trail import Change
from postil.workspace.texts.revert import Passage, merged

Kept = Callable[[str], Awaitable[str | None]]
"""Returns the text that is kept under a hash."""


async def passages(changes: Sequence[Change], workspace: Workspace, kept: Kept) -> list[Passage]:
    """Return the changes without those in doubt that were not made; what nobody can tell is marked."""
    found: list[Passage] = []
    for index, change in enumerate(changes):
        made = not change.doubtful or await _was_made(change, changes[index + 1 :], workspace, kept)
        if made is not False:
            found.append(_passage(change, doubtful=made is None))
    return found


async def _was_made(change: Change, later: Sequence[Change], workspace: Workspace, kept: Kept) -> bool | None:
    """Whether an edit is in the text that the next change found, or in the present one; None where nobody can tell."""
    follower = next((it for it in later if (it.renamed_from or it.path) == change.path), None)
    if follower is None and (
        change.before is None or change.after is None or change.renamed_from is not None
    ):
        return await _landed(change, workspace)
    if follower is not None:
        now, text = follower.before, None if follower.before is None else await kept(follower.before)
    else:
        now, text = await _present(change, workspace)
    if now in (change.before, change.after):
        return now == change.after
    before, after = [None if key is None else await kept(key) for key in (change.before, change.after)]
    if text is None or before is None or after is None:
        return None
    is_in, is_not = merged(after, text, before) is not None, merged(before, text, after) is not None
    return None if is_in == is_not else is_in


async def _present(change: Change, workspace: Workspace) -> tuple[str | None, str | None]:
    """Return the hash of the present text and the text; nothing where there is none to be read."""
    try:
        view = await workspace.read(Path(change.path))
    except ToolError:
        return None, None
    return view.hash, view.text


async def _landed(change: Change, workspace: Workspace) -> bool | None:
    """Whether a creation, a deletion or a move was made, from whether files are there."""
    intent = EditIntent(
        path=change.path,
        before=change.before,
        after=change.after,
        form=change.form,
        moved_from=change.renamed_from,
    )
    try:
        landing = await workspace.settle(intent)
    except ToolError:
        return None
    return {"after": True, "before": False}.get(landing)


def _passage(change: Change, *, doubtful: bool) -> Passage:
    moved_from = None if change.renamed_from is None else Path(change.renamed_from)
    path, id_ = Path(change.path), change.change_id
    return Passage(path, change.before, change.after, change.form, moved_from, id_, change.mode, doubtful)
