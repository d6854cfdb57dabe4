"""The reference turn over the real journal: a power cut at any step of the disk, a file cut at any line or byte."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from postil.core.effects import Command, FileEdit
from postil.core.errors import ProtocolError
from postil.core.events import CallStarted, Durable, Recorded, TurnEnded
from postil.core.fold import fold
from postil.core.ports import Journal
from postil.core.state import State
from postil.journal.layout import JOURNAL
from postil.journal.store import SessionStore
from postil.journal.writer import FileJournal
from tests.support.agent_reference import check, first_life, live, next_life, reference_world
from tests.support.agent_world import SESSION, World
from tests.support.journals import Ticking
from tests.support.memory_journal import MemoryLock
from tests.support.sim_crashes import crashes
from tests.support.sim_disk import SimDisk, Tree

Report = Callable[[str, object], None]
STATE = Path("/state")
CREATED, PROMISED, EFFECT = "created", "promised", "effect"


class Noting:
    """A journal that notes on the disk's record what it promised."""

    def __init__(self, inner: FileJournal, disk: SimDisk) -> None:
        self._inner = inner
        self._disk = disk

    async def append(self, event: Durable, *, sync: bool) -> Recorded:
        record = await self._inner.append(event, sync=sync)
        if sync:
            self._disk.note(PROMISED, record.seq)
        return record

    async def keep(self, texts: Sequence[str]) -> None:
        await self._inner.keep(texts)

    async def kept(self, key: str) -> str | None:
        return await self._inner.kept(key)

    def keep_output(self, turn_id: str, call_id: str, text: str) -> None:
        self._inner.keep_output(turn_id, call_id, text)

    async def kept_output(self, turn_id: str, call_id: str) -> str:
        return await self._inner.kept_output(turn_id, call_id)

    async def snapshot(self, state: State, *, force: bool = False) -> bool:
        return await self._inner.snapshot(state, force=force)

    async def close(self) -> None:
        await self._inner.close()


class Reference:
    """The turn as it went, every step of the disk, and every effect in order."""

    def __init__(self, root: Path) -> None:
        self.disk = SimDisk()
        self.effects: list[FileEdit | Command] = []
        self.world = reference_world()
        self.world.workspace.on_effect = self.world.shell.on_effect = self._effect
        state = live(self.world, lambda: self._life(root), inline=False)
        assert state is not None
        self.records = asyncio.run(record(self.disk))
        check(self.world, self.records, state)
        self.states = [fold(self.records[:seq]) for seq in range(len(self.records) + 1)]

    def world_after(self, effects: int) -> World:
        """Return the world in which so many of the effects happened."""
        world = reference_world()
        world.lives = 1
        for effect in self.effects[:effects]:
            if isinstance(effect, Command):
                world.shell.commands.append(effect)
            else:
                assert effect.after is not None
                world.workspace.disk[effect.path] = effect.after
                world.workspace.applied.append((effect, "", ""))
        return world

    def _effect(self, effect: FileEdit | Command) -> None:
        self.effects.append(effect)
        self.disk.note(EFFECT, len(self.effects))

    async def _life(self, root: Path) -> State:
        inner = await store(self.disk).create(root, SESSION)
        self.disk.note(CREATED, 1)
        state = await first_life(self.world, Noting(inner, self.disk))
        await inner.close()
        return state


def store(disk: SimDisk) -> SessionStore:
    holders: dict[Path, MemoryLock] = {}
    return SessionStore(STATE, disk=disk, clock=Ticking(), lock=lambda path: MemoryLock(path, holders))


async def record(disk: SimDisk) -> list[Recorded]:
    return list((await store(disk).record(SESSION)).events)


