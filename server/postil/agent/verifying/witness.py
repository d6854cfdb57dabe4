"""What commands leave: whether the project's files are as they were, and, of those that are checks, evidence."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from pydantic import JsonValue

from postil.agent.emitter import Emitter
from postil.agent.parts import Parts
from postil.agent.verifying.edited import edited_paths
from postil.agent.verifying.summary import summary, tail
from postil.core.effects import Invocation
from postil.core.errors import ToolError
from postil.core.events import CallOutcome, EvidenceRecorded
from postil.core.ports.checks import FileMarks
from postil.core.state import CallState
from postil.core.verification import EvidenceOutcome

log = logging.getLogger(__name__)

_MOST_NAMED = 20
_NOT_THERE = (126, 127)
"""How the shell ends where a program cannot be run, or is not there."""


@dataclass(frozen=True, slots=True)
class Watched:
    """A command that is about to run."""

    check: str
    """Its name; empty where it is no check."""
    command: str
    edit: int
    """The last edit before it."""
    marks: FileMarks
    unsaved: Mapping[Path, str]
    """Documents with unsaved text, by its hash: it is saved before the command runs, and that is no change of the command's."""
    tree: FileMarks | None
    """All files as they were; None where that tells nothing."""


class Witness:
    """Looks at the commands of one session."""

    def __init__(self, emitter: Emitter, parts: Parts) -> None:
        self._emitter = emitter
        self._parts = parts

    async def before(self, call: CallState, invocation: Invocation, *, only_reads: bool) -> Watched | None:
        """Return how things are before the call; None where it is no command, or nothing is ever verified. Never raises."""
        try:
            return await self._before(call, invocation, only_reads)
        except Exception:
            log.exception("looking at files before %s", call.call.name)
            return None  # Then it is no evidence.

    async def _before(self, call: CallState, invocation: Invocation, only_reads: bool) -> Watched | None:
        checks, command = self._parts.checks, invocation.access.command
        turn = self._emitter.state.workflow.turn_of(call.turn_id)
        if checks is None or command is None or turn is None:
            return None
        name = (call.check or await self._named(command.line)) if turn.edited or turn.commanded else ""
        if only_reads and not name:
            return None
        unsaved = {it: await self._hash(it, saved=False) for it in await self._parts.workspace.unsaved()}
        edited = [Path(it) for it in edited_paths(self._emitter.state, turn)]
        marks: FileMarks = await checks.marks(edited) if name else {}
        tree = None if call.check or only_reads else await checks.tree()
        return Watched(name, command.line, max(turn.edited, turn.commanded), marks, unsaved, tree)

    async def _named(self, line: str) -> str:
        """Return the check that a command is, word for word."""
        known = await self._parts.checks.known() if self._parts.checks is not None else ()
        return next((it.name for it in known if it.command.strip() == line.strip()), "")

    async def left_as_it_was(self, watched: Watched | None, details: Mapping[str, JsonValue]) -> bool:
        """Whether the project's files are as they were before a command that has ended. Never raises."""
        checks = self._parts.checks
        if checks is None or watched is None or watched.tree is None or "job" in details:
            return False
        try:
            return not await self._not_saved(await checks.since(watched.tree), watched)
        except Exception:
            log.exception("looking at files after %s", watched.command)
            return False  # Then they may have changed.

    async def record(
        self,
        watched: Watched,
        call: CallState,
        outcome: CallOutcome,
        content: str,
        details: Mapping[str, JsonValue],
    ) -> None:
        """Put on record what the command told, where it is a check; nothing where nobody saw it end."""
        turn = self._emitter.state.workflow.turn_of(call.turn_id)
        code = details.get("exit_code")
        timed_out = details.get("timed_out") is True
        if (
            not watched.check
            or turn is None
            or outcome not in ("completed", "failed")
            or not (timed_out or isinstance(code, int))
        ):
            return
        changed = await self._changed(watched)
        result = _outcome(code if isinstance(code, int) else None, changed=bool(changed))
        await self._emitter.emit(
            EvidenceRecorded(
                turn_id=turn.id,
                call_id=call.call.id,
                check=watched.check,
                command=watched.command,
                by="postil" if call.check else "model",
                outcome=result,
                exit_code=code if isinstance(code, int) else None,
                summary="ran out of time" if timed_out else summary(content),
                output="" if result == "passed" else tail(content),
                changed=tuple(str(it) for it in changed[:_MOST_NAMED]),
                edit=watched.edit,
                versions={
                    it: await self._hash(Path(it), saved=True)
                    for it in edited_paths(self._emitter.state, turn)
                },
            )
        )

    async def _changed(self, watched: Watched) -> list[Path]:
        """Return the files that were there before and are not as they were."""
        assert self._parts.checks is not None
        return await self._not_saved(await self._parts.checks.changed(watched.marks), watched)

    async def _not_saved(self, differ: Sequence[Path], watched: Watched) -> list[Path]:
        """Return the files without those that only have the text by now that was not saved."""
        return [
            it
            for it in differ
            if it not in watched.unsaved or watched.unsaved[it] != await self._hash(it, saved=True)
        ]

    async def _hash(self, path: Path, *, saved: bool) -> str:
        workspace = self._parts.workspace
        try:
            return (await (workspace.read_saved(path) if saved else workspace.read(path))).hash
        except ToolError:
            return ""


def _outcome(code: int | None, *, changed: bool) -> EvidenceOutcome:
    if code in _NOT_THERE:
        return "not_run"
    if changed:
        return "changed"
    return "passed" if code == 0 else "failed"
