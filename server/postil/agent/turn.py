"""A turn: look at where the work stands, make the next move, until the turn ends.

The next move is read from the state alone, never from where the code happens to be. A turn that is begun
afresh, one that goes on after a crash and one that was answered overnight are therefore the same code.
"""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from dataclasses import dataclass
from typing import TYPE_CHECKING

from postil.agent.budgets.accounts import Account, of_turn
from postil.agent.budgets.admission import Admission, Halted
from postil.agent.budgets.limits import REPEATS_FATAL, repeats
from postil.agent.calls import scheduler
from postil.agent.compacting.compactor import Compactor
from postil.agent.emitter import Emitter
from postil.agent.granting.trusts import Trusts
from postil.agent.hooking.moments import Moments
from postil.agent.loaded_later import delegating_classes, invoker_class, verifier_class
from postil.agent.parts import Parts
from postil.agent.questions import Questions
from postil.agent.waiting.queue import Queue
from postil.core.delegation import Task
from postil.core.effects import Result
from postil.core.ephemeral import StageChanged, TextDelta, ThinkingDelta
from postil.core.errors import ModelError
from postil.core.events import (
    Limits,
    ModelFailed,
    ModelReplied,
    Routed,
    TurnEnd,
)  # fmt: skip
from postil.core.ports import Begun, ModelRequest, Reply, Retrying, TextPiece
from postil.core.prefix import prefix_changed
from postil.core.state import CallState, State, TurnState

if TYPE_CHECKING:
    from postil.agent.calls.invoke import Invoker
    from postil.agent.delegating.delegating import Delegating


@dataclass(frozen=True, slots=True)
class Start:
    """The turn has not begun."""


@dataclass(frozen=True, slots=True)
class RunCalls:
    """The model asked for these and they have not ended."""

    calls: tuple[CallState, ...]


@dataclass(frozen=True, slots=True)
class CallModel:
    """Everything is answered: it is the model's turn to speak."""


@dataclass(frozen=True, slots=True)
class Verify:
    """The model has spoken its last word, and files were edited: whether that works is to be found out, or to be said."""


@dataclass(frozen=True, slots=True)
class End:
    """Nothing is left to do, or a limit is reached."""

    reason: TurnEnd
    message: str = ""
    mend: str = ""


Move = Start | RunCalls | CallModel | Verify | End

_ENDS: dict[str, End] = {
    "end_turn": End("end_turn"),
    "stop_sequence": End("end_turn"),
    "tool_use": End("end_turn"),
    "max_tokens": End("max_tokens", "The reply was cut at its limit of output tokens.", "Ask it to go on."),
    "refusal": End("refusal", "The model declined to answer."),
    "model_context_window_exceeded": End(
        "failed", "The conversation no longer fits the model's context window."
    ),
}


_GO_ON = "Resuming the session goes on from here."


def next_move(
    state: State, turn: TurnState, limits: Limits, worked: float, *, verifies: bool = False
) -> Move:
    """Return what the turn does next. `worked` is seconds of work in this turn, waiting for a person left out.

    `verifies` says whether edits are to be verified.
    """
    if turn.ended_by_hook:
        return End("cancelled", f"A hook ended the turn: {turn.ended_by_hook}", "Send a prompt to go on.")
    if not turn.routed:
        return Start()
    if turn.ended_by_limit:
        return End("budget_exhausted", turn.ended_by_limit, "Send a prompt to go on.")
    if calls := state.workflow.open_calls:
        return RunCalls(tuple(calls))
    asked = any(not it.check for it in state.workflow.calls.values())
    speak = turn.last_stop is None or turn.last_stop == "pause_turn" or asked
    if not speak:
        end = _ENDS.get(turn.last_stop or "", End("end_turn"))
        return Verify() if verifies and end.reason == "end_turn" and turn.unjudged else end
    if over := _over(turn, limits, worked):
        return over
    if any(
        repeats(state.conversation.messages, it.call) >= REPEATS_FATAL for it in state.workflow.calls.values()
    ):
        return End("failed", "Stopped: the model asked for the same call again and again.")
    return CallModel()


def _over(turn: TurnState, limits: Limits, worked: float) -> End | None:
    """Return the end of a turn that has reached a limit of its own; None where it has not."""
    if turn.steps >= limits.steps:
        words = f"Stopped after {turn.steps} steps, the limit of a turn."
        return End("max_turn_requests", words, "Send a prompt to go on.")
    if worked >= limits.seconds:
        words = f"Stopped after {worked:.0f} s of work, the limit of a turn."
        return End("budget_exhausted", words, "Send a prompt to go on.")
    return None


