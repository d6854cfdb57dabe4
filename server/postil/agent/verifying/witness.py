"""Evidence of commands that are checks, whoever had them run: the files before and after, and what the check said."""

from __future__ import annotations

import logging
from collections.abc import Mapping
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
    """A check that is about to run."""

    check: str
    command: str
    edit: int
    """The last edit before it."""
    marks: FileMarks
    unsaved: Mapping[Path, str]
    """Documents with unsaved text, by its hash: it is saved before the check runs, and that is no change of the check's."""


class Witness:
    """Looks at the checks of one session."""

    def __init__(self, emitter: Emitter, parts: Parts) -> None:
        self._emitter = emitter
        self._parts = parts

    async def before(self, call: CallState, invocation: Invocation) -> Watched | None:
        """Return how things are before the call; None where it is no check, or there is nothing to verify. Never raises."""
        try:
            return await self._before(call, invocation)
        except Exception:
            log.exception("looking at files before %s", call.call.name)
            return None  # Then it is no evidence.

    async def _before(self, call: CallState, invocation: Invocation) -> Watched | None:
        checks, command = self._parts.checks, invocation.access.command
        turn = self._emitter.state.workflow.turn_of(call.turn_id)
        if checks is None or command is None or turn is None or not turn.edited:
            return None
        name = call.check
        if not name:
            line = command.line.strip()
            name = next((it.name for it in await checks.known() if it.command.strip() == line), "")
        if not name:
            return None
        unsaved = {it: await self._hash(it, saved=False) for it in await self._parts.workspace.unsaved()}
        marks = await checks.marks([Path(it) for it in edited_paths(self._emitter.state, turn)])
        return Watched(name, command.line, turn.edited, marks, unsaved)

    async def record(
        self,
        watched: Watched,
        call: CallState,
        outcome: CallOutcome,
        content: str,
        details: Mapping[str, JsonValue],
    ) -> None:
        """Put on record what the check told; nothing where nobody saw it end."""
        turn = self._emitter.state.workflow.turn_of(call.turn_id)
        code = details.get("exit_code")
        timed_out = details.get("timed_out") is True
        if turn is None or outcome not in ("completed", "failed") or not (timed_out or isinstance(code, int)):
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
        differ = await self._parts.checks.changed(watched.marks)
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
