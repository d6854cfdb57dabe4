"""Every state that a power cut could have left of what was done to a simulated disk.

The model is ALICE's (Pillai et al., OSDI 2014): until a file or folder is synced, each of its writes, cuts and
name changes may reach the medium or not, independently of the others; a write may reach it in part: up to any
byte, or some of its sectors with zeros in place of the others. Nothing that was synced is ever lost.
"""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from tests.support.sim_disk import Note, SimDisk, Step, Sync, Tree, Write

SECTOR = 512
"""Bytes that reach the medium together."""


@dataclass(frozen=True, slots=True)
class Crash:
    """What a power cut after `at` steps could have left."""

    at: int
    tree: Tree
    notes: dict[str, int]
    """The highest value of each note before the cut."""
    lost: tuple[Step, ...] = ()
    torn: str = ""

    @property
    def story(self) -> str:
        """Which steps were lost or torn, for a failing test to tell."""
        return f"cut after {self.at} steps, lost {list(self.lost)!r:.400}{self.torn}"


Tear = dict[int, bytes]
"""Steps that are writes, with what reached the medium of each."""


def crashes(
    disk: SimDisk,
    seed: int = 0,
    all_up_to: int = 10,
    samples: int = 200,
    tears: int = 0,
    seen: set[bytes] | None = None,
) -> Iterator[Crash]:
    """Yield every distinct state that a power cut at any point could have left.

    Of at most `all_up_to` unsynced steps every subset is tried, of more a seeded sample; of each, the last
    write also torn in half, one byte short, and with zeros for its second half or for all of it. Beyond that, of
    each subset that leaves writes, so many seeded `tears` of some of them, each at any byte or in sectors. `seen` keeps the states apart from those of another seed.
    """
    chance = random.Random(seed)
    seen = set() if seen is None else seen
    for at in range(len(disk.steps) + 1):
        done = disk.steps[:at]
        notes = _notes(done)
        key_notes = repr(sorted(notes.items())).encode()
        pending = _pending(done)
        first = pending[0] if pending else at
        safe = disk.start.copy()
        for step in done[:first]:
            safe.take(step)
        for lost in _subsets(pending, chance, all_up_to, samples):
            for tear, words in _torn(done, pending, lost, chance, tears):
                tree = safe.copy()
                for index in range(first, at):
                    if index not in lost:
                        tree.take(_after(done[index], tear.get(index)))
                key = tree.digest() + key_notes
                if key not in seen:
                    seen.add(key)
                    yield Crash(at, tree, notes, tuple(done[index] for index in sorted(lost)), words)


def end_states(disk: SimDisk) -> tuple[Crash, Crash]:
    """Return what is left at the end of the steps: all of it, and only what was synced."""
    at = len(disk.steps)
    notes = _notes(disk.steps)
    pending = frozenset(_pending(disk.steps))
    synced = disk.start.copy()
    for index, step in enumerate(disk.steps):
        if index not in pending:
            synced.take(step)
    lost = tuple(disk.steps[index] for index in sorted(pending))
    return Crash(at, disk.tree.copy(), notes), Crash(at, synced, notes, lost)


def _notes(done: list[Step]) -> dict[str, int]:
    """Return the highest value of each note."""
    notes: dict[str, int] = {}
    for step in done:
        if isinstance(step, Note):
            notes[step.what] = max(step.value, notes.get(step.what, 0))
    return notes


def _after(step: Step, left: bytes | None) -> Step:
    """Return the step as it reached the medium."""
    return replace(step, data=left) if left is not None and isinstance(step, Write) else step


def _pending(done: list[Step]) -> list[int]:
    """Return which steps no later sync covers."""
    synced: set[int] = set()
    pending: list[int] = []
    for index in reversed(range(len(done))):
        step = done[index]
        if isinstance(step, Sync):
            synced.add(step.node)
        elif not isinstance(step, Note) and step.node not in synced:
            pending.append(index)
    return pending[::-1]


def _subsets(
    pending: list[int], chance: random.Random, all_up_to: int, samples: int
) -> Iterable[frozenset[int]]:
    if len(pending) <= all_up_to:
        for count in range(len(pending) + 1):
            yield from map(frozenset, itertools.combinations(pending, count))
        return
    yield frozenset()
    yield frozenset(pending)
    for _ in range(samples):
        yield frozenset(index for index in pending if chance.random() < 0.5)


def _torn(
    done: list[Step], pending: list[int], lost: frozenset[int], chance: random.Random, tears: int
) -> Iterator[tuple[Tear, str]]:
    yield {}, ""
    kept = {it: step.data for it in pending if it not in lost and isinstance(step := done[it], Write)}
    if not kept:
        return
    last = max(kept)
    data = kept[last]
    half = len(data) // 2
    variants = {
        "half": data[:half],
        "all but a byte": data[:-1],
        "half, then zeros": data[:half] + bytes(len(data) - half),
        "zeros, then half": bytes(half) + data[half:],
        "zeros": bytes(len(data)),
    }
    for name, left in variants.items():
        yield {last: left}, f", of step {last} {name}"
    for _ in range(tears):
        chosen = [index for index in kept if chance.random() < 0.5] or [last]
        yield {index: _part(kept[index], chance) for index in chosen}, f", torn at random: {chosen}"


def _part(data: bytes, chance: random.Random) -> bytes:
    """Return what may reach the medium of a write: up to some byte, or some of its sectors."""
    sectors = [data[start : start + SECTOR] for start in range(0, len(data), SECTOR)]
    if len(sectors) < 2 or chance.random() < 0.5:
        return data[: chance.randrange(len(data) + 1)]
    return b"".join(it if chance.random() < 0.5 else bytes(len(it)) for it in sectors)
