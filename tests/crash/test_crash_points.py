"""The process ends just before and just after every durable event of a reference turn, once and then again."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache

from postil.core.events import CallFinished, Publication
from postil.core.fold import fold
from postil.core.state import State
from postil.core.submissions import Prompt
from tests.support.agent_reference import (
    Effects,
    Person,
    check,
    crash_at,
    first_life,
    live,
    next_life,
    reference_world,
    to_the_end,
)  # fmt: skip
from tests.support.agent_world import World

Report = Callable[[str, object], None]
WHEN = ("before_append", "after_append")


@cache
def deaths() -> list[World]:
    """Return the worlds in which the first process died, one for each point at which it can, all events kept."""
    world = reference_world()
    assert live(world, lambda: first_life(world)) is not None
    found: list[World] = []
    for seq in range(2, len(world.journal.records) + 1):
        for when in WHEN:
            world = reference_world()
            setattr(world.journal, when, crash_at(world, seq))
            assert live(world, lambda world=world: first_life(world)) is None
            found.append(world)
    return found


def open_again(world: World) -> None:
    """Open the session as the next process does, settle what it finds, and die."""

    async def opens() -> State:
        return (await world.open(world.journal, world.journal.state())).state

    assert live(world, opens) is not None


def finish(world: World) -> dict[str, str]:
    """Let the next process bring the turn to its end, check what is left, and return how each call ended."""
    state = live(world, lambda: next_life(world, world.open(world.journal, world.journal.state())))
    assert state is not None
    check(world, world.journal.records, state)
    return {it.call_id: it.outcome for it in world.events(CallFinished)}


def test_replay_equals_live_state_at_every_event() -> None:
    world = reference_world()
    compared: list[int] = []

    async def life() -> State:
        session = await world.start()

        def compare(publication: Publication) -> None:
            if publication.seq is not None:
                assert len(world.journal.records) == publication.seq
                assert fold(world.journal.records) == session.state
                compared.append(publication.seq)

        session.subscribe(compare)
        Person(session)
        await session.prompt(Prompt("Mend it.", face="test"))
        return await to_the_end(world, session)

    state = live(world, life)
    assert state is not None
    check(world, world.journal.records, state)
    assert len(compared) >= 25
    assert compared == list(range(3, len(world.journal.records) + 1))


def test_a_crash_at_every_event(record_property: Report) -> None:
    """What was written outlives the process, as it does when only the process dies."""
    outcomes: dict[str, set[str]] = {}
    for world in deaths():
        for call_id, outcome in finish(world.copy()).items():
            outcomes.setdefault(call_id, set()).add(outcome)
    assert outcomes["shell1"] == {"completed", "unknown"}
    assert outcomes["edit1"] == {"completed", "not_run"}
    assert outcomes["write1"] == {"completed", "failed", "not_run"}, (
        "what the crash kept unread is not replaced"
    )
    assert outcomes["ask1"] == {"completed", "not_run"}
    assert outcomes["read3"] == {"failed", "not_run"}
    record_property("crash points", len(deaths()))
    print(f"\ncrash points: {len(deaths())}")
    assert len(deaths()) >= 50


def test_a_power_cut_at_every_event(record_property: Report) -> None:
    """Of what was not synced, any number of events at the end is lost."""
    seen: set[object] = set()
    for world in deaths():
        for kept in range(max(1, world.journal.synced), len(world.journal.records)):
            effects = Effects.of(world)
            state = (kept, frozenset(effects.edits.items()), frozenset(effects.shells.items()))
            if state not in seen:
                seen.add(state)
                cut = world.copy()
                del cut.journal.records[kept:]
                finish(cut)
    record_property("power cuts", len(seen))
    print(f"\npower cuts, distinct states: {len(seen)}")
    assert len(seen) >= 20


def test_a_second_crash_while_recovering(record_property: Report) -> None:
    count = 0
    for world in deaths():
        for when, seq in recovery_points(world):
            second = world.copy()
            setattr(second.journal, when, crash_at(second, seq))
            life = second.open(second.journal, second.journal.state())
            assert live(second, lambda second=second, life=life: next_life(second, life)) is None
            finish(second.copy())
            count += 1
    record_property("second crashes", count)
    print(f"\nsecond crashes: {count}")
    assert count >= 200


def recovery_points(world: World) -> Iterator[tuple[str, int]]:
    """Yield the points of the next process until it has settled what it found."""
    opened = world.copy()
    before = len(opened.journal.records)
    open_again(opened)
    for seq in range(before + 1, len(opened.journal.records) + 1):
        yield from ((when, seq) for when in WHEN)


def test_what_one_opening_settled_the_next_leaves_alone() -> None:
    for world in deaths():
        once = world.copy()
        open_again(once)
        twice = once.copy()
        open_again(twice)
        added = [it.event.type for it in twice.journal.records[len(once.journal.records) :]]
        assert added == ["SessionResumed"]
        assert Effects.of(twice) == Effects.of(world)
