"""The process ends around every event of a turn that calls everything through `use_tool`, with hooks: nothing is repeated."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator

from postil.core.events import CallStarted, HookStarted, UnknownEvent
from postil.core.messages import ToolCall
from postil.journal.invariants import Structure
from tests.support.agent_reference import PLAYS, check, crash_at, first_life, live, next_life, reference_world
from tests.support.agent_world import World
from tests.support.fake_model import Play, says
from tests.support.hooking import MemoryHooks, hook

TOOLS = {it.id: it.name for play in PLAYS for it in play.pieces if isinstance(it, ToolCall)}


def through(play: Play) -> Play:
    return says(
        *(
            ToolCall(id=it.id, name="use_tool", input={"name": it.name, "input": it.input})
            if isinstance(it, ToolCall)
            else it
            for it in play.pieces
        )
    )


def hooked() -> tuple[World, MemoryHooks]:
    runner = MemoryHooks()
    world = reference_world()
    world.hooks = (hook("PreToolUse", "before", "shell|edit"), hook("PostToolUse", "after", "Bash"))
    world.plays, world.hook_runner = [through(it) for it in PLAYS], runner
    world.model = world.make_model()
    return world, runner


def died() -> Iterator[tuple[World, MemoryHooks]]:
    whole, _ = hooked()
    assert live(whole, lambda: first_life(whole)) is not None
    assert len(whole.journal.records) >= 40
    for seq in range(2, len(whole.journal.records) + 1):
        for when in ("before_append", "after_append"):
            world, runner = hooked()
            setattr(world.journal, when, crash_at(world, seq))
            assert live(world, lambda world=world: first_life(world)) is None
            yield world, runner


def test_the_process_dies_around_every_event() -> None:
    for world, runner in died():
        world.journal = world.journal.reopened()
        state = live(
            world, lambda world=world: next_life(world, world.open(world.journal, world.journal.state()))
        )
        assert state is not None
        check(world, world.journal.records, state)
        structure = Structure()
        for it in world.journal.records:
            assert not isinstance(it.event, UnknownEvent)
            assert list(structure.take(it.event)) == []
        assert {it.call_id: it.tool for it in world.events(CallStarted)}.items() <= TOOLS.items()
        about = {TOOLS[it.call_id] for it in world.events(HookStarted) if it.call_id is not None}
        assert about <= {"shell", "edit"}
        runs = Counter((run.line, json.dumps(given, sort_keys=True)) for run, given in runner.runs)
        assert set(runs.values()) <= {1}, "no hook is run twice about the same"
