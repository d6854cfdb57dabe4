"""A summary is paid for like any call: no limit is exceeded where conversations are compacted, and every halt goes on."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass

from hypothesis import given, settings
from hypothesis import strategies as st

from postil.agent.budgets.accounts import NOTHING
from postil.core.events import Compacted, CompactionFailed, CompactionStarted, Limits
from postil.core.ports import ModelLimits, ModelPiece, ModelRequest, Price, Reply
from postil.core.spending import Allowance
from postil.core.state import State
from postil.core.submissions import Prompt
from tests.scenarios.test_budgets import PHASES, PRICE, check_limits, covered, prices, to_the_end, watch
from tests.support.agent_world import World
from tests.support.fake_model import call, says
from tests.support.memory_ledger import MemoryLedger
from tests.support.spender import Spender, Use

WORDS = "What I think of it, at great length. " * 640
PLAYS = [
    *(says(WORDS, call("grep", f"g{number}", pattern=f"x{number}")) for number in range(16)),
    says("Done."),
]
SUMMARY = says("### Found\n\nAll of it.")


@dataclass
class SummingSpender(Spender):
    """Goes on with its plays however much of the conversation was summarised."""

    window: int = 200_000
    replied: int = 0

    def known_limits(self, model: str) -> ModelLimits:
        return ModelLimits(self.window, 8_000)

    async def stream(self, request: ModelRequest) -> AsyncGenerator[ModelPiece]:
        """Play the next reply, or a summary."""
        play = self.script[self.replied] if request.tools else SUMMARY
        self.plays = [play] * (len(request.messages) + 1)
        async for piece in super().stream(request):
            self.replied += isinstance(piece, Reply) and bool(request.tools)
            yield piece


def world_of(
    most: Limits, spending: Sequence[Use], price: Price | None, window: int, *, counting: bool
) -> World:
    world = World(PLAYS, interactive=False, limits=most)
    world.use_model(lambda: SummingSpender(PLAYS, spending, price, counting, window=window))
    return world


def _limits(turn: int | None, session: int | None, cost: float | None) -> Limits:
    return Limits(turn=Allowance(tokens=turn), session=Allowance(tokens=session), day=Allowance(cost=cost))


tokens = st.none() | st.integers(50_000, 1_500_000)
limits = st.builds(_limits, tokens, tokens, st.none() | st.floats(0.2, 4.0))
parts = st.floats(0, 1)
uses = st.lists(
    st.builds(Use, st.floats(0.8, 1.3), parts, parts, st.booleans(), st.booleans(), st.booleans()),
    min_size=1,
    max_size=8,
)


@settings(max_examples=20, phases=PHASES, deadline=None)
@given(limits, uses, prices, st.booleans())
def test_no_limit_is_exceeded_where_summaries_are_paid_for_too(
    most: Limits, spending: list[Use], price: Price | None, counting: bool
) -> None:
    world = world_of(most, spending, price, 200_000, counting=counting)
    uncovered: list[str] = []
    watch(world, uncovered)

    async def life() -> State:
        session = await world.start()
        await to_the_end(session, session.prompt(Prompt("Look for them.")))
        return session.state

    state = asyncio.run(life())
    check_limits(world)
    assert not uncovered
    model = world.model
    assert isinstance(model, SummingSpender)
    covered(sum(model.spent, NOTHING), state)
    assert isinstance(world.ledger, MemoryLedger)
    assert world.ledger.spent == state.workflow.spent
    started = {it.compaction_id for it in world.events(CompactionStarted)}
    ended = [it.compaction_id for it in (*world.events(Compacted), *world.events(CompactionFailed))]
    assert sorted(ended) == sorted(started), "each ends once"


def test_summaries_are_among_what_is_paid_for() -> None:
    for window, most, cause in ((80_000, 2_000_000, "window"), (200_000, 500_000, "limit")):
        world = world_of(
            Limits(session=Allowance(tokens=most)), [Use(1.0, 0.05)], PRICE, window, counting=True
        )

        async def life(world: World = world) -> None:
            session = await world.start()
            await to_the_end(session, session.prompt(Prompt("Look for them.")))

        asyncio.run(life())
        check_limits(world)
        assert world.events(Compacted)
        assert cause in {it.cause for it in world.events(CompactionStarted)}
