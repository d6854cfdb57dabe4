"""What comes after the model's last word in a turn that has changed files: checks, another word of the model, or a verdict."""

from __future__ import annotations

import logging
from pathlib import Path

from postil.agent.emitter import Emitter
from postil.agent.parts import Parts
from postil.agent.verifying.edited import changes_of, edited_paths
from postil.agent.verifying.verdict import Known, failed_text, judged, stopped
from postil.core.effects import FileChange
from postil.core.ephemeral import StageChanged
from postil.core.errors import JournalError, ToolError
from postil.core.events import ChecksFailed, ChecksStarted, EvidenceRecorded, TodoUpdated
from postil.core.ports import Problem
from postil.core.state import State, TurnState
from postil.core.trail import Change
from postil.core.verification import EDITOR, HELD, Check, Evidence, WantedCheck, with_evidence

log = logging.getLogger(__name__)

TIMEOUT = 600.0
"""Seconds that one check is given."""
SHELL = "shell"
_MOST_PROBLEMS = 20


class Verifier:
    """Makes the moves at the end of one session's turns. Each is read from the state, so that a resumed turn goes on the same way."""

    def __init__(self, emitter: Emitter, parts: Parts) -> None:
        self._emitter = emitter
        self._parts = parts

    async def advance(self, turn: TurnState) -> None:
        """Make one move: start the checks that have to be run, tell the model what failed, or say how the turn stands.

        Raises JournalError. Where anything else goes wrong the edits are not verified, and the turn ends as it would have.
        """
        try:
            await self._advance(turn)
        except JournalError:
            raise
        except Exception:
            log.exception("verifying turn %s", turn.id)
            await self._emitter.emit(stopped(self._emitter.state, turn))

    async def _advance(self, turn: TurnState) -> None:
        state = self._emitter.state
        known = await self._known(turn)
        if not turn.edited and not turn.prompt.checks:
            await self._say(turn, known)
            return
        missing = self._missing(turn, known)
        if missing:
            await self._start(turn, missing)
            return
        if known.concerned:
            await self._ask_editor(state, turn)
        failed = [it for it in _failed(state, known) if it.seq > turn.told]
        if failed and turn.told_times < self._rounds and not turn.prompt.checks:
            await self._tell(turn, failed)
            return
        await self._say(turn, known)

    @property
    def _rounds(self) -> int:
        return self._parts.checks.rounds if self._parts.checks is not None else 0

    async def _known(self, turn: TurnState) -> Known:
        """Return the checks that there are, and those that are about what was changed: all of them where commands may have changed files."""
        workspace = self._parts.workspace
        edited = tuple(edited_paths(self._emitter.state, turn))
        paths = [workspace.display(Path(it)) for it in edited]
        every = await self._parts.checks.known() if self._parts.checks is not None else ()
        concerned = tuple(it for it in every if turn.commanded or any(map(it.is_about, paths)))
        return Known(tuple(every), concerned, tuple(paths), edited)

    def _missing(self, turn: TurnState, known: Known) -> list[Check]:
        """Return the checks without evidence that is newer than the last edit, and that can be tried; all that were not, where a person wants them."""
        workflow = self._emitter.state.workflow
        if workflow.configuration is None or SHELL not in workflow.configuration.tools:
            return []
        fresh = () if turn.prompt.checks else filter(self._is_fresh, workflow.verifying.evidence)
        done = {*turn.tried, *(it.event.check for it in fresh)}
        declined = workflow.verifying.declined
        return [it for it in known.concerned if it.name not in done and it.command not in declined]

    def _is_fresh(self, evidence: Evidence) -> bool:
        return evidence.seq > self._emitter.state.workflow.verifying.touched

    async def _start(self, turn: TurnState, checks: list[Check]) -> None:
        wanted = tuple(
            WantedCheck(
                call_id=self._parts.ids.new("check"),
                name=it.name,
                command=it.command,
                source=it.source,
                timeout=TIMEOUT,
            )
            for it in checks
        )
        names = ", ".join(it.name for it in wanted)
        self._emitter.show(
            StageChanged(turn_id=turn.id, stage="running", detail=f"Checking: {names}", step=turn.steps)
        )
        await self._emitter.emit(
            ChecksStarted(turn_id=turn.id, round=turn.rounds + 1, checks=wanted, held=HELD), sync=True
        )

    async def _tell(self, turn: TurnState, failed: list[Evidence]) -> None:
        roots = self._parts.workspace.roots
        text, sources = failed_text(failed, str(roots[0]) if roots else "", turn.id)
        event = ChecksFailed(
            turn_id=turn.id,
            round=turn.told_times + 1,
            checks=tuple(it.event.check for it in failed),
            text=text,
            sources=sources,
        )
        await self._emitter.emit(event, sync=True)

    async def _say(self, turn: TurnState, known: Known) -> None:
        """Put on record whether the edits are verified; where they are, also on the plan's lines."""
        state = self._emitter.state
        event = judged(state, turn, known, await self._moved_on(state, known))
        todo = state.workflow.todo
        if event.verified and any(it.status == "completed" for it in todo):
            items = with_evidence(todo, ", ".join(event.evidence))
            await self._emitter.emit(TodoUpdated(turn_id=turn.id, items=items))
        await self._emitter.emit(event)

    async def _moved_on(self, state: State, known: Known) -> list[str]:
        """Return the files whose texts are not those that the evidence saw, as people read them."""
        found: set[str] = set()
        verifying = state.workflow.verifying
        for check in known.concerned:
            evidence = verifying.fresh(check.name)
            for name, seen in (evidence.event.versions if evidence is not None else {}).items():
                if seen != await self._hash(Path(name)):
                    found.add(self._parts.workspace.display(Path(name)))
        return sorted(found)

    async def _hash(self, path: Path) -> str:
        try:
            return (await self._parts.workspace.read(path)).hash
        except ToolError:
            return ""

    async def _ask_editor(self, state: State, turn: TurnState) -> None:
        """Put on record what the editor reports of the very texts that the turn's edits left, where it reports of all of them."""
        if state.workflow.verifying.fresh(EDITOR) is not None:
            return
        last = {it.path: it for it in changes_of(state, turn)}
        in_buffers = [it for it in last.values() if it.where == "buffer" and it.after is not None]
        reported = [(it, await self._parts.workspace.problems(_file_change(it))) for it in in_buffers]
        if not reported or any(problems is None for _, problems in reported):
            return
        problems = [(it, problem) for it, problems in reported for problem in problems or ()]
        await self._emitter.emit(self._reported(turn, in_buffers, problems))

    def _reported(
        self, turn: TurnState, changes: list[Change], problems: list[tuple[Change, Problem]]
    ) -> EvidenceRecorded:
        errors = sum(it.severity == "error" for _, it in problems)
        files = f"{len(changes)} edited file{'' if len(changes) == 1 else 's'}"
        said = f"{errors} error{'' if errors == 1 else 's'} in {files}" if errors else f"no errors in {files}"
        display = self._parts.workspace.display
        lines = [
            f"{display(Path(change.path))}:{it.line}: {it.severity}: {it.message}" for change, it in problems
        ]
        return EvidenceRecorded(
            turn_id=turn.id,
            check=EDITOR,
            by="editor",
            outcome="failed" if errors else "passed",
            summary=said,
            output="\n".join(lines[:_MOST_PROBLEMS]) if errors else "",
            edit=turn.edited,
            versions={it.path: it.after or "" for it in changes},
        )


def _failed(state: State, known: Known) -> list[Evidence]:
    """Return the evidence against the edits that a model can do something about."""
    found = (state.workflow.verifying.fresh(it.name) for it in known.concerned)
    return [it for it in found if it is not None and it.event.outcome in ("failed", "changed")]


def _file_change(change: Change) -> FileChange:
    return FileChange(
        path=Path(change.path),
        before=change.before,
        after=change.after,
        added=0,
        removed=0,
        where=change.where,
    )
