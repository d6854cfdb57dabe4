"""Whether the next call of the model may be made: it is projected, set aside under every limit, recorded, and only then made."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Sequence
from typing import Protocol

from postil.agent.budgets import halting
from postil.agent.budgets.accounts import Account, Draw, fits, limit_of, of_turn, room
from postil.agent.budgets.projecting import priced, prices, with_output
from postil.agent.emitter import Emitter
from postil.agent.parts import Ledger, Parts
from postil.agent.questions import Questions
from postil.core.ephemeral import StageChanged
from postil.core.errors import JournalError, ModelError
from postil.core.events import ModelBrokeOff, ModelCalled, QuestionAsked
from postil.core.messages import Usage
from postil.core.ports import ModelRequest
from postil.core.question import Question
from postil.core.spending import Allowance, Balance, Projection, Spent, spent_by
from postil.core.state import State, TurnState
from postil.journal.spending import key_of

_LOG = logging.getLogger(__name__)

LEAST_OUTPUT = 1_024
"""Tokens of output without which a call is not worth making; less was asked for only where that is set."""


class Halted(Exception):
    """The call is not made: a limit has no room for it, and nobody raised it here."""


async def reconcile(state: State, session_id: str, ledger: Ledger) -> None:
    """Settle with the day's ledger what a process that was killed had set aside: the journal knows what became of it."""
    last = state.workflow.last_call
    following = last.event.number + 1 if last is not None else 1
    try:
        if last is not None:
            await ledger.settle(last.event.day, key_of(session_id, last.event.number), last.spent)
        # What it had set aside and not recorded was never sent.
        await ledger.settle(ledger.today(), key_of(session_id, following), Spent())
    except JournalError as error:
        _LOG.warning("the day's spending was not settled, and counts in full: %s", error)


class Room(Protocol):
    """Makes a conversation smaller, where its next request is too large."""

    def wanted(self, projection: Projection) -> bool:
        """Whether the request is too large by itself, whatever the limits."""
        ...

    async def make(self, projection: Projection, short: Sequence[Balance]) -> bool:
        """Return whether the next request is smaller than it was; `short` are the limits that this one does not fit."""
        ...

    async def frees(self, projection: Projection, short: Sequence[Balance]) -> int:
        """Return about how many tokens less the next request would have if a person had it compacted; 0 where that helps nothing."""
        ...

    async def shed(self) -> bool:
        """Make a request smaller that the model cannot read; return False where nothing can be taken from it."""
        ...


def _unreadable(projection: Projection) -> bool:
    """Whether it is known that the model cannot read the request and answer it."""
    return projection.exact and projection.input + LEAST_OUTPUT > projection.window > 0


def too_large(projection: Projection, frees: int) -> ModelError:
    """Return why a call cannot be made: one step alone is more than the model can read, or a person compacts and has not."""
    size = f"The next request has {projection.input:,} tokens, and the model can read {projection.window:,}."
    if frees:
        return ModelError(
            "context_overflow",
            f"{size} Settings leave compacting to you, and nothing is lost.",
            f"Compact the conversation, which makes it about {frees:,} tokens shorter, and send a prompt to go on.",
        )
    return ModelError(
        "context_overflow",
        f"{size} Nothing is left to shorten, and nothing is lost.",
        "Go back to before this prompt and ask with less, or choose a model with a larger window.",
    )


