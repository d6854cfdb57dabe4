"""Finding out what became of a call that began and whose end nobody recorded, by looking at the world."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from postil.agent.emitter import Emitter
from postil.agent.intent import change_of, changed
from postil.agent.questions import answer_text
from postil.core.changes import Landing
from postil.core.events import CallFinished, CallOutcome, CallStarted, EditIntent
from postil.core.origin import Source
from postil.core.ports import Shell, Workspace
from postil.core.state import CallState
from postil.permissions.origins import USER, sources_of_intent

log = logging.getLogger(__name__)

NOT_BEGUN = "Not run: the turn was stopped before it began."
MAY_COME = (
    "Stopped while the editor was asked to make the edit. The file has its old text, but the editor may still make it. "
    "Read it again."
)
_LEFT_OPEN = "[Stopped before it was settled which text stays in the editor. Read such files again.]"


@dataclass(frozen=True, slots=True)
class Settled:
    """How a call in doubt ended, what the model is told, and which of its edits are in."""

    outcome: CallOutcome
    content: str
    landed: tuple[EditIntent, ...] = ()


_HIDDEN = (
    "The file on disk has its old text, and the editor is not here to be asked: the edit may be in its buffer, not saved. "
    "Read the file again before you edit it; where it still has the old text, ask the user to look."
)


async def settle(
    intent: CallStarted,
    workspace: Workspace,
    cause: str = "Interrupted",
    running: int | None = None,
    output: str = "",
) -> Settled:
    """Return what can be known of the call. Nothing is run again; what is unknown is called unknown.

    `cause` opens the sentence that the model reads; `running` is the id of the call's process where it is still
    there, and `output` the end of what it printed. Never raises: a file that cannot be looked at is unknown.
    """
    if intent.effect_class == "none":
        return Settled(
            "not_run", f"{cause} before it finished. It changes nothing: ask again if you need it."
        )
    if intent.effect_class == "file_edit":
        return await _edits(intent, workspace, cause)
    what = f"`{intent.command}`" if intent.command else intent.title
    known = "Whether it finished is unknown"
    if running is not None:
        known = f"It is still running (process {running}). How it ends will not be known"
    return Settled(
        "unknown",
        f"{cause} while {what} was running. {known} and it was not run again. "
        "Look at what it would have changed before you decide what to do." + output_so_far(output),
    )


def running(call: CallState, shell: Shell) -> int | None:
    """Return the id of the call's process where it still runs, None where it does not or nobody can tell."""
    if call.pid is None or not call.pid_started:
        return None
    return call.pid if shell.runs(call.pid, call.pid_started) else None


def output_so_far(output: str) -> str:
    """Return what a call printed before it broke off, as it follows on a sentence; nothing where that is nothing."""
    return f" Output so far:\n{output}" if output.strip() else ""


async def finish_open(call: CallState, emitter: Emitter, workspace: Workspace, shell: Shell) -> None:
    """Write the end of a call that nothing works on any longer, with what can be known of it."""
    settled = Settled("not_run", NOT_BEGUN)
    begun = call.intent is not None and (call.returned is not None or call.status == "started")
    sources = await _sources(call, workspace) if begun else ()
    if call.answer is not None:
        settled = Settled("completed", answer_text(call.answer))
    elif call.returned is not None:
        outcome = "failed" if call.returned.is_error else "completed"
        settled = Settled(outcome, f"{call.returned.content}\n{_LEFT_OPEN}")
        await record_taken(call, emitter, workspace)
    elif call.status == "started" and call.intent is not None:
        output = await emitter.kept_output(call.turn_id, call.call.id)
        settled = await settle(call.intent, workspace, running=running(call, shell), output=output)
        for edit in call.intent.edits:
            await workspace.clear_up(edit, call.intent.change_id or "")
        await record_landed(call.intent, settled.landed, emitter, workspace)
    await emitter.emit(
        CallFinished(
            turn_id=call.turn_id,
            call_id=call.call.id,
            tool=call.call.name,
            outcome=settled.outcome,
            content=settled.content,
            sources=sources,
        )
    )


async def _sources(call: CallState, workspace: Workspace) -> tuple[Source, ...]:
    if call.answer is not None:
        return (USER,)
    return await asyncio.to_thread(sources_of_intent, call.intent, workspace.roots) if call.intent else ()


async def record_taken(call: CallState, emitter: Emitter, workspace: Workspace) -> None:
    """Record an edit that a person's answer brought about after the call had returned, if it is in and not on record."""
    intent = call.intent
    if call.returned is not None and intent is not None and intent.effect_class == "file_edit":
        settled = await settle(intent, workspace)
        await record_landed(intent, settled.landed, emitter, workspace)


async def record_landed(
    intent: CallStarted, landed: tuple[EditIntent, ...], emitter: Emitter, workspace: Workspace
) -> None:
    """Record edits that are in although nobody had lived to say so; what cannot be known of them is left out."""
    known = {(it.change_id, it.path) for it in emitter.state.workflow.changes}
    for edit in landed:
        if (intent.change_id, edit.path) in known:
            continue
        await emitter.emit(
            changed(
                change_of(edit, await _where(edit, workspace)),
                intent.title,
                intent.change_id or "",
                turn_id=intent.turn_id,
                call_id=intent.call_id,
            )
        )


async def in_editor(intent: CallStarted, workspace: Workspace) -> bool:
    """Whether an edit of the call is the editor's to make: nobody can take back that it was asked to."""
    return "buffer" in [await _where(edit, workspace) for edit in intent.edits]


async def _edits(intent: CallStarted, workspace: Workspace, cause: str) -> Settled:
    seen = [(edit, await _look(edit, workspace)) for edit in intent.edits]
    landed = tuple(edit for edit, now in seen if now == "after")
    if len(landed) == len(seen):
        return Settled("completed", f"{cause}, but the file has the new text: the edit is in.", landed)
    if all(now == "before" for _, now in seen):
        return Settled("not_run", f"{cause} before the edit was made: the file has its old text.")
    if any(now == "hidden" for _, now in seen):
        return Settled("unknown", f"{cause} while an editor was to make the edit. {_HIDDEN}", landed)
    return Settled(
        "unknown", f"{cause}, and the file has neither the old nor the new text. Read it again.", landed
    )


async def _look(edit: EditIntent, workspace: Workspace) -> Landing:
    try:
        return await workspace.settle(edit)
    except Exception:
        log.exception("looking at %s", edit.path)
        return "neither"


async def _where(edit: EditIntent, workspace: Workspace) -> Literal["buffer", "disk"]:
    if edit.before is None or edit.after is None or edit.moved_from is not None:
        return "disk"
    try:
        return (await workspace.read(Path(edit.path))).where
    except Exception:  # noqa: BLE001 - what cannot be read now was on the disk
        return "disk"
