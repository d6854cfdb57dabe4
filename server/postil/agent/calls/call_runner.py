"""The run of one call that may run: its intent on record, the effect, and what is true of it, whatever broke it off."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable

from postil.agent.calls.agreeing import Agreed
from postil.agent.calls.conflicts import Conflicts
from postil.agent.calls.finish import Finish
from postil.agent.calls.intent import call_started, texts_of
from postil.agent.calls.printed import Printed
from postil.agent.calls.settle import (
    MAY_COME,
    NOT_BEGUN,
    Settled,
    after_refusal,
    in_editor,
    output_so_far,
    record_landed,
    running,
    settle,
)  # fmt: skip
from postil.agent.emitter import Emitter
from postil.agent.parts import Parts
from postil.agent.questions import Questions
from postil.core.delegation import Task
from postil.core.effects import Result, RunContext, UserQuestion
from postil.core.ephemeral import CallProgress, StageChanged
from postil.core.errors import JournalError, OutcomeUnknown, StaleDocument, ToolError
from postil.core.events import CallOutcome, CallStarted, ProcessStarted
from postil.core.ports.web import Reach
from postil.core.state import CallState
from postil.permissions.origins import USER

log = logging.getLogger(__name__)

EDIT_GRACE = 1.0
"""Seconds that an edit which was begun is given to end when its turn is stopped: longer than editors need that are
not waiting for their user, which can take for ever."""
STOP_GRACE = 10.0
"""Seconds that any call is given to tidy up once it was told to stop."""
SUB_AGENT_GRACE = 5 * STOP_GRACE
"""The same for a sub-agent, whose own calls have as long, and those of its sub-agents."""


class CallRunner:
    """Runs the calls of one session that may run."""

    def __init__(
        self,
        emitter: Emitter,
        parts: Parts,
        questions: Questions,
        conflicts: Conflicts,
        reach: Reach,
        delegate: Callable[[CallState, Task], Awaitable[Result]],
    ) -> None:
        """`reach` judges where a fetch may go; `delegate` has a sub-agent do a task for a call."""
        self._emitter = emitter
        self._parts = parts
        self._questions = questions
        self._conflicts = conflicts
        self._reach = reach
        self._delegate = delegate

    async def run(self, call: CallState, agreed: Agreed) -> Finish:
        """Run it, from the intent on record to what it came to. Raises StaleCommand and StaleDocument where it did nothing
        because the text moved on, and JournalError."""
        invocation = agreed.invocation
        change_id = self._parts.ids.new("change") if invocation.access.edits else None
        intent = call_started(call, invocation, change_id)
        effectful = intent.effect_class != "none"
        await self._emitter.keep(texts_of(invocation.access.edits))
        try:
            await self._emitter.emit(intent, sync=effectful)
        except asyncio.CancelledError:
            # It is on record by now, and it never began: that is known, so it is said.
            return Finish("not_run", NOT_BEGUN, effectful, stopped=True)
        self._emitter.show(stage_of(call, invocation.title))
        output = Printed()
        context = RunContext(
            call_id=call.call.id,
            change_id=change_id or "",
            label=invocation.title,
            only_reads=agreed.permission.only_reads,
            as_on_screen=agreed.sees == "as_on_screen",
            progress=lambda text: self._progress(call, output, text),
            spawned=lambda pid, started: self._spawned(call, pid, started),
            reach=self._reach,
            delegate=lambda task: self._delegate(call, task),
        )
        task = asyncio.ensure_future(invocation.run(context))
        try:
            result = await asyncio.shield(task)
        except asyncio.CancelledError:
            return await self._stopped(intent, task, output)
        except (StaleDocument, JournalError):
            raise
        except OutcomeUnknown as error:
            return await self._broken(intent, error.message)
        except ToolError as error:
            # An edit that was refused may have landed all the same, or land late: look before saying so.
            if intent.effect_class != "file_edit":
                return Finish("failed", str(error))
            return await self._ended(intent, await after_refusal(intent, self._parts.workspace, error))
        except Exception as error:
            log.exception("run of %s", call.call.name)
            return await self._broken(intent, f"The tool failed inside Postil ({type(error).__name__})")
        asked = next((it for it in result.effects if isinstance(it, UserQuestion)), None)
        sources = result.sources
        if asked is not None:
            content, sources = await self._questions.ask(call, asked), (USER,)
        else:
            content = await self._conflicts.settle(call, result, invocation.title)
        outcome: CallOutcome = "failed" if result.is_error else "completed"
        return Finish(outcome, content, effectful, result.details, result.effects, intent, sources)

    async def _stopped(self, intent: CallStarted, task: asyncio.Future[Result], output: Printed) -> Finish:
        """End a running call because its turn is stopped, and say what is true of it."""
        this = asyncio.current_task()
        if task.cancelled() and this is not None and not this.cancelling():
            return await self._broken(intent, "The tool gave up inside Postil")
        if intent.effect_class == "file_edit":
            # An edit is over in a moment; tearing it apart would leave a doubt that waiting does not.
            await asyncio.wait({task}, timeout=EDIT_GRACE)
        if not task.done():
            task.cancel()
            own = intent.effect_class == "agent"
            await asyncio.wait({task}, timeout=SUB_AGENT_GRACE if own else STOP_GRACE)
        error = task.exception() if task.done() and not task.cancelled() else None
        effectful = intent.effect_class != "none"
        if isinstance(error, ToolError):
            return Finish("failed", str(error), effectful, stopped=True)
        if task.done() and not task.cancelled() and error is None:
            return _ended_at_last(intent, task.result())
        if not effectful or (intent.effect_class in ("shell", "network") and task.cancelled()):
            return Finish(
                "cancelled", "Stopped before it ended." + output_so_far(output.end()), effectful, stopped=True
            )
        finish = await self._broken(intent, "Stopped")
        if finish.outcome == "failed" and await in_editor(intent, self._parts.workspace):
            finish = Finish("unknown", MAY_COME, durable=True)
        finish.stopped = True
        return finish

    async def _broken(self, intent: CallStarted, cause: str) -> Finish:
        """Say of a run that broke off what looking at the world tells."""
        if intent.effect_class == "none":
            return Finish("failed", f"{cause}.")
        call = self._emitter.state.workflow.calls[intent.call_id]
        still = running(call, self._parts.shell.runs)
        return await self._ended(intent, await settle(intent, self._parts.workspace, cause, still))

    async def _ended(self, intent: CallStarted, settled: Settled) -> Finish:
        """End a call as what was seen of it tells, with what is in on record."""
        await record_landed(intent, settled.landed, self._emitter, self._parts.workspace)
        outcome = "failed" if settled.outcome == "not_run" else settled.outcome
        return Finish(outcome, settled.content, durable=True)

    async def _spawned(self, call: CallState, pid: int, started: float) -> None:
        await self._emitter.emit(ProcessStarted(call_id=call.call.id, pid=pid, started=started))

    def _progress(self, call: CallState, output: Printed, text: str) -> None:
        shown = output.add(text)
        if shown:
            self._emitter.keep_output(call.turn_id, call.call.id, shown)
            self._emitter.show(CallProgress(call_id=call.call.id, text=shown))


def stage_of(call: CallState, detail: str) -> StageChanged:
    """What is shown while a call runs."""
    return StageChanged(turn_id=call.turn_id, stage="running", detail=detail, step=call.step)


def _ended_at_last(intent: CallStarted, result: Result) -> Finish:
    """The finish of a run that was over before it could be stopped; a question is not asked any more."""
    if any(isinstance(effect, UserQuestion) for effect in result.effects):
        return Finish("cancelled", "Stopped before it was asked.", stopped=True)
    ended: CallOutcome = "cancelled" if intent.effect_class == "agent" else "failed"
    outcome: CallOutcome = ended if result.is_error else "completed"
    durable = intent.effect_class != "none"
    return Finish(
        outcome, result.content, durable, result.details, result.effects, intent, result.sources, stopped=True
    )
