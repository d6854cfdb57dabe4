"""The turn is cancelled at each of its awaits, and at each await of everything that works for it."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable

import pytest

from postil.agent.session import Session
from postil.core.events import CallFinished, TodoUpdated, TurnEnded
from postil.core.state import State
from postil.core.submissions import Cancel, Prompt
from tests.support.agent_reference import Effects, Person, check, live, reference_world, to_the_end
from tests.support.agent_world import World
from tests.support.counted_tasks import count_tasks

Report = Callable[[str, object], None]
Strike = Callable[[Session], None]


def at_once(session: Session) -> None:
    """Cancel the turn's task at this very point."""
    session._runner.cancel("struck")


def by_submission(session: Session) -> None:
    """Submit a cancel, as a face does."""
    asyncio.ensure_future(session.cancel(Cancel())).add_done_callback(lambda it: it.exception())


def run(whose: str, nth: int, strike: Strike) -> tuple[World, State, bool]:
    """Make the reference turn and cancel it at the n-th suspension; returns whether there was one."""
    world = reference_world()
    struck = False

    async def life() -> State:
        session = await world.start()
        seen = 0

        def watcher(name: str) -> None:
            nonlocal seen, struck
            if struck or not session.state.workflow.turns or (whose and name != whose):
                return
            seen += 1
            if seen == nth:
                struck = True
                strike(session)

        count_tasks(asyncio.get_running_loop(), watcher)
        Person(session)
        await session.prompt(Prompt("Mend it.", face="test"))
        state = await to_the_end(world, session)
        await session.idle()
        return state

    state = live(world, life)
    assert state is not None
    return world, state, struck


@pytest.mark.parametrize(
    ("whose", "strike"),
    [("Turn.run", at_once), ("Turn.run", by_submission), ("", at_once), ("", by_submission)],
    ids=["turn-at_once", "turn-submitted", "any-at_once", "any-submitted"],
)
def test_a_cancel_at_every_await(whose: str, strike: Strike, record_property: Report) -> None:
    ends: Counter[str] = Counter()
    outcomes: Counter[str] = Counter()
    effects: set[tuple[int, int]] = set()
    nth = 1
    while True:
        world, state, struck = run(whose, nth, strike)
        [end] = world.events(TurnEnded)
        check(world, world.journal.records, state, end.reason)
        planned = [it for it in world.events(CallFinished) if (it.tool, it.outcome) == ("todo", "completed")]
        assert len(world.events(TodoUpdated)) == len(planned), "an effect and its result are one"
        if not struck:
            assert end.reason == "end_turn"
            break
        ends[end.reason] += 1
        outcomes.update(f"{it.tool}: {it.outcome}" for it in world.events(CallFinished))
        done = Effects.of(world)
        effects.add((done.edits.total(), done.shells.total()))
        nth += 1
    points = nth - 1
    record_property("cancel points", points)
    print(f"\ncancel points ({whose or 'any task'}, {strike.__name__}): {points}, ends {dict(ends)}")
    print(f"  {dict(sorted(outcomes.items()))}")
    assert points >= 50
    assert ends["cancelled"] >= points - 8, "only a turn that is over anyway ends otherwise"
    assert not outcomes["shell: unknown"], "a process that lives knows what it did"
    assert effects == {(0, 0), (1, 0), (1, 1), (2, 1)}
