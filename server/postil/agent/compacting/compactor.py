"""Keeps a conversation as small as its work allows: old results fade, and its beginning is put into a summary."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import ceil

from postil.agent.budgets.accounts import fits, of_turn
from postil.agent.budgets.admission import LEAST_OUTPUT, Admission
from postil.agent.budgets.projecting import KEPT_FOR, priced
from postil.agent.compacting.summary import Summary, projected, tokens_of
from postil.agent.emitter import Emitter
from postil.agent.hooking.moments import Moments
from postil.agent.parts import Parts
from postil.agent.questions import Questions
from postil.agent.retries import Retries
from postil.context import fading
from postil.context.compact import SUMMARY, rooms, summary_request, where_to_cut
from postil.core.compaction import Cause, CompactionFailed, CompactionStarted
from postil.core.ephemeral import StageChanged
from postil.core.errors import ProtocolError
from postil.core.events import PromptReceived
from postil.core.ports import ModelRequest
from postil.core.spending import Balance, Projection
from postil.core.state import TurnState

log = logging.getLogger(__name__)

GROWS = 1.15
"""How much larger a request has to be than after the last try before there is another."""
ENOUGH = 0.8
"""How far below the limit results that fade have to bring it, for that to be enough."""
_WRONG = 0.1
"""By what part an estimate of both requests may be wrong; the one that is made is held to what it can be at most."""
_READABLE = 0.8
"""How much of the window a request has left of that could not be read before."""
CLOSE = 0.75
"""How close to the limit a conversation is compacted between turns."""
INTERRUPTED = "Compacting was interrupted; the conversation is as it was."
NOTHING = "There is nothing to compact yet: the conversation is short."


class Compactor:
    """The compactions of one session."""

    def __init__(self, emitter: Emitter, parts: Parts, questions: Questions, moments: Moments) -> None:
        self._emitter = emitter
        self._parts = parts
        self._questions = questions
        self._moments = moments
        self._failed_at = 0
        """Input tokens of the request at which the last try failed."""
        self.retries = Retries(emitter, parts.clock)
        """The wait for the next try of the model, of the session's turns as well."""
        self.asked = False
        """Whether a person wants it done; it is, before the next call of the model."""
        self.face = ""
        """Where they asked."""

    # --- Results that fade ---------------------------------------------------------------------------------

    async def fade(self, turn_id: str, step: int) -> None:
        """Let old results fade where it is time."""
        workflow, clock = self._emitter.state.workflow, self._parts.clock
        await self._read()
        at_hand = workflow.last_read and clock.now() - workflow.last_read_at < KEPT_FOR
        moment: fading.Moment = "kept" if at_hand else "forgotten"
        last = workflow.last_call
        # Nothing of the newest message fades, so no more can be saved than the last request was.
        if last is not None and last.event.projection.estimated < fading.LEAST[moment]:
            return
        found = await asyncio.to_thread(fading.due, self._emitter.state, turn_id, step, moment)
        if found is not None:
            await self._emitter.emit(found)

    async def shed(self, turn: TurnState) -> bool:
        """Let the largest results fade, new as they are, where the model cannot read the request; False where none is left."""
        await self._read()
        projection = self._projected(await self._parts.request(self._emitter.state))
        tokens = max(projection.input - int(_READABLE * projection.window), projection.input // 5)
        found = await asyncio.to_thread(fading.largest, self._emitter.state, turn.id, turn.steps + 1, tokens)
        if found is not None:
            await self._emitter.emit(found)
        return found is not None

    async def _read(self) -> None:
        conversation = self._emitter.state.conversation
        if conversation.messages.unread_from(conversation.start):
            await asyncio.to_thread(conversation.messages.read, conversation.start)

    # --- When ----------------------------------------------------------------------------------------------

    def room(self, turn: TurnState, admission: Admission) -> RoomOfTurn:
        """Return what makes room for the next call of a turn."""
        return RoomOfTurn(self, turn, admission)

    def due(self, tokens: int, window: int, part: float = 1.0) -> bool:
        """Whether a request of so many tokens is too large, as far as settings say.

        Not again at once after a try, unless the model could not read it.
        """
        at = self._parts.compacting.at
        last = self._emitter.state.conversation.compactions[-1:]
        before = max(self._failed_at, *(it.after for it in last), 0)
        again = tokens >= GROWS * before or tokens + LEAST_OUTPUT > window
        return at is not None and tokens >= part * at * window > 0 and again

    async def between_turns(self) -> None:
        """Compact where a person asked for it, or where settings want it done while nobody waits."""
        asked, self.asked = self.asked, False
        settings = self._parts.compacting
        if not asked and not settings.between_turns:
            return
        state = self._emitter.state
        request = await self._parts.request(state)
        tokens = self._tokens(request)
        window = self._parts.model.known_limits(request.model).context_window
        if asked or self.due(tokens, window, CLOSE):
            await self._compact(
                None, "person" if asked else "between turns", request, tokens, rooms(window)[0]
            )

    def check(self) -> None:
        """Raise ProtocolError where there is nothing to compact."""
        state = self._emitter.state
        configuration = state.workflow.configuration
        window = self._parts.model.known_limits(configuration.model if configuration else "").context_window
        if where_to_cut(state, window) is None:
            raise ProtocolError(NOTHING)

    async def recover(self) -> None:
        """End a compaction that a crash came into: it can be tried again."""
        started = self._emitter.state.workflow.compaction
        if started is not None:
            last = self._emitter.state.workflow.last_call
            step = last.event.step if last is not None else 0
            event = CompactionFailed(
                compaction_id=started.compaction_id, turn_id=started.turn_id, step=step,
                reason="interrupted", message=INTERRUPTED, begun=True,
            )  # fmt: skip
            await self._emitter.emit(event, sync=True)

    # --- How -----------------------------------------------------------------------------------------------

    async def make_room(
        self, turn: TurnState, admission: Admission, projection: Projection, short: Sequence[Balance]
    ) -> bool:
        """Make the next request of a turn smaller, by fading first; return whether it is."""
        asked, self.asked = self.asked, False
        state = self._emitter.state
        await self._read()
        found = await asyncio.to_thread(fading.due, state, turn.id, turn.steps + 1, "pressed")
        saved = found.tokens if found is not None else 0
        enough = not asked and not self.due(projection.input - saved, projection.window, ENOUGH)
        if found is not None and (short or enough):
            await self._emitter.emit(found)
        request = await self._parts.request(state)
        room = rooms(projection.window)[0]
        if short:
            wanted = asked or self._parts.compacting.at is not None
            room = await self._affordable(request, projection, short) if wanted else 0
        if (enough and not short) or not room:
            return found is not None
        cause: Cause = "person" if asked else "limit" if short else "window"
        faded = found is not None and bool(short)
        done = await self._compact((turn, admission), cause, request, self._tokens(request), room)
        self._emitter.show(StageChanged(turn_id=turn.id, stage="thinking", step=turn.steps + 1))
        return done or faded

    async def _affordable(
        self, request: ModelRequest, projection: Projection, short: Sequence[Balance]
    ) -> int:
        """Return how many tokens a summary's request may have, so that limits still have room for the next call; 0 for none."""
        state = self._emitter.state
        upto = where_to_cut(state, projection.window)
        if upto is None:
            return 0
        left = await self._left(request, upto)
        price = self._parts.model.price(request.model)
        for room in rooms(projection.window):
            asks = await asyncio.to_thread(summary_request, state, upto, request.model, room)
            most = ceil((self._tokens(asks) + left) * (1 + _WRONG)) + SUMMARY
            both = projection.model_copy(update={"most_input": most, "output": SUMMARY + LEAST_OUTPUT})
            worst = priced(both, price).worst
            if all(fits(it, worst, priced=price is not None) for it in short):
                return room
        return 0

    async def frees(self, projection: Projection, short: Sequence[Balance]) -> int:
        """Return how much smaller the next request would be, where limits have room for the summary and for it.

        Where settings compact unasked that was tried before, so it is not offered.
        """
        state = self._emitter.state
        upto = where_to_cut(state, projection.window)
        if self._parts.compacting.at is not None or upto is None:
            return 0
        request = await self._parts.request(state)
        if not await self._affordable(request, projection, short):
            return 0
        return max(0, projection.input - await self._left(request, upto))

    async def _left(self, request: ModelRequest, upto: int) -> int:
        """Return how many tokens a request has without the messages up to there."""
        messages = self._emitter.state.conversation.messages
        await asyncio.to_thread(messages.read)
        return self._tokens(replace(request, messages=messages[upto:]))

    async def _compact(
        self,
        turn: tuple[TurnState, Admission] | None,
        cause: Cause,
        request: ModelRequest,
        tokens: int,
        room: int,
    ) -> bool:
        """Compact, and return whether that worked. Raises JournalError; and CancelledError, once it is on record."""
        state = self._emitter.state
        window = self._parts.model.known_limits(request.model).context_window
        await asyncio.to_thread(state.conversation.messages.read)
        upto = where_to_cut(state, window)
        if upto is None:
            return False
        started = CompactionStarted(
            compaction_id=self._parts.ids.new("compaction"),
            turn_id=turn[0].id if turn is not None else None,
            cause=cause, upto=upto, tokens=tokens, face=self.face if cause == "person" else "",
        )  # fmt: skip
        step = turn[0].steps + 1 if turn is not None else 1
        about = f"{started.turn_id or 'between turns'}/{step}/{upto}/{tokens}"
        why = await self._moments.before_compaction(cause, started.turn_id, about)
        await self._emitter.emit(started)
        if why:
            await self._refuse(started, step, why)
            return False
        self._emitter.show(
            StageChanged(turn_id=started.turn_id or started.compaction_id, stage="compacting", step=step)
        )
        asks = await asyncio.to_thread(summary_request, state, upto, request.model, room)
        admission = turn[1] if turn is not None else self._admission(started.compaction_id)
        summary = Summary(started, step, asks, admission, self._emitter, self._parts, self.retries)
        done = await summary.carry_out(request)
        if not done:
            self._failed_at = started.tokens
        return done

    async def _refuse(self, started: CompactionStarted, step: int, why: str) -> None:
        """Leave the conversation as it is, because a hook wants that."""
        self._failed_at = started.tokens
        event = CompactionFailed(
            compaction_id=started.compaction_id, turn_id=started.turn_id, step=step, reason="cancelled",
            message=f"The conversation was not compacted: {why}",
        )  # fmt: skip
        await self._emitter.emit(event)

    def _admission(self, compaction_id: str) -> Admission:
        """Return what admits a call between turns: it is held to the limits as a turn of its own."""
        own = TurnState(id=compaction_id, prompt=PromptReceived(turn_id=compaction_id, text="", face=""))
        above, configuration = self._parts.above, self._emitter.state.workflow.configuration
        account = of_turn(self._emitter.state, own)
        if above is not None and configuration is not None:
            account = above.account(own, configuration.limits)
        return Admission(own, account, self._emitter, self._parts, self._questions)

    def _projected(self, request: ModelRequest) -> Projection:
        return projected(request, self._emitter, self._parts)

    def _tokens(self, request: ModelRequest) -> int:
        return tokens_of(request, self._emitter, self._parts)


@dataclass(frozen=True, slots=True)
class RoomOfTurn:
    """An `agent.admission.Room` for one call of a turn."""

    compactor: Compactor
    turn: TurnState
    admission: Admission

    def wanted(self, projection: Projection) -> bool:
        """Whether a person asked for it, or the request fills too much of the window."""
        return self.compactor.asked or self.compactor.due(projection.input, projection.window)

    async def frees(self, projection: Projection, short: Sequence[Balance]) -> int:
        """Return about how many tokens less the next request would have if a person had it compacted."""
        return await self.compactor.frees(projection, short)

    async def shed(self) -> bool:
        """Make the next request smaller at once, by results that are too large however new they are; False where none is left."""
        return await self.compactor.shed(self.turn)

    async def make(self, projection: Projection, short: Sequence[Balance]) -> bool:
        """Return whether the next request is smaller than it was."""
        return await self.compactor.make_room(self.turn, self.admission, projection, short)
