"""Every state that a power cut could have left of what was done to a simulated disk.

The model is ALICE's (Pillai et al., OSDI 2014): until a file or folder is synced, each of its writes, cuts and
name changes may reach the medium or not, independently of the others; a write may reach it in part. Nothing that
was synced is ever lost.
"""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from tests.support.sim_disk import Note, SimDisk, Step, Sync, Tree, Write


@dataclass(frozen=True, slots=True)
class Crash:
    """What a power cut after `at` steps could have left."""

    at: int
    tree: Tree
    notes: dict[str, int]
    """The highest value of each note before the cut."""
    story: str
    """Which steps were lost or torn, for a failing test to tell."""


def crashes(disk: SimDisk, seed: int = 0, all_up_to: int = 10, samples: int = 200) -> Iterator[Crash]:
    """Yield every distinct state that a power cut at any point could have left.

    Of at most `all_up_to` unsynced steps every subset is tried, of more a seeded sample; of each, the last
    write also torn in half, one byte short, and with zeros for its second half or for all of it.
    """
    chance = random.Random(seed)
    seen: set[bytes] = set()
    for at in range(len(disk.steps) + 1):
        done = disk.steps[:at]
        notes: dict[str, int] = {}
        for step in done:
            if isinstance(step, Note):
                notes[step.what] = max(step.value, notes.get(step.what, 0))
        key_notes = repr(sorted(notes.items())).encode()
        pending = _pending(done)
        for lost in _subsets(pending, chance, all_up_to, samples):
            for steps, story in _torn(done, pending, lost):
                tree = disk.start.copy()
                for step in steps:
                    tree.take(step)
                key = tree.digest() + key_notes
                if key not in seen:
                    seen.add(key)
                    yield Crash(at, tree, notes, f"cut after {at} steps, {story}")


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


def _torn(done: list[Step], pending: list[int], lost: frozenset[int]) -> Iterator[tuple[list[Step], str]]:
    kept = [step for index, step in enumerate(done) if index not in lost]
    story = f"lost {[done[index] for index in sorted(lost)]!r:.400}"
    yield kept, story
    last = next((i for i in reversed(pending) if i not in lost and isinstance(done[i], Write)), None)
    if last is None:
        return
    write = done[last]
    assert isinstance(write, Write)
    size = len(write.data)
    half = size // 2
    variants = {
        "half": write.data[:half],
        "all but a byte": write.data[:-1],
        "half, then zeros": write.data[:half] + bytes(size - half),
        "zeros, then half": bytes(half) + write.data[half:],
        "zeros": bytes(size),
    }
    for name, data in variants.items():
        torn = [
            replace(write, data=data) if index == last else step
            for index, step in enumerate(done)
            if index not in lost
        ]
        yield torn, f"{story}, of step {last} {name}"