def _failed(error: ModelError) -> End:
    mend = f"{error.mend} {_GO_ON}".strip() if error.retryable else error.mend
    return End("failed", error.message, mend)


class Turn:
    """Drives one turn of a session."""

    def __init__(  # noqa: PLR0913, PLR0917 - what a session has one of, handed to each of its turns
        self,
        turn: TurnState,
        emitter: Emitter,
        parts: Parts,
        questions: Questions,
        trusts: Trusts,
        compactor: Compactor,
        moments: Moments,
        queue: Queue,
    ) -> None:
        self._turn = turn
        self._emitter = emitter
        self._parts = parts
        self._questions = questions
        self._trusts = trusts
        self._invoking: asyncio.Future[type[Invoker]] | None = None
        self._invoker: Invoker | None = None
        self._delegating: Delegating | None = None
        self.account = self._account()
        """What the turn may spend; a sub-agent draws from a child of it."""
        self._admission = Admission(turn, self.account, emitter, parts, questions)
        self._compactor = compactor
        self._moments = moments
        self._queue = queue
        self._since = parts.clock.monotonic()
        self._waited = questions.waited

    async def run(self) -> End | None:
        """Make moves until one is the end; None where it halts at a limit and nobody is there to say what now.

        Raises JournalError; a model that fails is an end like others.
        """
        state = self._emitter.state
        while True:
            verifies = self._parts.checks is not None
            match next_move(state, self._turn, self._limits, self._worked(), verifies=verifies):
                case Start():
                    if refused := await self._begin(state):
                        return refused
                case RunCalls(calls):
                    invoker = await self._ready_to_invoke()
                    await scheduler.run(
                        calls, self._parts.tools.beside, invoker.invoke, self._parts.reads_at_once
                    )
                case CallModel():
                    try:
                        await self._step(state)
                    except ModelError as error:
                        return _failed(error)
                    except Halted as halted:
                        end = self._without_means(halted)
                        if end is not None or not self._turn.ended_by_limit:
                            return end
                case Verify():
                    await self._verify()
                case End() as end:
                    if await self._is_over(end):
                        return end

    async def _begin(self, state: State) -> End | None:
        """Begin the turn, where hooks let it; return its end where they do not."""
        if why := await self._moments.before_turn(self._turn):
            return End("cancelled", f"This is not done: {why}", "Ask otherwise, or change the hook.")
        if not self._turn.ended_by_hook:
            await self._start(state)
        return None

    def _without_means(self, halted: Halted) -> End | None:
        """Return the end of a turn for which there is nobody to ask: that of a sub-agent."""
        if self._parts.above is None:
            return None
        return End("budget_exhausted", f"Stopped before the next call. {halted}")

    async def _is_over(self, end: End) -> bool:
        """Whether the turn ends so, and no hook has it go on; one without work of the model has no such hooks."""
        if self._turn.prompt.checks:
            return True
        return end.reason != "end_turn" or not await self._moments.goes_on(self._turn)

    def _load_invoker(self) -> asyncio.Future[type[Invoker]]:
        """Have what runs calls, and what judges them, loaded in a thread: a first request needs none of it."""
        if self._invoking is None:
            self._invoking = asyncio.get_running_loop().run_in_executor(None, invoker_class)
        return self._invoking

    async def _ready_to_invoke(self) -> Invoker:
        if self._invoker is None:
            kind = await asyncio.shield(self._load_invoker())
            self._invoker = kind(
                self._emitter, self._parts, self._questions, self._trusts, self._moments, self._delegate
            )
        return self._invoker

    async def _verify(self) -> None:
        kind = await asyncio.to_thread(verifier_class)
        await kind(self._emitter, self._parts).advance(self._turn)

    async def _delegate(self, call: CallState, task: Task) -> Result:
        """Have a sub-agent do a task for a call."""
        if self._delegating is None:
            of_means, kind = await asyncio.to_thread(delegating_classes)
            above = self._parts.above
            in_force = self._account if above is None else above.means.in_force
            means = of_means(self.account, in_force, lambda: self._limits.seconds - self._worked())
            self._delegating = self._delegating or kind(self._emitter, self._parts, self._questions, means)
        return await self._delegating.run(call, task)

    def _account(self) -> Account:
        above = self._parts.above
        if above is None:
            return of_turn(self._emitter.state, self._turn)
        return above.account(self._turn, self._limits)

    @property
    def _limits(self) -> Limits:
        configuration = self._emitter.state.workflow.configuration
        return configuration.limits if configuration is not None else Limits()

    def _worked(self) -> float:
        waited = self._questions.waited - self._waited
        return self._parts.clock.monotonic() - self._since - waited

    async def _start(self, state: State) -> None:
        configuration = state.workflow.configuration
        assert configuration is not None
        await self._emitter.emit(
            Routed(
                turn_id=self._turn.id,
                agent_type=configuration.agent_type,
                model=configuration.model,
                pool=configuration.tools,
                why="the session's agent type and model",
            )
        )

    async def _step(self, state: State) -> None:
        if any(it.steers for it in state.workflow.queue):
            await self._queue.join(self._turn, self._moments)
            return  # A hook may have ended the turn: what comes next is read from the state.
        step = self._turn.steps + 1
        self._stage("thinking", step)

        async def build() -> ModelRequest:
            request = await self._parts.request(state)
            await self._note_prefix(state, request, step)
            return request

        await self._compactor.fade(self._turn.id, step)
        room = self._compactor.room(self._turn, self._admission)
        request = await self._admission.admit(build, step, room=room)
        since = self._parts.clock.monotonic()
        try:
            reply = await self._reply(request, step)
            await self._record(reply, step, self._parts.clock.monotonic() - since)
        except ModelError as error:
            await self._admission.settle()
            await self._note_failure(error)
            if error.kind != "context_overflow" or not await self._compactor.shed(self._turn):
                raise
        finally:
            self._compactor.retries.over()
            await self._admission.settle()

    async def _reply(self, request: ModelRequest, step: int) -> Reply:
        """Return the whole reply, its pieces shown as they come."""

        async def same() -> ModelRequest:
            return request

        reply: Reply | None = None
        writing = begun = False
        async with aclosing(self._parts.model.stream(request)) as pieces:
            async for piece in pieces:
                if isinstance(piece, Reply):
                    reply = piece
                elif isinstance(piece, Begun):
                    self._load_invoker()
                    self._parts.servers.wake()
                    begun = True
                    if self._compactor.retries.over():
                        self._stage("thinking", step)
                    self._admission.note_begun(piece.usage)
                elif isinstance(piece, Retrying):
                    self._compactor.retries.note(piece, self._turn.id, step)
                    begun = writing = False
                    if piece.begun:  # that try counts in full, and the next is another call
                        await self._admission.admit(same, step, request.max_tokens)
                elif isinstance(piece, TextPiece):
                    if not writing:
                        self._stage("writing", step)
                    writing = begun = True
                    self._emitter.show(TextDelta(turn_id=self._turn.id, step=step, text=piece.text))
                else:
                    begun = True
                    self._emitter.show(ThinkingDelta(turn_id=self._turn.id, step=step, text=piece.text))
        if reply is None:
            raise ModelError("truncated", "The reply broke off before its end.", begun=begun)
        if len({call.id for call in reply.message.calls}) < len(reply.message.calls):
            raise ModelError("malformed", "The reply gave two calls the same id.", begun=True)
        return reply

    async def _record(self, reply: Reply, step: int, seconds: float) -> None:
        await self._emitter.emit(
            ModelReplied(
                turn_id=self._turn.id,
                step=step,
                model=reply.model,
                message=reply.message,
                usage=reply.usage,
                stop_reason=reply.stop_reason,
                cost=reply.cost,
                seconds=round(seconds, 3),
                attempts=reply.attempts,
                request_id=reply.request_id,
            )
        )

    async def _note_prefix(self, state: State, request: ModelRequest, step: int) -> None:
        """Put on record that the request begins otherwise than the last did: the service has to read all of it anew."""
        changed = prefix_changed(
            state.workflow.prefix, request.digests, request.tool_digests, self._turn.id, step
        )
        if changed is not None:
            await self._emitter.emit(changed)

    async def _note_failure(self, error: ModelError) -> None:
        await self._emitter.emit(
            ModelFailed(
                turn_id=self._turn.id,
                step=self._turn.steps + 1,
                kind=error.kind,
                message=error.message,
                mend=error.mend,
                attempts=error.attempts,
                begun=error.begun,
            )
        )

    def _stage(self, stage: str, step: int) -> None:
        self._emitter.show(
            StageChanged.model_validate({"turn_id": self._turn.id, "stage": stage, "step": step})
        )
