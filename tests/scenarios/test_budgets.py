"""No limit is ever exceeded, whatever the prices, limits and replies; every halt can be resumed, and nothing is done twice."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Coroutine, Sequence
from typing import Any

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from postil.agent.budgets.accounts import NOTHING, Account, fits, room
from postil.agent.session import Session
from postil.context.estimate import BYTES_A_TOKEN
from postil.core.events import (
    CallFinished,
    CallStarted,
    Limits,
    ModelBrokeOff,
    ModelCalled,
    QuestionAnswered,
    QuestionAsked,
    TurnEnded,
)
from postil.core.messages import ToolMessage, Usage
from postil.core.ports import Begun, Price
from postil.core.spending import Allowance, Balance, Projection, Raise, Spent, nano, worst_cost
from postil.core.state import State
from postil.core.submissions import Answer, Cancel, Prompt, Resume
from tests.support.agent_reference import crash_at, live
from tests.support.agent_world import World
from tests.support.fake_model import Pause, Play, call, says
from tests.support.memory_journal import SimulatedCrash
from tests.support.memory_ledger import MemoryLedger
from tests.support.spender import Spender, Use

PHASES = (Phase.explicit, Phase.generate)
STEPS = 6
PLAYS: list[Play] = [
    *(says(call("write", f"w{number}", path=f"f{number}.txt", content="x" * 50 * number)) for number in range(1, STEPS)),
    says("Done."),
]  # fmt: skip
PRICE = Price(input=2.0, output=10.0, cache_read=0.2, cache_write=2.5)


def _price(into: float, out: float) -> Price:
    return Price(into, out, round(into / 10, 6), round(into * 1.25, 6))


def _allowance(tokens: int | None, cost: float | None) -> Allowance:
    return Allowance(tokens=tokens, cost=cost)


def _limits(turn: Allowance, session: Allowance, day: Allowance) -> Limits:
    return Limits(turn=turn, session=session, day=day)


def _amount(tokens: int, nano: int) -> Spent:
    return Spent(tokens=tokens, nano=nano)


prices = st.none() | st.builds(_price, st.floats(0.01, 20), st.floats(0.01, 100))
allowances = st.builds(_allowance, st.none() | st.integers(1, 60_000), st.none() | st.floats(0.0001, 0.5))
limits = st.builds(_limits, allowances, allowances, allowances)
uses = st.lists(
    st.builds(
        Use,
        st.floats(0.3, BYTES_A_TOKEN),
        st.floats(0, 1),
        st.floats(0, 1),
        st.booleans(),
        st.booleans(),
        st.booleans(),
    ),
    min_size=1,
    max_size=8,
)
amounts = st.builds(_amount, st.integers(0, 900), st.integers(0, 900))


def make(
    plays: Sequence[Play],
    most: Limits,
    spending: Sequence[Use],
    price: Price | None,
    *,
    counting: bool = True,
) -> World:
    world = World(list(plays), mode="accept-edits", limits=most, interactive=False)
    world.use_model(lambda: Spender(list(plays), spending, price, counting))
    return world


def watch(world: World, found: list[str], before: Spent = NOTHING) -> None:
    """Note where, at the moment of an attempt, more was really used than is on record; `before` by earlier processes."""

    def seen(total: Spent) -> None:
        real, record = before + total, world.journal.state().workflow.spent
        if real.tokens > record.tokens or real.nano > record.nano:
            found.append(f"{real} was used, and {record} is on record")

    _spender(world).seen = seen


async def to_the_end(session: Session, work: Awaitable[object]) -> int:
    """Do the work, and answer every halt with a raise; return how many there were."""
    await work
    await session.idle()
    halts = 0
    while session.state.workflow.turns or session.resumable:
        open_ = [
            it.question for it in session.state.workflow.questions.values() if it.question.kind == "halt"
        ]
        if open_:
            halts += 1
            assert [it.id for it in open_[0].options] == ["raise", "end"]
            await session.answer(Answer(open_[0].id, "raise", face="test"))
        else:
            await session.resume(Resume("test"))
        await session.idle()
        assert halts < 500
    return halts


def check_limits(world: World) -> None:
    """At every moment, what is on record as used and as set aside lay within the limits in force then."""
    state = State.empty()
    from postil.core.fold import apply

    most = world.limits
    turns: dict[str, Allowance] = {}
    session, day = most.session, most.day
    asked: dict[str, QuestionAsked] = {}
    for record in world.journal.records:
        apply(state, record)
        event = record.event
        if isinstance(event, QuestionAsked):
            asked[event.question.id] = event
        if isinstance(event, QuestionAnswered) and event.option_id == "raise":
            question = asked[event.question_id]
            for it in map(Raise.model_validate_json, question.question.about):
                if it.scope == "turn":
                    key = question.turn_id or ""
                    turns[key] = turns.get(key, most.turn).raised(it.to)
                elif it.scope == "session":
                    session = session.raised(it.to)
                else:
                    day = day.raised(it.to)
        for turn in state.workflow.turns:
            within(turn.spent, turns.get(turn.id, most.turn), f"turn at {record.seq}")
        within(state.workflow.spent, session, f"session at {record.seq}")
        within(state.workflow.spent, day, f"day at {record.seq}")


def within(spent: Spent, most: Allowance, what: str) -> None:
    assert most.tokens is None or spent.tokens <= most.tokens, what
    assert most.cost is None or spent.nano <= nano(most.cost), what


def check_done(world: World, state: State) -> None:
    """All of the work was done, once, and what is on record is what the service counted.

    What a kill left undone the model was told of; this one does not ask for it again.
    """
    ended = {it.call_id: it.outcome for it in world.events(CallFinished)}
    assert set(ended) == {f"w{number}" for number in range(1, STEPS)}
    undone = {call_id for call_id, outcome in ended.items() if outcome == "not_run"}
    assert len(undone) < world.lives
    assert Counter(str(edit.path) for edit, _, _ in world.workspace.applied) == Counter(
        f"{world.workspace.root}/f{number}.txt" for number in range(1, STEPS) if f"w{number}" not in undone
    )
    assert isinstance(world.ledger, MemoryLedger)
    assert world.ledger.spent == state.workflow.spent


@settings(max_examples=40, phases=PHASES)
@given(limits, uses, prices, st.booleans())
def test_no_limit_is_exceeded_and_every_halt_goes_on(
    most: Limits, spending: list[Use], price: Price | None, counting: bool
) -> None:
    world = make(PLAYS, most, spending, price, counting=counting)
    uncovered: list[str] = []
    watch(world, uncovered)

    async def life() -> State:
        session = await world.start()
        await to_the_end(session, session.prompt(Prompt("Write them.")))
        return session.state

    state = asyncio.run(life())
    check_limits(world)
    check_done(world, state)
    assert not uncovered
    covered(sum(_spender(world).spent, NOTHING), state)


@settings(max_examples=50, phases=PHASES)
@given(limits, uses, st.integers(4, 60), st.sampled_from(["before_append", "after_append"]), st.booleans())
def test_a_killed_process_overspends_nothing_and_repeats_nothing(
    most: Limits, spending: list[Use], seq: int, when: str, counting: bool
) -> None:
    world = make(PLAYS, most, spending, PRICE, counting=counting)
    uncovered: list[str] = []
    watch(world, uncovered)
    setattr(world.journal, when, crash_at(world, seq))
    paid: list[Spent] = []

    async def first() -> State:
        session = await world.start()
        await until_death(world, to_the_end(session, session.prompt(Prompt("Write them."))))
        return session.state

    async def second() -> State:
        session = await world.open(world.journal, world.journal.state())
        watch(world, uncovered, sum(paid, NOTHING))
        if session.resumable:
            await to_the_end(session, session.resume(Resume("test")))
        elif not session.state.workflow.turn_count:  # killed before the prompt was on record
            await to_the_end(session, session.prompt(Prompt("Write them.")))
        return session.state

    state = live(world, first)
    paid += _spender(world).spent
    if state is None:
        world.journal = world.journal.reopened()
        state = live(world, second)
        paid += _spender(world).spent
    assert state is not None
    check_limits(world)
    if any(it.reason == "end_turn" for it in world.events(TurnEnded)):
        check_done(world, state)
    assert not uncovered
    covered(sum(paid, NOTHING), state)


@pytest.mark.parametrize("when", ["before_append", "after_append"])
def test_wherever_it_is_killed_an_edit_is_made_or_said_not_to_be(when: str) -> None:
    """At each event of a turn: what is missing is the one edit that was meant to begin then, and the model is told."""
    most = Limits(session=Allowance(tokens=60_000))
    lost: list[int] = []
    for seq in range(2, 60):
        world = make(PLAYS, most, [Use()], PRICE)
        setattr(world.journal, when, crash_at(world, seq))

        async def life(world: World = world) -> State:
            session = await (world.reopen() if world.journal.records else world.start())
            if session.resumable:
                await to_the_end(session, session.resume(Resume("test")))
            elif not session.state.workflow.turn_count:
                await until_death(world, to_the_end(session, session.prompt(Prompt("Write them."))))
            return session.state

        state = live(world, life)
        if state is not None:
            break  # the turn has no more events
        killed_at = world.journal.records[-1].event
        state = live(world, life)
        assert state is not None
        check_done(world, state)
        undone = [it.call_id for it in world.events(CallFinished) if it.outcome == "not_run"]
        # Before the event that comes next, the edit was made; nobody had lived to say so.
        unmade = when == "after_append" and isinstance(killed_at, CallStarted)
        begun = killed_at.call_id if unmade and isinstance(killed_at, CallStarted) else None
        assert undone == ([begun] if begun is not None else []), seq
        told = [
            it.results[begun].content
            for it in state.conversation.messages
            if isinstance(it, ToolMessage) and begun in it.results
        ]
        assert begun is None or told == ["Interrupted before the edit was made: the file has its old text."]
        lost += [seq] if undone else []
    assert len(lost) == (STEPS - 1 if when == "after_append" else 0), "each edit has one such moment"


def covered(real: Spent, state: State) -> None:
    """What nobody saw the end of counts in full: nothing that was used is missing in the record."""
    assert real.tokens <= state.workflow.spent.tokens
    assert real.nano <= state.workflow.spent.nano


async def until_death(world: World, work: Coroutine[Any, Any, object]) -> None:
    task, death = asyncio.create_task(work), asyncio.create_task(world.death.wait())
    await asyncio.wait({task, death}, return_when=asyncio.FIRST_COMPLETED)
    if world.death.is_set():
        task.cancel()
        raise SimulatedCrash
    death.cancel()
    await task


def _spender(world: World) -> Spender:
    assert isinstance(world.model, Spender)
    return world.model


@pytest.mark.parametrize("tells", [True, False])
async def test_a_stopped_call_counts_what_was_read_and_all_that_it_might_have_written(tells: bool) -> None:
    begun = Usage(input=40, cache_read=60, output=1)
    pieces = (Begun(begun),) if tells else ()
    world = World([says(*pieces, "Well", Pause("p"), "so.")], interactive=False)
    world.model.priced = PRICE
    session = await world.start()
    await session.prompt(Prompt("Hello."))
    await world.model.gate("p").reached.wait()
    await session.cancel(Cancel())
    await session.idle()
    [called] = world.events(ModelCalled)
    cost = 40 * PRICE.input + 60 * PRICE.cache_read + 1_000 * PRICE.output
    most = Spent(tokens=1_100, nano=nano(cost / 1_000_000)) if tells else called.projection.worst
    assert session.state.workflow.spent == most
    assert isinstance(world.ledger, MemoryLedger)
    assert world.ledger.spent == most
    assert [it.most for it in world.events(ModelBrokeOff)] == [most] * tells


@settings(max_examples=40, phases=PHASES)
@given(allowances, st.lists(uses, min_size=2, max_size=3), prices)
def test_sessions_share_the_day(most: Allowance, spending: list[list[Use]], price: Price | None) -> None:
    ledger = MemoryLedger()
    worlds = [make(PLAYS, Limits(day=most), it, price) for it in spending]

    async def lives() -> None:
        sessions: list[Session] = []
        for number, world in enumerate(worlds):
            world.ledger, world.session_id = ledger, f"s{number}"
            sessions.append(await world.start())
        await asyncio.gather(*(it.prompt(Prompt("Write them.")) for it in sessions))
        await asyncio.gather(*(it.idle() for it in sessions))

    asyncio.run(lives())
    within(ledger.spent, most, "the day")
    assert ledger.spent == sum((it.journal.state().workflow.spent for it in worlds), Spent())


@given(st.integers(0, 10**9), st.integers(0, 10**5), st.floats(0, 20_000), st.floats(0.001, 100_000))
def test_what_a_limit_leaves_fits_it_to_the_token(spent: int, read: int, into: float, out: float) -> None:
    """Or a halt would offer to raise what need not be raised, for ever."""
    balance = Balance(scope="turn", spent=Spent(nano=spent), most=Allowance(cost=1.0))
    projection = Projection(estimated=read, input=read, most_input=read, output=16_000)
    found = room(balance, projection, (into, out))

    def fitting(output: int) -> bool:
        return fits(balance, Spent(nano=nano(worst_cost(read, output, (into, out)))), priced=True)

    assert found < 0 or fitting(found)
    assert found == projection.output or not fitting(found + 1)


@given(
    st.lists(allowances, min_size=3, max_size=3),
    st.lists(st.tuples(st.integers(0, 2), amounts, st.floats(0, 1)), max_size=40),
)
def test_sub_agents_draw_from_what_their_parents_have(
    most: list[Allowance], draws: list[tuple[int, Spent, float]]
) -> None:
    session = Account("session", most[0])
    turn = session.child("turn", most[1])
    accounts = [turn, turn.child("explore", most[2]), turn.child("verify")]
    before = Spent()
    for which, worst, part in draws:
        draw = accounts[which].draw(worst, priced=True)
        if draw is None:
            assert session.spent == before
            continue
        for it in (session, *accounts):
            within(it.spent, it.most, it.scope)
        draw.settle(Spent(tokens=int(worst.tokens * part), nano=int(worst.nano * part)))
        before = session.spent
        assert turn.spent == session.spent
    assert accounts[1].spent.tokens + accounts[2].spent.tokens <= turn.spent.tokens
