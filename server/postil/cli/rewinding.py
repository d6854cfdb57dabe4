"""`postil sessions rewind`: says what going back to before a turn would do, asks, and does it."""

from __future__ import annotations

import argparse
import asyncio
import sys
from pathlib import Path

from postil.agent.rewinding.last import last_rewind
from postil.agent.session import Session
from postil.app import Setting, build
from postil.cli.finding import Found
from postil.config.load import load
from postil.core.errors import UsageError
from postil.core.revealing import revealed
from postil.core.state import TurnMark
from postil.core.submissions import Rewind, Target
from postil.workspace.buffers.overlay import NoEditor

FACE = "cli"


def rewind(found: Found, options: argparse.Namespace) -> int:
    """Go back; the status is 1 where the person says no, and where something stayed that the list had promised."""
    root = Path(options.workspace or found.summary.root)
    if not root.is_dir():
        raise UsageError(f"There is no folder {root} any more.", "Name the workspace's with --workspace.")
    if options.files and options.conversation:
        raise UsageError("--files and --conversation leave nothing out.", "Leave out both to take back both.")
    if options.undo and (options.files or options.conversation or options.turn is not None):
        raise UsageError("--undo takes back the last rewind of files, whole.", "Leave out the other options.")
    return asyncio.run(_rewind(found, root.resolve(), options))


async def _rewind(found: Found, root: Path, options: argparse.Namespace) -> int:
    app = await asyncio.to_thread(
        lambda: build(load((root,), {}), Setting((root,), NoEditor(), interactive=False))
    )
    try:
        session = (await app.sessions.open(found.id, FACE)).session
        target, what = _last_rewind(session) if options.undo else _turn(session, options.turn)
        plan = await session.plan(target)
        print(revealed(what))
        for fact in session.facts(plan, target) if not options.conversation else ():
            print(f"  {fact.name}: {revealed(fact.text)}")
        if not options.yes and not sys.stdin.isatty():
            raise UsageError("Nobody is here to ask.", "Say --yes to go back without asking.")
        if not options.yes and not await asyncio.to_thread(_agreed):
            print("Nothing was changed.")
            return 1
        conversation = not options.files and target.turn_id is not None
        wanted = Rewind(target, plan.fingerprint, not options.conversation, conversation, FACE)
        rewound = await session.rewind(wanted)
        for line in session.told(rewound, conversation=wanted.conversation):
            print(revealed(line))
        return 0 if rewound.finished else 1
    finally:
        await app.close("the command ended")


def _last_rewind(session: Session) -> tuple[Target, str]:
    change = last_rewind(session.state)
    if change is None:
        raise UsageError("There is no rewind of files to undo, or the files were changed here since.")
    return Target(change_id=change.change_id), f"Undo: {change.label}"


def _turn(session: Session, number: int | None) -> tuple[Target, str]:
    mark = _mark(session, number)
    return Target(turn_id=mark.turn_id), f"Back to before: {mark.title}"


def _mark(session: Session, number: int | None) -> TurnMark:
    marks = session.state.workflow.marks
    if not marks:
        raise UsageError("There is no turn to go back to.")
    if number is None:
        return marks[-1]
    if not 1 <= number <= len(marks):
        raise UsageError(f"There is no turn {number}.", f"There are turns 1 to {len(marks)}.")
    return marks[number - 1]


def _agreed() -> bool:
    try:
        return input("Go back? [y/N] ").strip().lower() in {"y", "yes"}
    except EOFError:
        print()
        return False