class Admission:
    """Admits the calls of one turn, or of one sub-agent of it: whoever has an account."""

    def __init__(
        self, turn: TurnState, account: Account, emitter: Emitter, parts: Parts, questions: Questions
    ) -> None:
        self._turn = turn
        self._account = account
        self._emitter = emitter
        self._parts = parts
        self._questions = questions
        self._told: Allowance | None = None
        """The day's limit that every session was told of."""
        self._draw: Draw | None = None
        """What is set aside for the newest call."""
        self._read: Usage | None = None
        """What the service said that it has read for it."""

    async def admit(
        self,
        build: Callable[[], Awaitable[ModelRequest]],
        step: int,
        least: int = LEAST_OUTPUT,
        room: Room | None = None,
    ) -> ModelRequest:
        """Return the request to send, recorded and set aside. Raises Halted where it does not fit a limit.

        What does not fit gets less output, then a smaller conversation; then a person is asked, and waited for where
        there is one. The question stays open in the journal, so it can be answered by any face, also after a restart.
        """
        await self.settle()  # a try before this one that broke off
        request = await build()
        larger = room
        while True:
            await self._note_raised()
            projection, short = await self._project(request, least)
            if room is not None and (short or room.wanted(projection)):
                made, room = await room.make(projection, short), None
                if made:
                    request = await build()
                    continue
            if larger is not None and _unreadable(projection):
                if not await larger.shed():
                    raise too_large(projection, await larger.frees(projection, short))
                request = await build()
                continue
            if not short:
                if await self._set_aside(request, projection, step):
                    await self._withdraw()
                    return with_output(request, projection)
                continue  # another process was faster; what is left by now decides
            await self._ask(short, projection, step, await larger.frees(projection, short) if larger else 0)
            room = larger

    async def admit_at_once(self, request: ModelRequest, step: int) -> ModelRequest | None:
        """Return the request to send, recorded and set aside; None where it does not fit a limit. Nobody is asked."""
        await self.settle()
        await self._note_raised()
        projection, short = await self._project(request, LEAST_OUTPUT)
        if short or not await self._set_aside(request, projection, step):
            return None
        return with_output(request, projection)

    def note_begun(self, usage: Usage) -> None:
        """Keep what the service has read for the newest call, should nobody see the end of its reply."""
        self._read = usage

    async def settle(self) -> None:
        """Count for the newest call what the record says that it was; one that nobody saw anything of counts in full."""
        last, read = self._emitter.state.workflow.last_call, self._read
        self._read = None
        if self._draw is None or last is None:
            return
        if last.open and read is not None:
            await self._emitter.emit(self._broke_off(last.event, read))
            last = self._emitter.state.workflow.last_call or last
        if last.open:
            return
        self._draw.settle(last.spent)
        self._draw = None
        key = key_of(self._emitter.session_id, last.event.number)
        await self._parts.ledger.settle(last.event.day, key, last.spent)

    def _broke_off(self, called: ModelCalled, read: Usage) -> ModelBrokeOff:
        written, price = called.projection.output, self._parts.model.price(called.model)
        most = spent_by(
            read.model_copy(update={"output": written}),
            price.of(read, written) if price is not None else None,
        )
        return ModelBrokeOff(
            turn_id=called.turn_id, step=called.step, number=called.number, input=read.total_input, most=most
        )

    # --- Projection ----------------------------------------------------------------------------------------

    async def _project(self, request: ModelRequest, least: int) -> tuple[Projection, Sequence[Balance]]:
        """Return the projection, counted exactly where that decides, and the limits that have no room for it."""
        state, now = self._emitter.state, self._parts.clock.now()
        projection = self._parts.projector.project(request, state, now)
        priced = self._parts.model.price(request.model) is not None
        # What was last known will do where there is room for everything: setting aside looks once more.
        balances = self._last_balances()
        if _tight(balances, projection, priced=priced):
            balances = await self._balances()
        if _tight(balances, projection, priced=priced) or self._parts.projector.may_overflow(
            projection, request, state
        ):
            counted = await self._parts.model.count(request)
            if counted is not None:
                projection = self._parts.projector.project(request, state, now, counted)
        return self._fitted(projection, request, balances, least)

    def _fitted(
        self, projection: Projection, request: ModelRequest, balances: Sequence[Balance], least: int
    ) -> tuple[Projection, Sequence[Balance]]:
        price = self._parts.model.price(request.model)
        paid = prices(price) if price is not None else None
        rooms = [(room(it, projection, paid), it) for it in balances]
        least = min(least, projection.output)
        readable = (
            projection.window - projection.input
            if projection.exact and projection.window
            else projection.output
        )
        output = max(least, min([projection.output, readable, *(found for found, _ in rooms)]))
        short = [it for found, it in rooms if found < least]
        return priced(projection.model_copy(update={"output": output}), price), short

    async def _balances(self) -> list[Balance]:
        """Return where every limit stands, the narrowest first."""
        day = self._parts.ledger.today()
        most = limit_of(self._emitter.state, "day", day)
        return [*self._own_balances(), await self._parts.ledger.balance(day, most)]

    def _last_balances(self) -> list[Balance]:
        """Return the same as far as it is known without looking; nothing where the day is not known."""
        day = self._parts.ledger.today()
        last = self._parts.ledger.last_balance(day, limit_of(self._emitter.state, "day", day))
        return [*self._own_balances(), last] if last is not None else []

    def _own_balances(self) -> list[Balance]:
        return [it.balance for it in self._account.chain()]

    # --- Setting aside -------------------------------------------------------------------------------------

    async def _set_aside(self, request: ModelRequest, projection: Projection, step: int) -> bool:
        """Draw on every limit and put the call on record; False where somebody else drew first."""
        state, ledger = self._emitter.state, self._parts.ledger
        worst, known = projection.worst, projection.cost is not None
        own = self._own_balances()
        draw = self._account.draw(worst, priced=known)
        if draw is None:
            return False
        number = state.workflow.last_call.event.number + 1 if state.workflow.last_call is not None else 1
        day, key = ledger.today(), key_of(self._emitter.session_id, number)
        before = await ledger.reserve(day, key, worst, limit_of(state, "day", day), priced=known)
        if before is None:
            draw.settle(Spent())
            return False
        self._draw = draw
        called = ModelCalled(
            turn_id=self._turn.id, step=step, number=number, day=day, model=request.model,
            projection=projection, balances=(*own, before),
        )  # fmt: skip
        await self._emitter.emit(called, sync=True)
        return True

    async def _note_raised(self) -> None:
        """Take over limits that were raised since; the day's hold for every session."""
        state, day = self._emitter.state, self._parts.ledger.today()
        above = self._parts.above
        limits = of_turn(state, self._turn) if above is None else above.means.in_force()
        now = {it.scope: it.most for it in limits.chain()}
        for account in self._account.chain():
            account.most = now.get(account.scope, account.most)
        raised = state.workflow.raised.get(f"day {day}")
        if raised is not None and raised != self._told:
            await self._parts.ledger.raise_to(day, raised)
            self._told = raised

    # --- Halting -------------------------------------------------------------------------------------------

    async def _ask(self, short: Sequence[Balance], projection: Projection, step: int, frees: int) -> None:
        """Ask, and return when there may be room. Raises Halted where nobody is there, or the turn is to end.

        A sub-agent asks nobody: it ends, and the question is put where its parent stands at the same limit.
        """
        if self._parts.above is not None:
            raise Halted(halting.words(short, projection))
        state = self._emitter.state
        fixed = state.workflow.configuration.limits.fixed if state.workflow.configuration is not None else ()
        question_id = self._parts.ids.new("question")
        asked = halting.question(
            question_id, short, projection, fixed, self._parts.ledger.today(), self._questions.anchor(), frees
        )
        open_id = await self._still_asked(asked.about)
        if open_id is None:
            await self._emitter.emit(QuestionAsked(turn_id=self._turn.id, question=asked), sync=True)
            open_id = question_id
        self._emitter.show(StageChanged(turn_id=self._turn.id, stage="waiting", detail="a limit", step=step))
        if not self._parts.interactive:
            raise Halted
        await self._questions.wait(open_id)
        if self._turn.ended_by_limit:
            raise Halted

    async def _withdraw(self) -> None:
        """Take back what was asked of limits that have room by now."""
        for question_id in self._halts():
            await self._questions.take_back(question_id)

    def _halts(self) -> dict[str, Question]:
        questions = self._emitter.state.workflow.questions.items()
        return {
            key: it.question
            for key, it in questions
            if it.question.kind == "halt" and it.turn_id == self._turn.id
        }

    async def _still_asked(self, about: Sequence[str]) -> str | None:
        """Return the open question about the very same limits; one about others is taken back."""
        found: str | None = None
        for question_id, open_ in self._halts().items():
            if open_.about == tuple(about) and found is None:
                found = question_id
            else:
                await self._questions.take_back(question_id)
        return found


def _tight(balances: Sequence[Balance], projection: Projection, *, priced: bool) -> bool:
    """Whether a limit has no room for all that the call may use; what is not known is taken to have none."""
    return not balances or any(not fits(it, projection.worst, priced=priced) for it in balances)
