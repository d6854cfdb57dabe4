"""The path of one call: prepare, decide, write the intent, run, write the result.

Every way through ends in exactly one CallFinished, written here or, where the turn was stopped before the
call began, by `close_turn`.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable

from postil.agent.budgets.limits import REPEATS_REFUSED, repeats
from postil.agent.calls.agreeing import Agreed, Agreeing
from postil.agent.calls.call_runner import CallRunner, stage_of
from postil.agent.calls.conflicts import Conflicts
from postil.agent.calls.finish import Finish
from postil.agent.calls.handed_back import event_of
from postil.agent.calls.intent import doubts_of
from postil.agent.calls.permit import Permit
from postil.agent.emitter import Emitter
from postil.agent.granting.trusts import Trusts
from postil.agent.hooking.moments import Moments
from postil.agent.parts import Parts
from postil.agent.questions import Questions
from postil.agent.verifying.witness import Witness
from postil.agent.whole import whole
from postil.core.delegation import Task
from postil.core.effects import Invocation, Result, Returned
from postil.core.errors import JournalError, StaleCommand, StaleDocument, ToolError
from postil.core.events import CallFinished, CallOutcome, ConfigurationInForce
from postil.core.origin import Source
from postil.core.seen import SeenPart
from postil.core.state import CallState
from postil.core.verification import SAME_FILES
from postil.permissions.origins import sources_of, sources_of_intent

log = logging.getLogger(__name__)

STALE_TRIES = 10
"""How often an edit is computed anew because the text moved on, before the model is told."""
HASTY_TRIES = 5
"""How many of them come at once; each one after that waits for a pause in the typing."""


class Invoker:
    """Takes the calls of one session through their path."""

    def __init__(
        self,
        emitter: Emitter,
        parts: Parts,
        questions: Questions,
        trusts: Trusts,
        moments: Moments,
        delegate: Callable[[CallState, Task], Awaitable[Result]],
    ) -> None:
        """`delegate` has a sub-agent do a task for a call."""
        self._emitter = emitter
        self._parts = parts
        self._questions = questions
        self._conflicts = Conflicts(emitter, parts, questions)
        permit = Permit(emitter, parts, questions, trusts)
        self._agreeing = Agreeing(emitter, parts, questions, permit, moments)
        self._runner = CallRunner(emitter, parts, questions, self._conflicts, permit.reach, delegate)
        self._moments = moments
        self._witness = Witness(emitter, parts)

    async def invoke(self, call: CallState) -> None:
        """Take the call to its end. Raises JournalError, which stops the turn."""
        since = self._parts.clock.monotonic() - self._questions.waited
        try:
            finish = await self._attempts(call)
        except ToolError as error:
            finish = Finish("failed", str(error))
        except JournalError:
            raise
        except Exception as error:
            log.exception("call of %s", call.call.name)
            finish = Finish("failed", f"The tool failed inside Postil ({type(error).__name__}).")
        await whole(self._record(call, finish, since))
        if finish.watched is not None and not finish.stopped:
            await self._witness.record(finish.watched, call, finish.outcome, finish.content, finish.details)
        if finish.stopped:
            raise asyncio.CancelledError
        if call.intent is not None and finish.outcome in ("completed", "failed"):
            await self._moments.after_call(call, finish.content, failed=finish.outcome == "failed")

    async def _attempts(self, call: CallState) -> Finish:
        if call.returned is not None:
            return await self._go_on(call, call.returned)
        if repeats(self._emitter.state.conversation.messages, call.call) >= REPEATS_REFUSED:
            return Finish("failed", "This same call was made several times in a row. Do something else.")
        for tried in range(STALE_TRIES):
            finish = await self._attempt(call, hasty=not HASTY_TRIES <= tried + 1 < STALE_TRIES)
            if finish is not None:
                return finish
        return Finish(
            "failed", "The user is typing here: the text changed each time. Try again later.", durable=True
        )

    async def _attempt(self, call: CallState, *, hasty: bool) -> Finish | None:
        """Take the call through once; None where what was decided about is not what there is now, after a pause in the
        typing unless it is hasty."""
        agreed = await self._agreeing.agreed(call)
        return await self._carry_out(call, agreed, hasty=hasty) if isinstance(agreed, Agreed) else agreed

    async def _carry_out(self, call: CallState, agreed: Agreed, *, hasty: bool) -> Finish | None:
        """Run what may run; None as for `_attempt`."""
        invocation, permission = agreed.invocation, agreed.permission
        # Known before it runs: once it has run, a look at the files alone comes between it and the record of how it ended.
        sources = await self._sources(call, invocation)
        watched = await self._witness.before(call, invocation, only_reads=permission.only_reads)
        try:
            finish = await self._in_lane(call, agreed)
        except (StaleCommand, StaleDocument) as stale:
            text = "the text changed meanwhile, reading it again"
            words = "what it would run has changed meanwhile" if isinstance(stale, StaleCommand) else text
            self._emitter.show(stage_of(call, f"{invocation.title}: {words}"))
            if not hasty and not isinstance(stale, StaleCommand):
                await self._parts.workspace.pause([it.path for it in invocation.access.edits])
            return None
        if finish.outcome != "not_run" and not finish.sources:
            finish.sources = sources
        finish.watched = watched
        if finish.outcome in ("completed", "failed") and not finish.stopped:
            await self._look_after(finish)
        return finish

    async def _in_lane(self, call: CallState, agreed: Agreed) -> Finish:
        """Run the call, with its effects on record before another sub-agent may write: their order is that in the files."""
        async with self._parts.lane(agreed.invocation.access, only_reads=agreed.permission.only_reads):
            finish = await self._runner.run(call, agreed)
            try:
                await whole(self._record_effects(call, finish))
            except asyncio.CancelledError:
                finish.stopped = True
            return finish

    async def _look_after(self, finish: Finish) -> None:
        """Note whether a command left the project's files as they were."""
        try:
            if await self._witness.left_as_it_was(finish.watched, finish.details):
                finish.details = {**finish.details, SAME_FILES: True}
        except asyncio.CancelledError:
            finish.stopped = True

    async def _go_on(self, call: CallState, returned: Returned) -> Finish:
        """Finish a call whose tool had returned before questions about that were answered."""
        sources: tuple[Source, ...] = ()
        if call.intent is not None:
            sources = await asyncio.to_thread(sources_of_intent, call.intent, self._parts.workspace.roots)
        content = await self._conflicts.finish(call, returned.content)
        outcome: CallOutcome = "failed" if returned.is_error else "completed"
        return Finish(
            outcome, content, durable=True, details=returned.details, intent=call.intent, sources=sources
        )

    async def _sources(self, call: CallState, invocation: Invocation) -> tuple[Source, ...]:
        """Return where what the call will tell comes from; what never began is told in our own words."""
        access, roots = invocation.access, self._parts.workspace.roots
        if access.command is None:
            return sources_of(access, roots, call.call.name)
        # It is parsed for that.
        return await asyncio.to_thread(sources_of, access, roots, call.call.name)

    async def _record_effects(self, call: CallState, finish: Finish) -> None:
        for effect in finish.effects:
            event = event_of(effect, call, finish.intent, self._configuration, self._parts.ids.new)
            if event is not None:
                await self._emitter.emit(event, sync=isinstance(event, ConfigurationInForce))

    async def _record(self, call: CallState, finish: Finish, since: float) -> None:
        await self._emitter.emit(
            CallFinished(
                turn_id=call.turn_id,
                call_id=call.call.id,
                tool=call.call.name,
                outcome=finish.outcome,
                content=finish.content + doubts_of(finish.effects, self._parts.workspace.display),
                sources=finish.sources,
                seconds=round(max(0.0, self._parts.clock.monotonic() - self._questions.waited - since), 3),
                details=finish.details,
                seen=tuple(it for it in finish.effects if isinstance(it, SeenPart)),
            ),
            sync=finish.durable,
        )

    @property
    def _configuration(self) -> ConfigurationInForce | None:
        return self._emitter.state.workflow.configuration
