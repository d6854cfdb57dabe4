"""Runs the turns of a session one after another, and ends each in the same way: success, cancel, failure and crash."""

from __future__ import annotations

import asyncio
import logging

from postil.agent.emitter import Emitter
from postil.agent.parts import Parts
from postil.agent.questions import Questions
from postil.agent.settle import finish_open
from postil.agent.trusts import Trusts
from postil.agent.turn import End, Turn
from postil.core.errors import JournalError, ProtocolError
from postil.core.events import TurnEnded
from postil.core.state import TurnState

log = logging.getLogger(__name__)

_LEFT_UNFINISHED = "The turn before was left unfinished, because something new was asked."


class Runner:
    """The turns of one session: the one in progress, and those that wait for it."""

    def __init__(self, emitter: Emitter, parts: Parts, questions: Questions, trusts: Trusts) -> None:
        self._emitter = emitter
        self._parts = parts
        self._questions = questions
        self._trusts = trusts
        self._task: asyncio.Task[None] | None = None
        self._turn: asyncio.Task[End | None] | None = None
        self._stopping: dict[str, str] = {}
        """Turns that are to stop, and why."""
        self._idle = asyncio.Event()
        self._idle.set()
        self._closing = False

    @property
    def busy(self) -> bool:
        """Whether a turn is running or waiting for a person."""
        return self._task is not None and not self._task.done()

    @property
    def suspended(self) -> bool:
        """Whether a turn was left open by an earlier process and waits to be resumed."""
        return bool(self._emitter.state.workflow.turns) and not self.busy

    async def idle(self) -> None:
        """Return when no turn is running."""
        await self._idle.wait()

    async def must_idle(self) -> None:
        """Return when no turn is running, where none is in progress; else raise ProtocolError."""
        if self.busy and self._emitter.state.workflow.turns:
            raise ProtocolError("A turn is in progress.", "Stop it first.")
        await self._idle.wait()  # The last turn may have ended a moment ago.

    def start(self) -> None:
        """Run what waits, unless something runs already."""
        if self.busy or not self._emitter.state.workflow.turns:
            return
        self._idle.clear()
        self._task = asyncio.create_task(self._run(), name=f"postil-{self._emitter.session_id}")

    def cancel(self, reason: str) -> bool:
        """Stop the turn in progress and drop those that wait, soon; returns whether there was one."""
        told = {turn.id for turn in self._emitter.state.workflow.turns}
        self._stopping |= dict.fromkeys(told, reason)
        self._stop()
        return bool(told)

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

    async def _run(self) -> None:
        session_id, state = self._emitter.session_id, self._emitter.state
        try:
            while (turn := state.workflow.turn) is not None and self._emitter.failure is None:
                await self._trusts.look()
                end = await self._one(turn)
                if end is None:
                    return
                await self._end(turn, end)
                self._stopping.pop(turn.id, None)
                await self._emitter.snapshot()
        except JournalError as error:
            log.warning("session %s halted: %s", session_id, error)
            self._emitter.halt(error)
        except Exception:
            log.exception("session %s", session_id)
        finally:
            self._idle.set()

    async def _one(self, turn: TurnState) -> End | None:
        """Run a turn and return its end; None where it is left open: the session closes, or it halts and nobody is there."""
        if turn.id in self._stopping:
            return End("cancelled", self._stopping[turn.id])
        if self._closing:
            return None
        driver = Turn(turn, self._emitter, self._parts, self._questions, self._trusts)
        task = self._turn = asyncio.create_task(driver.run(), name=f"postil-{turn.id}")
        await asyncio.wait({task})
        self._turn = None
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

    def _stop(self) -> None:
        """Cancel what runs, once: a second time would tear what tidies up after the first."""
        if self._turn is not None and not self._turn.cancelling():
            self._turn.cancel()

    async def _end(self, turn: TurnState, end: End) -> None:
        """End a turn: first its calls, then itself."""
        for call in self._emitter.state.workflow.open_calls:
            if call.turn_id == turn.id:
                await finish_open(call, self._emitter, self._parts.workspace, self._parts.shell)
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
