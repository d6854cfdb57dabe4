"""What opening a session costs that has much behind it, from its journal alone and with snapshots."""

from __future__ import annotations

import gc
import hashlib
import json
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from pathlib import Path

from postil.core.event_codec import decode_durable, encode
from postil.core.events import Durable, GrantAdded, Recorded
from postil.core.fold import apply
from postil.core.state import State
from postil.journal.blobs import Blobs
from postil.journal.layout import BLOBS, JOURNAL
from postil.journal.log import Log
from postil.journal.opening import load, load_checked
from postil.journal.reader import Position
from postil.journal.seal import Seal
from postil.journal.snapshot import WORKFLOW, Snapshots
from postil.workspace.files.disk import Disk
from postil.workspace.files.real_disk import RealDisk
from tests.bench.figures import TIMES, Figure, ms
from tests.support.golden import SESSIONS

SIZES = (10_000, 100_000)
ROUNDS = 5
GOALS = {10_000: (200.0, 50.0), 100_000: (1_500.0, 50.0)}
"""Milliseconds of processor without snapshots, and with them."""
SUMS = 500.0
"""Milliseconds of processor for the lines before the snapshots, where they were not gone through before."""
RATIO = 4.0
BEGIN, TURN = SESSIONS["edit_and_shell"][:2], SESSIONS["edit_and_shell"][2:]
_BATCH = 1_000


async def resume() -> list[Figure]:
    """Open sessions of ten and a hundred thousand events, beside parsing and hashing the same lines."""
    figures: list[Figure] = []
    for size in SIZES:
        with tempfile.TemporaryDirectory(prefix="postil-bench-") as folder:
            figures += _opened(RealDisk(), Path(folder) / "session", size)
    return figures


def _opened(disk: Disk, folder: Path, size: int) -> list[Figure]:
    _write(disk, folder, size)
    raw = (folder / JOURNAL).read_bytes()
    lines = raw.splitlines(keepends=True)
    plain = _quickest(lambda: _parse(lines))
    whole = _quickest(lambda: load(disk, folder, use_snapshots=False))
    short = _quickest(lambda: load_checked(disk, folder))
    workflow = (folder / WORKFLOW).read_bytes()
    bare = _quickest(lambda: (hashlib.sha256(raw).digest(), _parse([workflow])))
    found = load_checked(disk, folder)
    assert found.from_snapshot
    sums = _quickest(
        lambda: Seal(disk, folder / "none", folder / JOURNAL).unbroken(found.start, found.blobs.get)
    )
    messages = found.state.conversation.messages
    read = _seconds(messages.read)
    slow, quick = GOALS[size]
    what = f"resume of {size:,} events"
    behind = f"{ms(whole):g} ms; json.loads and sha256 of {len(lines):,} lines {ms(plain):g} ms"
    held = (
        f"{ms(short):g} ms; sha256 of the journal's {len(raw):,} bytes, and json.loads and sha256 of the workflow's "
        f"{len(workflow):,}: {ms(bare):g} ms"
    )
    return [
        Figure(what, round(whole / plain, 2), TIMES, RATIO, behind=behind),
        Figure(f"{what}, processor", ms(whole), "ms", goal=slow),
        Figure(f"{what} with snapshots", round(short / bare, 2), TIMES, RATIO, behind=held),
        Figure(f"{what} with snapshots, processor", ms(short), "ms", goal=quick),
        Figure(f"sums of {size:,} events without a seal, processor", ms(sums), "ms", goal=SUMS),
        Figure(f"messages of {size:,} events before the first request, processor", ms(read), "ms",
               behind=f"{len(messages):,} messages"),
    ]  # fmt: skip


def _parse(lines: Sequence[bytes]) -> None:
    for line in lines:
        json.loads(line)
        hashlib.sha256(line).digest()


def _quickest(work: Callable[[], object]) -> float:
    """Return the least processor time, which is the one least disturbed; the garbage collector rests, as in `load`."""
    gc.disable()
    try:
        return min(_seconds(work) for _ in range(ROUNDS))
    finally:
        gc.enable()


def _seconds(work: Callable[[], object]) -> float:
    start = time.process_time()
    kept = work()  # Letting go of it is not what is measured.
    spent = time.process_time() - start
    del kept
    return spent


def _write(disk: Disk, folder: Path, size: int) -> None:
    disk.make_dir(folder)
    log = Log(disk.create(folder / JOURNAL), Position(), Blobs(disk, folder / BLOBS), time.time)
    state = State.empty()
    events = islice(_events(), size)
    while group := list(islice(events, _BATCH)):
        for record in log.append(group, sync=False):
            assert isinstance(record, Recorded)
            apply(state, record)
    mark = log.mark(state.seq)
    assert mark is not None
    assert Snapshots(disk, folder, folder / JOURNAL).save(state, mark)
    log.close()


def _events() -> Iterator[Durable]:
    """Yield the same turn again and again, each time under another id; its grant is given once."""
    yield from BEGIN
    number = 0
    while True:
        number += 1
        for event in TURN:
            data = encode(event)
            if "turn_id" in data:
                data["turn_id"] = f"t{number:06}"
            again = decode_durable(data)
            if number == 1 or not isinstance(again, GrantAdded):
                assert isinstance(again, Durable)
                yield again
