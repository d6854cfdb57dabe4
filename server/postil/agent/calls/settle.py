"""Finding out what became of a call that began and whose end nobody recorded, by looking at the world."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from postil.agent.calls.intent import change_of, changed
from postil.agent.emitter import Emitter
from postil.agent.questions import answer_text
from postil.core.changes import Landing
from postil.core.errors import ToolError
from postil.core.events import CallFinished, CallOutcome, CallStarted, EditIntent
from postil.core.lost import WORDS as LOST
from postil.core.origin import Source
from postil.core.ports import Shell, Workspace
from postil.core.state import CallState, Workflow
from postil.permissions.origins import USER, sources_of_intent

log = logging.getLogger(__name__)

Runs = Callable[[int, float], bool]
"""Whether the process of an id is still the one that started then, in seconds since boot."""

NOT_BEGUN = "Not run: the turn was stopped before it began."
MAY_COME = (
    "Stopped while the editor was asked to make the edit. The file has its old text, but the editor may still make it. "
    "Read it again."
)
_LEFT_OPEN = "[Stopped before it was settled which text stays in the editor. Read such files again.]"


Standing = Literal["lost", "answered", "returned", "begun", "not_begun"]
"""What the record alone says of a call that nothing works on any longer."""

_Seen = Literal["in", "out", "hidden", "neither"]
"""What looking at the files of a call tells of its edits together."""


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
_OUTCOMES: dict[_Seen, CallOutcome] = {
    "in": "completed",
    "out": "not_run",
    "hidden": "unknown",
    "neither": "unknown",
}
_BROKEN_OFF: dict[_Seen, str] = {
    "in": ", but the file has the new text: the edit is in.",
    "out": " before the edit was made: the file has its old text.",
    "hidden": f" while an editor was to make the edit. {_HIDDEN}",
    "neither": ", and the file has neither the old nor the new text. Read it again.",
}
"""How the sentence goes on that begins with why the call broke off."""
_REFUSED: dict[_Seen, str] = {
    "in": " But the file has the new text: the edit is in.",
    "out": "",
    "hidden": f" {_HIDDEN}",
    "neither": " The file has neither the old nor the new text. Read it again.",
}
"""What follows on the words of a refusal."""


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
        seen, landed = await _seen(intent, workspace)
        return Settled(_OUTCOMES[seen], cause + _BROKEN_OFF[seen], landed)
    if intent.effect_class == "agent":
        return Settled("not_run", f"{cause} before the sub-agent began. It was not run.")
    if intent.effect_class == "network":
        return Settled(
            "unknown",
            f"{cause} while this was under way: {intent.title}. The request may have been made, and nothing of an answer was "
            "kept. It was not made again: ask again if you need it.",
        )
    what = f"`{intent.command}`" if intent.command else intent.title
    known = "Whether it finished is unknown"
    if running is not None:
        known = f"It is still running (process {running}). How it ends will not be known"
    return Settled(
        "unknown",
        f"{cause} while {what} was running. {known} and it was not run again. "
        "Look at what it would have changed before you decide what to do." + output_so_far(output),
    )


async def after_refusal(intent: CallStarted, workspace: Workspace, refusal: ToolError) -> Settled:
    """Return what became of edits that were refused: they may have landed all the same. Never raises."""
    seen, landed = await _seen(intent, workspace)
    return Settled(_OUTCOMES[seen], f"{refusal}{_REFUSED[seen]}", landed)


async def look(call: CallState, workspace: Workspace, runs: Runs, output: str) -> Settled:
    """Return what can be known of a call that nothing works on any longer; nothing is changed by looking."""
    match standing(call), call:
        case "lost", _:
            return await _after_a_cut(call, workspace, runs, output)
        case "answered", CallState(answer=answer) if answer is not None:
            return Settled("completed", answer_text(answer))
        case "returned", CallState(returned=returned) if returned is not None:
            outcome = "failed" if returned.is_error else "completed"
            return Settled(outcome, f"{returned.content}\n{_LEFT_OPEN}")
        case "begun", CallState(intent=intent) if intent is not None:
            return await settle(intent, workspace, running=running(call, runs), output=output)
        case _:
            return Settled("not_run", NOT_BEGUN)


def standing(call: CallState) -> Standing:
    """Return what the record says became of the call; only of one that began is there more to see in the world."""
    if call.lost:
        return "lost"
    if call.answer is not None:
        return "answered"
    if call.returned is not None:
        return "returned"
    return "begun" if call.status == "started" and call.intent is not None else "not_begun"


async def _after_a_cut(call: CallState, workspace: Workspace, runs: Runs, output: str) -> Settled:
    """Return what is known of a call where the record of what came next is lost: that it began cannot be ruled out."""
    intent, begun = call.intent, call.status == "started"
    landed = (await _seen(intent, workspace))[1] if intent is not None and begun else ()
    still = running(call, runs)
    more = f" It is still running (process {still})." if still is not None else ""
    told = f"Whether this was done is unknown. {LOST}{more}{output_so_far(output)}"
    if call.answer is not None:
        told = f"{answer_text(call.answer)}\n[{LOST}]"
    elif call.returned is not None:
        told = f"{call.returned.content}\n[{LOST}]"
    return Settled("unknown", told, landed)


def waits(call: CallState, workflow: Workflow) -> bool:
    """Whether a question about the call is open."""
    return any(it.call_id == call.call.id for it in workflow.questions.values())


def running(call: CallState, runs: Runs) -> int | None:
    """Return the id of the call's process where it still runs, None where it does not or nobody can tell."""
    if call.pid is None or not call.pid_started:
        return None
    return call.pid if runs(call.pid, call.pid_started) else None


def output_so_far(output: str) -> str:
    """Return what a call printed before it broke off, as it follows on a sentence; nothing where that is nothing."""
    return f" Output so far:\n{output}" if output.strip() else ""


async def settle_left(emitter: Emitter, workspace: Workspace, shell: Shell) -> None:
    """Write the end of each call that an earlier process began; those that wait for a person, or whose answer is on
    record, go on where they stood."""
    for call in emitter.state.workflow.open_calls:
        known = call.answer is not None or call.returned is not None
        begun = call.status == "started" and not waits(call, emitter.state.workflow) and not known
        if begun or call.lost:
            await finish_open(call, emitter, workspace, shell)


async def finish_open(call: CallState, emitter: Emitter, workspace: Workspace, shell: Shell) -> None:
    """Write the end of a call that nothing works on any longer, with what can be known of it."""
    begun = call.intent is not None and (call.returned is not None or call.status == "started")
    sources = await _sources(call, workspace) if begun else ()
    output = await emitter.kept_output(call.turn_id, call.call.id) if call.status == "started" else ""
    settled = await look(call, workspace, shell.runs, output)
    if call.returned is not None and call.answer is None:
        await record_taken(call, emitter, workspace)
    elif call.status == "started" and call.intent is not None and call.answer is None:
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


async def _seen(intent: CallStarted, workspace: Workspace) -> tuple[_Seen, tuple[EditIntent, ...]]:
    """Return what the files of a call tell of its edits, and those that are in."""
    looked = [(edit, await _look(edit, workspace)) for edit in intent.edits]
    landed = tuple(edit for edit, now in looked if now == "after")
    if len(landed) == len(looked):
        return "in", landed
    if all(now == "before" for _, now in looked):
        return "out", landed
    return "hidden" if any(now == "hidden" for _, now in looked) else "neither", landed


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
