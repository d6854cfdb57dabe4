"""Finding out what became of a call that began and whose end nobody recorded, by looking at the world."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from postil.core.events import CallOutcome, CallStarted
from postil.core.ports import Workspace


@dataclass(frozen=True, slots=True)
class Settled:
    """How a call in doubt ended, and what the model is told."""

    outcome: CallOutcome
    content: str


async def settle(intent: CallStarted, workspace: Workspace) -> Settled:
    """Return what can be known of the call. Nothing is run again; what is unknown is called unknown."""
    if intent.effect_class == "none":
        return Settled(
            "not_run", "Interrupted before it finished. It changes nothing: ask again if you need it."
        )
    if intent.effect_class == "file_edit":
        return await _edits(intent, workspace)
    what = f"`{intent.command}`" if intent.command else intent.title
    return Settled(
        "unknown",
        f"Interrupted while {what} was running. Whether it finished is unknown and it was not run again. "
        "Look at what it would have changed before you decide what to do.",
    )


async def _edits(intent: CallStarted, workspace: Workspace) -> Settled:
    seen = [await workspace.settle(Path(edit.path), edit.before, edit.after) for edit in intent.edits]
    if all(it == "after" for it in seen):
        return Settled("completed", "Interrupted, but the file has the new text: the edit is in.")
    if all(it == "before" for it in seen):
        return Settled("not_run", "Interrupted before it was applied: the file has its old text.")
    return Settled(
        "unknown", "Interrupted, and the file has neither the old nor the new text. Read it again."
    )
