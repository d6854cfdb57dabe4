"""A session: takes submissions one at a time, runs one turn at a time, and ends every turn the same way."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable

from postil.agent.emitter import Emitter, Subscriber
from postil.agent.parts import Parts
from postil.agent.questions import Questions
from postil.agent.settle import settle
from postil.agent.turn import End, Turn
from postil.core.errors import JournalError, ProtocolError
from postil.core.events import (
    CallFinished,
    ConfigurationInForce,
    PromptReceived,
    SessionClosed,
    SessionResumed,
    TurnEnded,
)  # fmt: skip
from postil.core.state import CallState, State, TurnState
from postil.core.submissions import Answer, Cancel, Close, Prompt, Resume, SetMode
from postil.permissions.modes import mode

log = logging.getLogger(__name__)

CONTINUE = "Go on from where you stopped."


class Session:
    """One conversation, open in this process."""

    def __init__(self, emitter: Emitter, parts: Parts) -> None:
        self.id = emitter.session_id
        self._emitter = emitter
        self._parts = parts
        self._questions = Questions(emitter, parts)
        self._mailbox = asyncio.Lock()
        self._runner: asyncio.Task[None] | None = None
        self._turn_task: asyncio.Task[End] | None = None
        self._cancel_reason = ""
        self._idle = asyncio.Event()
        self._idle.set()
        self._closed = False

    # --- What faces use ------------------------------------------------------------------------------------

    @property
    def state(self) -> State:
        """The session's state; read it, never change it."""
        return self._emitter.state

    @property
    def busy(self) -> bool:
        """Whether a turn is running or waiting for a person."""
        return self._runner is not None and not self._runner.done()

    @property
    def suspended(self) -> bool:
        """Whether a turn was left open by an earlier process and waits to be resumed."""
        return bool(self.state.workflow.turns) and not self.busy

    def subscribe(self, subscriber: Subscriber) -> Callable[[], None]:
        """Tell `subscriber` of every publication from now on; returns what ends that."""
        return self._emitter.subscribe(subscriber)

    async def idle(self) -> None:
        """Return when no turn is running."""
        await self._idle.wait()

    async def prompt(self, prompt: Prompt) -> str:
        """Take a prompt and return its turn's id, as soon as it is durable. While a turn runs, it waits."""
        async with self._mailbox:
            self._check_open()
            if self.suspended:
                await self._close_turns(End("interrupted", "A new prompt took its place."))
            turn_id = self._parts.ids.new("turn")
            await self._emitter.emit(
                PromptReceived(
                    turn_id=turn_id,
                    text=prompt.text,
                    context=prompt.context,
                    anchor=prompt.anchor,
                    face=prompt.face,
                ),
                sync=True,
            )
            self._ensure_running()
            return turn_id

    async def answer(self, answer: Answer) -> None:
        """Take the answer to an open question; raises ProtocolError where it is not open or has no such answer."""
        async with self._mailbox:
            self._check_open()
            await self._questions.answer(answer)
            self._ensure_running()

    async def cancel(self, cancel: Cancel) -> bool:
        """Stop the turn in progress and drop those that wait; returns whether there was one."""
        async with self._mailbox:
            if self.suspended:
                await self._close_turns(End("cancelled"))
                return True
            if not self.busy:
                return False
            self._stop(cancel.reason)
            return True

    async def resume(self, resume: Resume) -> str:
        """Go on with the turn that was left open, or with a new one that continues the last; returns its id."""
        if not self.suspended:
            if self.busy or self.state.workflow.last_end is None:
                raise ProtocolError("There is nothing to resume.")
            return await self.prompt(Prompt(CONTINUE, face=resume.face))
        async with self._mailbox:
            self._check_open()
            self._ensure_running()
            return self.state.workflow.turns[0].id

    async def set_mode(self, change: SetMode) -> None:
        """Change the permission mode; raises UsageError for one that does not exist."""
        async with self._mailbox:
            self._check_open()
            configuration = self.state.workflow.configuration
            if configuration is None or mode(change.mode).name == configuration.mode:
                return
            update = {"mode": change.mode, "cause": f"mode changed by person in {change.face or 'a face'}"}
            await self._emitter.emit(configuration.model_copy(update=update), sync=True)

    async def close(self, close: Close) -> None:
        """Stop what runs, record that the session was closed on purpose, and let go of the journal.

        A turn in progress is left open, with its questions: whoever opens the session next can resume it.
        """
        async with self._mailbox:
            if self._closed:
                return
            self._closed = True
            if self.busy:
                self._stop(close.reason)
                await self._idle.wait()
            try:
                await self._emitter.emit(SessionClosed(reason=close.reason), sync=True)
                await self._emitter.snapshot(force=True)
            except JournalError:
                log.warning("the journal of %s could not take its last event", self.id)
            finally:
                await self._emitter.close()

    # --- Opening -------------------------------------------------------------------------------------------

    async def begin(self, configuration: ConfigurationInForce) -> None:
        """Write what the session runs under, where it differs from what is on record."""
        old = self.state.workflow.configuration
        if old is None or old.model_copy(update={"cause": ""}) != configuration.model_copy(
            update={"cause": ""}
        ):
            await self._emitter.emit(configuration, sync=True)

    async def recover(self, resumed: SessionResumed) -> None:
        """Record that a process opened the session again, and settle every call that it finds begun."""
        await self._emitter.emit(resumed, sync=True)
        for call in self.state.workflow.open_calls:
            waits = any(it.call_id == call.call.id for it in self.state.workflow.questions.values())
            if call.status == "started" and not waits and call.answer is None:
                await self._settle(call)

    # --- Inside --------------------------------------------------------------------------------------------

    def _check_open(self) -> None:
        if self._closed:
            raise ProtocolError("The session is closed.", "Open it again, or start a new one.")
        if self._emitter.failure is not None:
            raise self._emitter.failure

    def _ensure_running(self) -> None:
        if self.busy or not self.state.workflow.turns:
            return
        self._idle.clear()
        self._runner = asyncio.create_task(self._run(), name=f"postil-{self.id}")

    async def _run(self) -> None:
        try:
            while (turn := self.state.workflow.turn) is not None and self._emitter.failure is None:
                end = await self._one(turn)
                if self._closed:
                    return
                await self._close_turns(end, all_turns=bool(self._cancel_reason))
                self._cancel_reason = ""
                await self._emitter.snapshot()
        except JournalError:
            log.warning("session %s halted: its journal cannot be written", self.id)
        except Exception:
            log.exception("session %s", self.id)
        finally:
            self._idle.set()

    async def _one(self, turn: TurnState) -> End:
        if self._cancel_reason:
            return End("cancelled")
        driver = Turn(turn, self._emitter, self._parts, self._questions)
        task = self._turn_task = asyncio.create_task(driver.run(), name=f"postil-{turn.id}")
        await asyncio.wait({task})
        self._turn_task = None
        if task.cancelled():
            return End("cancelled")
        error = task.exception()
        if error is None:
            return task.result()
        if isinstance(error, JournalError):
            raise error
        log.error("turn %s", turn.id, exc_info=error)
        return End(
            "failed", f"Something inside Postil failed ({type(error).__name__}).", "The log has the details."
        )

    def _stop(self, reason: str) -> None:
        if self._cancel_reason:
            return
        self._cancel_reason = reason
        if self._turn_task is not None:
            self._turn_task.cancel()

    async def _close_turns(self, end: End, *, all_turns: bool = True) -> None:
        turns = list(self.state.workflow.turns)
        for turn in turns if all_turns else turns[:1]:
            await self._close_turn(turn, end)

    async def _close_turn(self, turn: TurnState, end: End) -> None:
        """End a turn: the one way for success, cancel, failure and crash. First its calls, then itself."""
        for call in self.state.workflow.open_calls:
            if call.turn_id == turn.id:
                await self._settle(call)
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

    async def _settle(self, call: CallState) -> None:
        if call.status == "started" and call.intent is not None:
            settled = await settle(call.intent, self._parts.workspace)
            outcome, content = settled.outcome, settled.content
        else:
            outcome, content = "not_run", "Not run: the turn was stopped before it began."
        await self._emitter.emit(
            CallFinished(
                turn_id=call.turn_id,
                call_id=call.call.id,
                tool=call.call.name,
                outcome=outcome,
                content=content,
            )
        )
