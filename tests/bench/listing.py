"""What a list of a thousand sessions costs, of every kind that there is."""

from __future__ import annotations

import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from postil.core.events import Durable, Recorded, SessionClosed
from postil.core.fold import fold
from postil.journal.blobs import Blobs
from postil.journal.layout import BLOBS, JOURNAL, Layout
from postil.journal.listing import list_sessions as listed
from postil.journal.log import Log
from postil.journal.reader import Position
from postil.journal.snapshot import Snapshots
from postil.workspace.files.disk import Disk
from postil.workspace.files.real_disk import RealDisk
from tests.bench.figures import Figure, ms, p50
from tests.support.golden import SESSIONS

ROUNDS = 15
LONG = SESSIONS["edit_and_shell"]
KINDS: tuple[tuple[int, list[Durable], int | None], ...] = (
    (900, [*LONG, SessionClosed(reason="done")], len(LONG) + 1),
    (40, LONG[:15], 2),
    (40, LONG[:10], None),
    (20, [*LONG, *SESSIONS["queued"][2:7]], len(LONG)),
)
"""How many sessions, of which events, with a snapshot after which: closed; killed at work; killed in their first
turn; killed in a later one."""


class Hasty(RealDisk):
    """A disk that promises nothing, so that the sessions are soon there."""

    def sync_dir(self, path: Path) -> None:
        del path


async def list_sessions() -> list[Figure]:
    """List a workspace's thousand sessions, of which a hundred were not closed."""
    with tempfile.TemporaryDirectory(prefix="postil-bench-") as folder:
        layout = Layout(Hasty(), Path(folder) / "state")
        root = Path(folder) / "project"
        root.mkdir()
        home = layout.make_workspace(root) / "sessions"
        for kind, (count, events, snapshot) in enumerate(KINDS):
            for number in range(count):
                _keep(layout.disk, home / f"s{kind}{number:04}", events, snapshot)
        wall: list[float] = []
        processor: list[float] = []
        found = listed(layout, root)
        for _ in range(ROUNDS):
            start, spent = time.perf_counter(), time.process_time()
            found = listed(layout, root)
            wall.append(time.perf_counter() - start)
            processor.append(time.process_time() - spent)
        kinds = Counter(it.status for it in found)
    behind = ", ".join(f"{count} {status}" for status, count in kinds.most_common())
    return [
        Figure("list of 1,000 sessions, processor", ms(p50(processor)), "ms", 50, 30, behind),
        Figure("list of 1,000 sessions, wall", ms(p50(wall)), "ms"),
    ]


def _keep(disk: Disk, folder: Path, events: Sequence[Durable], snapshot: int | None) -> None:
    disk.make_dir(folder)
    log = Log(disk.create(folder / JOURNAL), Position(), Blobs(disk, folder / BLOBS), time.time)
    records = [it for it in log.append(events, sync=False) if isinstance(it, Recorded)]
    if snapshot is not None and (mark := log.mark(snapshot)) is not None:
        Snapshots(disk, folder, folder / JOURNAL).save(fold(records[:snapshot]), mark)
    log.close()