@pytest.fixture
def reference(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Reference:
    # Syncs come from promises alone, so that every run has the same steps.
    monkeypatch.setattr("postil.journal.writer.FLUSH_SECONDS", 3_600.0)
    return Reference(tmp_path)


async def read(tree: Tree) -> State | None:
    """Return what the session's folder says, and nothing where there is no session yet."""
    try:
        state, journal, _ = await store(SimDisk(tree)).open(SESSION)
    except ProtocolError:
        return None
    await journal.close()
    return state


def finish(world: World, tree: Tree) -> list[Recorded]:
    """Open the session from what the disk has, bring its turn to its end, and check what is left."""
    disk = SimDisk(tree)

    async def life() -> State:
        state, journal, _ = await store(disk).open(SESSION)
        kept: Journal = journal
        ended = await next_life(world, world.open(kept, state))
        await journal.close()
        return ended

    state = live(world, life, inline=False)
    assert state is not None
    records = asyncio.run(record(disk))
    check(world, records, state)
    return records


def test_a_power_cut_at_every_step_of_the_disk(reference: Reference, record_property: Report) -> None:
    states = 0
    futures: dict[tuple[int, int], Tree] = {}

    async def open_all() -> None:
        nonlocal states
        for crash in crashes(reference.disk, all_up_to=5, samples=12):
            states += 1
            state = await read(crash.tree)
            if state is None:
                assert CREATED not in crash.notes, crash.story
                continue
            seq = written_by_the_turn(state, reference)
            assert seq >= crash.notes.get(PROMISED, 0), f"a promised event is lost: {crash.story}"
            futures.setdefault((seq, crash.notes.get(EFFECT, 0)), crash.tree)

    asyncio.run(open_all())
    for (_, effects), tree in futures.items():
        finish(reference.world_after(effects), tree)
    record_property("disk states of a turn", states)
    print(f"\ndisk states after a power cut: {states}, distinct futures: {len(futures)}")
    assert states >= 500
    assert len(futures) >= 40


def written_by_the_turn(state: State, reference: Reference) -> int:
    """Return how many of the turn's events are there; the state has to be what they fold to."""
    for seq in (state.seq, state.seq - 1):
        if seq < len(reference.states) and same(reference.states[seq], state):
            return seq
    raise AssertionError(f"the state of event {state.seq} is none of the turn's")


def same(expected: State, found: State) -> bool:
    """Whether the states agree; an event about a mended end moves only the number and the time."""
    expected = expected.model_copy(deep=True)
    expected.seq = found.seq
    expected.workflow.updated_at = found.workflow.updated_at
    return expected == found


def test_a_file_cut_at_every_line_and_at_bytes_in_between(
    reference: Reference, record_property: Report
) -> None:
    """Wherever the file ends, the session opens and goes on; effects whose intent is lost were lost with it."""
    path, data = journal_file(reference.disk)
    chance = random.Random(1)
    ends = [index + 1 for index, byte in enumerate(data) if byte == 10]
    starts = [0, *ends[:-1]]
    cuts = sorted(
        {*ends, *(chance.randrange(start + 1, end) for start, end in zip(starts, ends, strict=True))}
    )
    for cut in cuts:
        whole = data[:cut].count(b"\n")
        effects = effects_before(reference, whole)
        records = finish(reference.world_after(effects), tree_with(reference.disk, path, data[:cut]))
        assert records[:whole] == reference.records[:whole]
        assert sum(isinstance(it.event, TurnEnded) for it in records) == 1
    record_property("cut files", len(cuts))
    print(f"\nfiles cut: {len(cuts)}")
    assert len(cuts) >= 80


def effects_before(reference: Reference, events: int) -> int:
    """Return how many effects the first events hold an intent of."""
    intents = [it.event for it in reference.records[:events] if isinstance(it.event, CallStarted)]
    return sum(it.effect_class in ("file_edit", "shell") for it in intents)


def journal_file(disk: SimDisk) -> tuple[Path, bytes]:
    for name, content in disk.tree.paths():
        if name.endswith(f"/{JOURNAL}") and content is not None:
            return Path(name), content
    raise AssertionError("no journal")


def tree_with(disk: SimDisk, path: Path, content: bytes) -> Tree:
    """Return the disk's content with this in place of the journal, and no snapshots."""
    copy = SimDisk(disk.tree.copy())
    copy.open_append(path).truncate(0)
    copy.open_append(path).write(content)
    for name in ("conversation.json", "workflow.json"):
        if copy.size(path.with_name(name)) is not None:
            copy.remove(path.with_name(name))
    return copy.tree
