"""`postil sessions resume`: says what is found of a session that was left, then goes on with it."""

from __future__ import annotations

import argparse
import asyncio
from pathlib import Path

from postil.agent.calls.settle import Standing, look, running, standing, waits
from postil.agent.rewinding.rewind import broken_off
from postil.cli.ask import ask
from postil.cli.figures import counted
from postil.cli.finding import Found, workspace_of
from postil.cli.render import last_lines
from postil.core.errors import Damaged
from postil.core.revealing import one_line
from postil.core.state import CallState, Workflow
from postil.journal.layout import LOCK, state_directory
from postil.journal.lock import locked
from postil.journal.outputs import Outputs
from postil.journal.store import SessionStore
from postil.workspace.commands.processes import process_alive
from postil.workspace.local import LocalWorkspace

_OUTCOMES = {"completed": "done", "not_run": "not done", "unknown": "outcome unknown"}
_ON_RECORD: dict[Standing, str] = {"answered": "answered", "not_begun": "not begun"}
_RUNNING = "still running"
_LENGTH = 200


def resume(found: Found, options: argparse.Namespace) -> int:
    """Go on where the session stands, as `postil ask --resume` without a prompt."""
    if found.summary.status == "running":
        raise locked(found.folder / LOCK)
    root = workspace_of(found, options.workspace)
    if not options.json:
        lines = left_open(found, root)
        for line in (f"Session {found.id}: {one_line(found.summary.title)}", *lines):
            print(line, flush=True)
    values = {**vars(options), "prompt": "", "resume": found.id, "agent": None, "workspace": str(root)}
    return ask(argparse.Namespace(**values))


def left_open(found: Found, root: Path) -> list[str]:
    """Return what is known of the work that was left: looked at only, as opening will find it.

    Raises Damaged where the record of it is: what it does not say may have been done all the same.
    """
    return asyncio.run(_left_open(found, root))


async def _left_open(found: Found, root: Path) -> list[str]:
    state, _, report = await SessionStore(state_directory()).view(found.id)
    if report.damage:
        raise Damaged(report.damage, report.mend)
    lines = [report.ending] if report.ending else []
    if report.torn_bytes:
        lines.append(
            f"{report.torn_bytes:,} bytes of an event that was never finished are cut aside when it goes on."
        )
    workspace = LocalWorkspace((root,))
    try:
        if rewind := await broken_off(state, workspace):
            lines.append(f"  {one_line(rewind, _LENGTH)}")
        for call in state.workflow.open_calls:
            output = Outputs(found.folder).text(call.turn_id, call.call.id)
            lines.append(f"  {await _outcome(call, state.workflow, workspace)}")
            lines += [f"    {line}" for line in last_lines(output)]
    finally:
        workspace.close()
    kept = sum(it.status == "finished" for it in state.workflow.calls.values())
    if kept and state.workflow.turns:
        lines.append(f"  {counted(kept, 'finished call')} of the same step kept.")
    for waiting in state.workflow.queue:
        lines.append(f"  Waits to be sent, from an editor: {one_line(waiting.prompt.text, _LENGTH)}")
    for it in state.workflow.questions.values():
        subject = one_line(it.question.subject, _LENGTH)
        if it.question.kind == "halt":
            lines.append(f"  {it.question.title}: {subject} With --raise it goes on with a higher limit.")
            continue
        lines.append(f"  Unanswered: {it.question.title} {subject} Nobody is here to ask, which is a denial.")
    return lines


async def _outcome(call: CallState, workflow: Workflow, workspace: LocalWorkspace) -> str:
    title = one_line(call.intent.command or call.intent.title) if call.intent is not None else call.call.name
    if waits(call, workflow):
        return f"{title}: waits for its answer"
    if words := _ON_RECORD.get(standing(call)):
        return f"{title}: {words}"
    found = await look(call, workspace, process_alive, "")
    words = _OUTCOMES.get(found.outcome, found.outcome)
    if running(call, process_alive) is not None:
        words = _RUNNING
    return f"{title}: {words}. {one_line(found.content, _LENGTH)}"
