"""`postil sessions rewind`: says what going back to before a turn would do, asks, and does it."""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from postil.agent.rewinding.last import last_rewind
from postil.agent.rewinding.past import Past
from postil.agent.rewinding.plan import Plan
from postil.agent.session import Session
from postil.app import App, Setting, build
from postil.cli.asking import typed
from postil.cli.finding import Found, workspace_of
from postil.config.load import load
from postil.core.errors import UsageError
from postil.core.revealing import revealed
from postil.core.state import State
from postil.core.submissions import Rewind, Target
from postil.core.trail import TurnMark
from postil.journal.layout import LOCK
from postil.journal.lock import locked
from postil.workspace.buffers.overlay import NoEditor

FACE = "cli"


def rewind(found: Found, options: argparse.Namespace) -> int:
    """Go back; the status is 1 where the person says no, and where something stayed that the list had promised."""
    root = workspace_of(found, options.workspace)
    if options.files and options.conversation:
        raise UsageError("--files and --conversation leave nothing out.", "Leave out both to take back both.")
    if options.undo and (options.files or options.conversation or options.turn is not None):
        raise UsageError("--undo takes back the last rewind of files, whole.", "Leave out the other options.")
    if options.yes:
        return asyncio.run(_go_back(found, root, options, None)) or 0
    if found.summary.status == "running":
        raise locked(found.folder / LOCK)
    return _asked(found, root, options)


@dataclass(frozen=True, slots=True)
class _Shown:
    """What a person was shown, and is what they agree to."""

    target: Target
    files: str
    """The plan for them; nothing where they are not to change."""


def _asked(found: Found, root: Path, options: argparse.Namespace) -> int:
    """Ask, with the session closed: whoever never answers leaves it as it was."""
    while True:
        shown = asyncio.run(_look(found, root, options))
        if not sys.stdin.isatty():
            raise UsageError("Nobody is here to ask.", "Say --yes to go back without asking.")
        if typed("Go back? [y/N] ") not in {"y", "yes"}:
            print("Nothing was changed.")
            return 1
        status = asyncio.run(_go_back(found, root, options, shown))
        if status is not None:
            return status
        print("That is no longer so, and nothing was changed. It is now:")


async def _look(found: Found, root: Path, options: argparse.Namespace) -> _Shown:
    """Show what going back would do."""
    async with _app(root) as app:
        past = await app.sessions.past(found.id)
        return await _show(past.state, past, options)


async def _go_back(
    found: Found, root: Path, options: argparse.Namespace, agreed: _Shown | None
) -> int | None:
    """Go back and return the status; None where what was agreed to is not what would be done. Shown first where nobody
    was asked."""
    async with _app(root) as app:
        session = (await app.sessions.open(found.id, FACE)).session
        if agreed is None:
            agreed = await _show(session.state, session, options)
        elif agreed != await _found(session.state, session, options):
            return None
        target = agreed.target
        conversation = not options.files and target.turn_id is not None
        wanted = Rewind(target, agreed.files, not options.conversation, conversation, FACE)
        rewound = await session.rewind(wanted)
        for line in session.told(rewound, conversation=wanted.conversation):
            print(revealed(line))
        return 0 if rewound.finished else 1


@asynccontextmanager
async def _app(root: Path) -> AsyncGenerator[App]:
    app = await asyncio.to_thread(
        lambda: build(load((root,), {}), Setting((root,), NoEditor(), interactive=False))
    )
    try:
        yield app
    finally:
        await app.close("the command ended")


async def _show(state: State, past: Past | Session, options: argparse.Namespace) -> _Shown:
    target, what = _target(state, options)
    plan = await past.plan(target)
    print(revealed(what))
    for fact in past.facts(plan, target) if not options.conversation else ():
        print(f"  {fact.name}: {revealed(fact.text)}")
    return _shown(target, plan, options)


async def _found(state: State, past: Session, options: argparse.Namespace) -> _Shown:
    target, _ = _target(state, options)
    return _shown(target, await past.plan(target), options)


def _shown(target: Target, plan: Plan, options: argparse.Namespace) -> _Shown:
    return _Shown(target, "" if options.conversation else plan.fingerprint)


def _target(state: State, options: argparse.Namespace) -> tuple[Target, str]:
    return _last_rewind(state) if options.undo else _turn(state, options.turn)


def _last_rewind(state: State) -> tuple[Target, str]:
    change = last_rewind(state)
    if change is None:
        raise UsageError("There is no rewind of files to undo, or the files were changed here since.")
    return Target(change_id=change.change_id), f"Undo: {change.label}"


def _turn(state: State, number: int | None) -> tuple[Target, str]:
    mark = _mark(state, number)
    return Target(turn_id=mark.turn_id), f"Back to before: {mark.title}"


def _mark(state: State, number: int | None) -> TurnMark:
    marks = state.workflow.marks
    if not marks:
        raise UsageError("There is no turn to go back to.")
    if number is None:
        return marks[-1]
    if not 1 <= number <= len(marks):
        raise UsageError(f"There is no turn {number}.", f"There are turns 1 to {len(marks)}.")
    return marks[number - 1]
