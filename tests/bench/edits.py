"""What edits cost that come one after the other, and how much of it is waiting for the disk. Linux only."""

from __future__ import annotations

import os
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from postil.core.ports import Editor
from postil.journal.layout import JOURNAL
from tests.bench.bare_client import replay
from tests.bench.deltas import serving
from tests.bench.figures import TIMES, Figure, ms, p50
from tests.bench.sessions import session
from tests.bench.steps import script_of
from tests.unit.workspace.buffers import Buffers

ROUNDS = 5
_LINE = "value_{0} = {0}\n"
_TEXT = "".join(_LINE.format(number) for number in range(400))


@dataclass(slots=True)
class Synced:
    """The syncs of one turn."""

    kinds: Counter[str] = field(default_factory=Counter[str])
    """How many, by what was synced."""
    grown: list[int] = field(default_factory=list[int])
    """By how many bytes each of the files had grown since its last sync; a folder by none."""
    seconds: float = 0.0
    """How long they took, one beside another counted twice."""
    _sizes: dict[str, int] = field(default_factory=dict[str, int])

    def see(self, sync: Callable[[int], None], file: int) -> None:
        """Do and note one sync."""
        path = Path(f"/proc/self/fd/{file}").readlink()
        name, folder = str(path), path.is_dir()
        size = 0 if folder else os.fstat(file).st_size
        start = time.perf_counter()
        sync(file)
        self.seconds += time.perf_counter() - start
        self.kinds["a folder" if folder else _kind(path)] += 1
        self.grown.append(size - self._sizes.get(name, 0))
        self._sizes[name] = size


async def edits() -> list[Figure]:
    """Twenty edits of one file, closed and open, and one edit of each of a hundred files: each in one message."""
    return [
        *await _measured("20 edits of one closed file", [0] * 20, opened=False),
        *await _measured("20 edits of one open document", [0] * 20, opened=True),
        *await _measured("1 edit of each of 100 closed files", range(100), opened=False),
    ]


async def _measured(what: str, files: Sequence[int], *, opened: bool) -> list[Figure]:
    calls = [_edit(file, number) for number, file in enumerate(files)]
    script = script_of([{"blocks": calls}, "Done."] * (ROUNDS + 1))
    seen: list[Synced] = []
    wall: list[float] = []
    raw: list[float] = []
    with tempfile.TemporaryDirectory(prefix="postil-bench-") as folder:
        root = _project(folder)
        async with serving(script) as ours, serving(script) as theirs:
            for _ in range(ROUNDS + 1):
                editor = _fresh(root, set(files), opened=opened)
                synced = Synced()
                async with session(ours, root, editor=editor) as bench:
                    with _watched(synced):
                        turn = await bench.turn()
                seen.append(synced)
                wall.append((turn.steps[0] - replay(theirs, turn.bodies)[1]) / len(calls))
                raw.append(_raw(Path(folder), sum(synced.grown) // len(calls)))
    # The first round loads what is loaded once; of the others the quietest.
    best = min(range(1, ROUNDS + 1), key=lambda place: wall[place])
    found = seen[best]
    kinds = ", ".join(f"{count / len(calls):.2g} of {kind}" for kind, count in found.kinds.most_common())
    behind = (
        f"{kinds}; the quietest of {ROUNDS} rounds: syncs {ms(found.seconds / len(calls)):g} of {ms(wall[best]):g} ms a call, "
        f"one raw write and fdatasync of the same {sum(found.grown) // len(calls):,} bytes {ms(p50(raw)):g} ms"
    )
    return [
        Figure(f"{what}: syncs of a call", round(found.kinds.total() / len(calls), 2), "", 5.5 - 2 * opened, behind=behind),
        Figure(f"{what}: a call beside a raw sync", round(wall[best] / p50(raw), 1), TIMES),
    ]  # fmt: skip


def _edit(file: int, number: int) -> dict[str, Any]:
    old = _LINE.format(number)
    changes = [{"old": f"\n{old}" if number else old, "new": f"\nchanged_{number} = True\n"}]
    return {"tool": "edit", "input": {"path": f"file_{file}.py", "edits": changes}}


def _project(folder: str) -> Path:
    root = Path(folder).resolve() / "project"
    root.mkdir()
    return root


def _fresh(root: Path, files: set[int], *, opened: bool) -> Editor:
    """Write the files anew; returns an editor in which they are open, or in which nothing is."""
    editor = Buffers()
    for file in files:
        path = root / f"file_{file}.py"
        path.write_text(_TEXT)
        if opened:
            editor.texts[path] = _TEXT
    return editor


@contextmanager
def _watched(synced: Synced) -> Generator[None]:
    """Note every sync of this process."""
    before = os.fdatasync, os.fsync

    def watch(sync: Callable[[int], None]) -> Callable[[int], None]:
        return lambda file: synced.see(sync, file)

    os.fdatasync, os.fsync = watch(before[0]), watch(before[1])
    try:
        yield
    finally:
        os.fdatasync, os.fsync = before


def _raw(folder: Path, size: int) -> float:
    """Return the median seconds of one write of so many bytes and one sync."""
    taken: list[float] = []
    data = b"x" * size
    file = os.open(folder / "raw", os.O_CREAT | os.O_WRONLY | os.O_APPEND)
    try:
        for _ in range(20):
            start = time.perf_counter()
            os.write(file, data)
            os.fdatasync(file)
            taken.append(time.perf_counter() - start)
    finally:
        os.close(file)
    return p50(taken)


def _kind(path: Path) -> str:
    if path.suffix == ".pack":
        return "the checkpoint"
    return "the journal" if path.name == JOURNAL else "the file"
