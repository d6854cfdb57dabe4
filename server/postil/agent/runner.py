"""Runs the turns of a session one after another, and ends each in the same way; between them it compacts."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Coroutine
from functools import partial
from typing import Any, TypeVar

from postil.agent.calls.settle import finish_open
from postil.agent.compacting.compactor import Compactor
from postil.agent.emitter import Emitter
from postil.agent.granting.trusts import Trusts
from postil.agent.hooking.moments import Moments
from postil.agent.parts import Parts
from postil.agent.questions import Questions
from postil.agent.turn import End, Turn
from postil.agent.waiting.queue import Queue
from postil.core.ephemeral import StageChanged
from postil.core.errors import JournalError, ProtocolError
from postil.core.events import TurnEnded
from postil.core.question import QuestionKind
from postil.core.state import TurnState

log = logging.getLogger(__name__)

TRYING = "Trying the configuration, which is new"
_T = TypeVar("_T")

_LEFT_UNFINISHED = "The turn before was left unfinished, because something new was asked."


class Runner:
    """What one session has running, at most one thing at a time: a turn, while others wait, or a compaction."""

    def __init__(
        self, emitter: Emitter, parts: Parts, questions: Questions, trusts: Trusts, queue: Queue
    ) -> None:
        self._emitter = emitter
        self._parts = parts
        self._questions = questions
        self._trusts = trusts
        self._queue = queue
        self._moments = Moments(emitter, parts, trusts)
        self.compactor = Compactor(emitter, parts, questions, self._moments)
        self._task: asyncio.Task[None] | None = None
        self._current: asyncio.Task[Any] | None = None
        """The turn in progress, or the compaction."""
        self._stopping: dict[str, str] = {}
        """Turns that are to stop, and why."""
        self._wanted = False
        """Whether turns are to be run; a session that was left open may only be compacted."""
        self._idle = asyncio.Event()
        self._idle.set()
        self._closing = False

    @property
    def busy(self) -> bool:
        """Whether something is running or waiting for a person."""
        return self._task is not None and not self._task.done()

    @property
    def working(self) -> bool:
        """Whether turns are being run, and not the conversation compacted alone."""
        return self.busy and self._wanted

    @property
    def in_turn(self) -> bool:
        """Whether a turn is in progress that nobody has stopped: what is asked for now waits for it, or joins it."""
        turns = self._emitter.state.workflow.turns
        return self.working and bool(turns) and not self._closing and turns[0].id not in self._stopping

    @property
    def suspended(self) -> bool:
        """Whether a turn was left open by an earlier process and waits to be resumed."""
        return bool(self._emitter.state.workflow.turns) and not self.working

    async def idle(self) -> None:
        """Return when nothing is running."""
        await self._idle.wait()

    async def must_idle(self) -> None:
        """Return when nothing is running, where no turn is in progress and nothing compacted; else raise ProtocolError."""
        workflow = self._emitter.state.workflow
        if self.working and workflow.turns:
            raise ProtocolError("A turn is in progress.", "Stop it first.")
        if workflow.compaction is not None:
            raise ProtocolError("The conversation is being compacted.", "Stop it, or wait for its end.")
        await self._idle.wait()  # The last turn may have ended a moment ago.

    def start(self) -> None:
        """Run the turns that there are, unless that is being done."""
        if self._emitter.state.workflow.turns:
            self._queue.stopped = False
            self._wanted = True
            self._begin()

    def follow(self) -> None:
        """Send what waits where it is due: its turn may have ended when it came."""
        if self._queue.due is not None:
            self._wanted = True
            self._begin()

    def compact(self, face: str) -> None:
        """Compact at once, or before the next call of the model where a turn runs."""
        self.compactor.asked, self.compactor.face = True, face
        self._begin()

    def cancel(self, reason: str) -> bool:
        """Stop what runs, turns and a compaction, soon, and leave what waits for a person to send; returns whether there was anything."""
        workflow = self._emitter.state.workflow
        told = {turn.id for turn in workflow.turns} if self._wanted else set[str]()
        self._stopping |= dict.fromkeys(told, reason)
        self.compactor.asked = False
        self._queue.stopped = True
        compacting = workflow.compaction is not None
        self._stop()
        return bool(told) or compacting

    async def end_suspended(self, end: End) -> bool:
        """End turns that were left open by an earlier process; returns whether there were any."""
        turns = list(self._emitter.state.workflow.turns) if self.suspended else []
        for turn in turns:
            await self._end(turn, end)
        return bool(turns)

    async def leave(self) -> None:
        """End turns that were left open, where something else takes their place."""
        await self.end_suspended(End("interrupted", _LEFT_UNFINISHED))

    async def close(self, grace: float) -> None:
        """Stop what runs and leave its turn open; wait for it, but no longer than `grace` seconds."""
        self._closing = True
        if self._task is not None and self.busy:
            self._stop()
            await asyncio.wait({self._task}, timeout=grace)

    def _begin(self) -> None:
        if not self.busy:
            self._idle.clear()
            self._task = asyncio.create_task(self._run(), name=f"postil-{self._emitter.session_id}")

    @property
    def _next(self) -> TurnState | None:
        return self._emitter.state.workflow.turn if self._wanted else None

    @property
    def _idle_now(self) -> bool:
        due = self._wanted and self._queue.due is not None
        return self._next is None and not due and not self.compactor.asked

    async def _run(self) -> None:
        try:
            while self._emitter.failure is None and not self._closing:
                turn = self._next
                if turn is None:
                    if self._wanted and await self._queue.send_due():
                        continue
                    await self._pause()
                    if self._idle_now:
                        return
                elif not await self._through(turn):
                    return
        except JournalError as error:
            log.info("session %s halted: %s", self._emitter.session_id, error)
            self._emitter.halt(error)
        except Exception:
            log.exception("session %s", self._emitter.session_id)
        finally:
            self._wanted = False
            self._idle.set()

    async def _through(self, turn: TurnState) -> bool:
        """Take a turn to its end; return whether it has one, and is not left open."""
        await self._trusts.look()
        end = await self._refused(turn)
        if end is None and not self._closing:
            await self._ask_about_servers()
            end = await self._one(turn)
        if end is None:
            return False
        await self._end(turn, end)
        self._stopping.pop(turn.id, None)
        await self._emitter.snapshot()
        return True

    async def _refused(self, turn: TurnState) -> End | None:
        """Return the end of a turn that may not begin with the configuration as it is; None where it may."""
        if turn.routed:  # It is under way, and goes on with what it began with.
            return None
        task = await self._as_current(self._parts.harness(partial(self._trying, turn)), f"harness-{turn.id}")
        if task.cancelled():
            return None
        if (error := task.exception()) is not None:
            log.error("the configuration could not be looked at", exc_info=error)
            words = f"It could not be found out whether the configuration is safe ({type(error).__name__})."
            return End("failed", words, "The log has the details; `postil guardrails` tries it.")
        refused = task.result()
        return End("failed", refused.message, refused.mend) if refused is not None else None

    def _trying(self, turn: TurnState) -> None:
        self._emitter.show(StageChanged(turn_id=turn.id, stage="running", detail=TRYING, step=1))

    async def _ask_about_servers(self) -> None:
        if self._parts.above is not None:
            return
        if await self._parts.servers.undecided() or self._asked_about("server"):
            from postil.agent.granting.approving import ask  # noqa: PLC0415 - loaded with the first

            await ask(self._emitter, self._parts, self._questions)

    def _asked_about(self, kind: QuestionKind) -> bool:
        return any(it.question.kind == kind for it in self._emitter.state.workflow.questions.values())

    async def _pause(self) -> None:
        """Compact, where that is asked for or set. One that fails is on record."""
        task = await self._as_current(self.compactor.between_turns(), "compaction")
        error = task.exception() if not task.cancelled() else None
        if error is not None:
            raise error

    async def _one(self, turn: TurnState) -> End | None:
        """Run a turn and return its end; None where it is left open: the session closes, or it halts and nobody is there."""
        if turn.id in self._stopping:
            return End("cancelled", self._stopping[turn.id])
        driver = Turn(
            turn,
            self._emitter,
            self._parts,
            self._questions,
            self._trusts,
            self.compactor,
            self._moments,
            self._queue,
        )
        task = await self._as_current(driver.run(), turn.id)
        if task.cancelled():
            return End("cancelled", self._stopping[turn.id]) if turn.id in self._stopping else None
        error = task.exception()
        if error is None:
            return task.result()
        if isinstance(error, JournalError) or not isinstance(error, Exception):
            raise error
        log.error("turn %s", turn.id, exc_info=error)
        return End(
            "failed", f"Something inside Postil failed ({type(error).__name__}).", "The log has the details."
        )

    async def _as_current(self, work: Coroutine[Any, Any, _T], name: str) -> asyncio.Task[_T]:
        """Return the work as a task that is done; it is what is stopped meanwhile."""
        task = self._current = asyncio.create_task(work, name=f"postil-{name}")
        await asyncio.wait({task})
        self._current = None
        return task

    def _stop(self) -> None:
        """Cancel what runs, once: a second time would tear what tidies up after the first."""
        if self._current is not None and not self._current.cancelling():
            self._current.cancel()

    async def _end(self, turn: TurnState, end: End) -> None:
        """End a turn: first its calls, then itself."""
        for call in self._emitter.state.workflow.open_calls:
            if call.turn_id == turn.id:
                await finish_open(call, self._emitter, self._parts.workspace, self._parts.shell)
        if turn.unjudged and self._parts.checks is not None:
            from postil.agent.verifying.verdict import stopped  # noqa: PLC0415 - no turn without edits needs it

            await self._emitter.emit(stopped(self._emitter.state, turn))
        seconds = max(0.0, self._parts.clock.now() - turn.started_at)
        await self._emitter.emit(
            TurnEnded(
                turn_id=turn.id,
                reason=end.reason,
                message=end.message,
                mend=end.mend,
                steps=turn.steps,
                usage=turn.usage,
                cost=turn.cost,
                seconds=round(seconds, 3),
            ),
            sync=True,
        )
