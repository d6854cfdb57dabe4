"""The path of one call: prepare, decide, write the intent, run, write the result.

Every way through ends in exactly one CallFinished, written here or, where the turn was stopped before the
call began, by `close_turn`.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field, replace

from pydantic import JsonValue

from postil.agent.conflicts import Conflicts
from postil.agent.emitter import Emitter
from postil.agent.handed_back import event_of
from postil.agent.hooking.moments import Moments
from postil.agent.intake import check_marks
from postil.agent.intent import call_started, doubts_of, texts_of
from postil.agent.limits import REPEATS_REFUSED, repeats
from postil.agent.parts import Parts
from postil.agent.permit import Permission, Permit
from postil.agent.printed import Printed
from postil.agent.questions import Questions
from postil.agent.saves import CANCELLED, Saves, Sees
from postil.agent.settle import (
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
from postil.agent.sight import Sight
from postil.agent.trusts import Trusts
from postil.agent.types.in_session import session_tools
from postil.agent.verifying.witness import Watched, Witness
from postil.agent.whole import whole
from postil.core.delegation import Task
from postil.core.effects import (
    Invocation,
    Result,
    Returned,
    RunContext,
    ToolEffect,
    UserQuestion,
)  # fmt: skip
from postil.core.ephemeral import CallProgress, StageChanged
from postil.core.errors import JournalError, OutcomeUnknown, StaleCommand, StaleDocument, ToolError
from postil.core.events import (
    CallFinished,
    CallOutcome,
    CallStarted,
    ConfigurationInForce,
    ProcessStarted,
)  # fmt: skip
from postil.core.origin import Source
from postil.core.seen import SeenPart
from postil.core.state import CallState
from postil.core.verification import SAME_FILES
from postil.permissions.origins import USER, sources_of, sources_of_intent

log = logging.getLogger(__name__)

STALE_TRIES = 10
"""How often an edit is computed anew because the text moved on, before the model is told."""
EDIT_GRACE = 1.0
"""Seconds that an edit which was begun is given to end when its turn is stopped: longer than editors need that are
not waiting for their user, which can take for ever."""
STOP_GRACE = 10.0
"""Seconds that any call is given to tidy up once it was told to stop."""
SUB_AGENT_GRACE = 5 * STOP_GRACE
"""The same for a sub-agent, whose own calls have as long, and those of its sub-agents."""


@dataclass(slots=True)
class Finish:
    """How the call ended, and what its tool hands back to be recorded."""

    outcome: CallOutcome
    content: str
    durable: bool = False
    """Whether it had an effect, so that the result is synced before it is shown as done."""
    details: dict[str, JsonValue] = field(default_factory=dict[str, JsonValue])
    effects: Sequence[ToolEffect] = ()
    intent: CallStarted | None = None
    sources: tuple[Source, ...] = ()
    """Where the content comes from; nothing where it is our own words."""
    watched: Watched | None = None
    """What was looked at before it ran, where it is a check."""
    stopped: bool = False
    """Whether the turn was stopped meanwhile, which goes on once this is recorded."""


@dataclass(frozen=True, slots=True)
class _Agreed:
    """A call that may run."""

    invocation: Invocation
    permission: Permission
    sees: Sees


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
        self._delegate = delegate
        self._emitter = emitter
        self._parts = parts
        self._questions = questions
        self._permit = Permit(emitter, parts, questions, trusts)
        self._saves = Saves(emitter, parts, questions)
        self._conflicts = Conflicts(emitter, parts, questions)
        self._sight = Sight(emitter.state)
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
        for _ in range(STALE_TRIES):
            finish = await self._attempt(call)
            if finish is not None:
                return finish
        return Finish(
            "failed", "The user is typing here: the text changed each time. Try again later.", durable=True
        )

    async def _attempt(self, call: CallState) -> Finish | None:
        """Take the call through once; None where what was decided about is not what there is now."""
        agreed = await self._agreed(call)
        return await self._carry_out(call, agreed) if isinstance(agreed, _Agreed) else agreed

    async def _agreed(self, call: CallState) -> _Agreed | Finish | None:
        """Return what may run now; otherwise how the call ends without running, or None as for `_attempt`."""
        outside = await self._permit.outside_pool(call)
        if outside is not None:
            return Finish("denied", outside.content, details=outside.details)
        invocation = await self._prepare(call)
        check_marks(invocation)
        wish = await self._moments.before_call(call, invocation.kind)
        if wish.changed:
            return None
        permission = await self._permit.permission(call, invocation, wish)
        if permission.denied:
            return Finish("denied", permission.content, details=permission.details)
        if permission.asked:
            # Time has passed: what was approved is what runs, or it is asked again.
            again = await self._prepare(call)
            if again.fingerprint != invocation.fingerprint or not await self._permit.stands(
                permission, again
            ):
                return None
            invocation = again
        sees: Sees = "as_saved"
        if invocation.access.unsaved and not permission.only_reads:
            sees = await self._saves.settle(call, invocation)
            if sees == "cancelled":
                return Finish("cancelled", CANCELLED)
            if not await self._permit.stands(permission, invocation):
                return None
        return _Agreed(invocation, permission, sees)

    async def _carry_out(self, call: CallState, agreed: _Agreed) -> Finish | None:
        """Run what may run; None as for `_attempt`."""
        invocation, permission = agreed.invocation, agreed.permission
        # Known before it runs: once it has run, a look at the files alone comes between it and the record of how it ended.
        sources = await self._sources(call, invocation)
        watched = await self._witness.before(call, invocation, only_reads=permission.only_reads)
        try:
            finish = await self._in_lane(call, invocation, permission, agreed.sees)
        except (StaleCommand, StaleDocument) as stale:
            text = "the text changed meanwhile, reading it again"
            words = "what it would run has changed meanwhile" if isinstance(stale, StaleCommand) else text
            self._stage(call, f"{invocation.title}: {words}")
            return None
        if finish.outcome != "not_run" and not finish.sources:
            finish.sources = sources
        finish.watched = watched
        if finish.outcome in ("completed", "failed") and not finish.stopped:
            await self._look_after(finish)
        return finish

    async def _in_lane(
        self, call: CallState, invocation: Invocation, permission: Permission, sees: Sees
    ) -> Finish:
        """Run the call, with its effects on record before another sub-agent may write: their order is that in the files."""
        async with self._parts.lane(invocation.access, only_reads=permission.only_reads):
            finish = await self._run(call, invocation, permission, sees)
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

    async def _prepare(self, call: CallState) -> Invocation:
        sight = self._sight
        ports = replace(
            self._parts.tool_ports, seen=sight.seen, stands=sight.stands, earlier=sight.earlier,
            skills=sight.skills(self._parts),
        )  # fmt: skip
        has = session_tools(self._emitter.state.workflow)
        return await self._parts.tools.prepare(call.as_wanted, ports, has)

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

    async def _run(
        self, call: CallState, invocation: Invocation, permission: Permission, sees: Sees
    ) -> Finish:
        change_id = self._parts.ids.new("change") if invocation.access.edits else None
        intent = call_started(call, invocation, change_id)
        effectful = intent.effect_class != "none"
        await self._emitter.keep(texts_of(invocation.access.edits))
        try:
            await self._emitter.emit(intent, sync=effectful)
        except asyncio.CancelledError:
            # It is on record by now, and it never began: that is known, so it is said.
            return Finish("not_run", NOT_BEGUN, effectful, stopped=True)
        self._stage(call, invocation.title)
        output = Printed()
        context = RunContext(
            call_id=call.call.id,
            change_id=change_id or "",
            label=invocation.title,
            only_reads=permission.only_reads,
            as_on_screen=sees == "as_on_screen",
            progress=lambda text: self._progress(call, output, text),
            spawned=lambda pid, started: self._spawned(call, pid, started),
            reach=self._permit.reach,
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

    async def _sources(self, call: CallState, invocation: Invocation) -> tuple[Source, ...]:
        """Return where what the call will tell comes from; what never began is told in our own words."""
        access, roots = invocation.access, self._parts.workspace.roots
        if access.command is None:
            return sources_of(access, roots, call.call.name)
        # It is parsed for that.
        return await asyncio.to_thread(sources_of, access, roots, call.call.name)

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

    async def _spawned(self, call: CallState, pid: int, started: float) -> None:
        await self._emitter.emit(ProcessStarted(call_id=call.call.id, pid=pid, started=started))

    @property
    def _configuration(self) -> ConfigurationInForce | None:
        return self._emitter.state.workflow.configuration

    def _progress(self, call: CallState, output: Printed, text: str) -> None:
        shown = output.add(text)
        if shown:
            self._emitter.keep_output(call.turn_id, call.call.id, shown)
            self._emitter.show(CallProgress(call_id=call.call.id, text=shown))

    def _stage(self, call: CallState, detail: str) -> None:
        self._emitter.show(StageChanged(turn_id=call.turn_id, stage="running", detail=detail, step=call.step))


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
