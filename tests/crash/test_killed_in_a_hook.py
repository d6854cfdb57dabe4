"""The process ends around every event of a turn with hooks at all of its moments: no hook runs twice about the same, nor does a call."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from functools import cache

from postil.core.events import HookEnded, HookStarted, PermissionDecided, UnknownEvent
from postil.core.hooks import HookOutput
from postil.journal.invariants import Structure
from tests.support.agent_reference import check, crash_at, first_life, live, next_life, reference_world
from tests.support.agent_world import World
from tests.support.hooking import MemoryHooks, hook, prints, says

HOOKS = (
    hook("SessionStart", "start"), hook("UserPromptSubmit", "prompt"), hook("PreToolUse", "before"), hook("PreToolUse", "also", "shell|edit"),
    hook("PostToolUse", "after"), hook("Stop", "stop"),
)  # fmt: skip
WHEN = ("before_append", "after_append")


def hooked() -> tuple[World, MemoryHooks]:
    runner = MemoryHooks(
        {"prompt": prints("It is Friday."), "after": says("PostToolUse", additionalContext="Seen.")}
    )
    world = reference_world()
    world.hooks, world.hook_runner = HOOKS, runner
    return world, runner


@cache
def length() -> int:
    world, _ = hooked()
    assert live(world, lambda: first_life(world)) is not None
    return len(world.journal.records)


def died() -> Iterator[tuple[World, MemoryHooks]]:
    for seq in range(2, length() + 1):
        for when in WHEN:
            world, runner = hooked()
            setattr(world.journal, when, crash_at(world, seq))
            assert live(world, lambda world=world: first_life(world)) is None
            yield world, runner


def finish(world: World, runner: MemoryHooks) -> None:
    """Let the next process bring the turn to its end, and hold what must be true."""
    world.journal = world.journal.reopened()
    state = live(world, lambda: next_life(world, world.open(world.journal, world.journal.state())))
    assert state is not None
    check(world, world.journal.records, state)
    structure = Structure()
    for it in world.journal.records:
        assert not isinstance(it.event, UnknownEvent)
        assert list(structure.take(it.event)) == []
    starts = world.events(HookStarted)
    assert Counter(it.hook_id for it in starts) == Counter(it.hook_id for it in world.events(HookEnded))
    assert len({it.key for it in starts}) == len(starts), "none begins twice about the same"
    runs = Counter((run.line, json.dumps(given, sort_keys=True)) for run, given in runner.runs)
    assert set(runs.values()) == {1}, "none is run twice about the same"


def test_the_process_dies_around_every_event() -> None:
    assert length() >= 60
    for world, runner in died():
        finish(world, runner)


def test_the_machine_loses_what_was_not_synced() -> None:
    seen = 0
    for world, runner in died():
        kept = max(1, world.journal.synced)
        if kept < len(world.journal.records):
            del world.journal.records[kept:]
            finish(world, runner)
            seen += 1
    assert seen >= 5


def test_a_hook_that_would_have_denied_and_was_interrupted_is_no_consent() -> None:
    """It dies in the hook itself: its call is a question then, whatever a rule allows."""
    world, runner = hooked()

    def dies(given: dict[str, object]) -> HookOutput:
        del given
        world.die()
        return prints(status=2, stderr="No.")

    runner.answers = {**runner.answers, "also": dies}
    started = next(at for at, name in enumerate(names_of(length()), 1) if name == "also")
    world.journal.before_append = crash_at(world, started + 1)
    assert live(world, lambda: first_life(world)) is None
    runner.answers = {key: it for key, it in runner.answers.items() if key != "also"}
    finish(world, runner)
    ended = [it for it in world.events(HookEnded) if it.outcome == "interrupted"]
    assert [(it.moment, it.why) for it in ended] == [
        ("PreToolUse", "it was interrupted, and nobody saw its end")
    ]
    decided = [it for it in world.events(PermissionDecided) if it.call_id == ended[0].call_id]
    assert [(it.by, it.decision) for it in decided] == [("person", "allow")]
    assert runner.commands.count("also") == 1 + sum(
        it.moment == "PreToolUse" and it.call_id != ended[0].call_id
        for it in world.events(HookStarted)
        if it.command == "also"
    )


def names_of(count: int) -> list[str]:
    """Return the hooks' commands by the numbers of the events that say they begin."""
    world, _ = hooked()
    assert live(world, lambda: first_life(world)) is not None
    records = world.journal.records[:count]
    return [it.event.command if isinstance(it.event, HookStarted) else "" for it in records]
