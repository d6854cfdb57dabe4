"""A small process with a journal and an agent alone: it is forked, limited or killed, and forked again to recover.

    python -m tests.support.small_process once STATE ROOT LIFE       # do the work, or go on with it
    python -m tests.support.small_process kills FOLDER COUNT SEED    # kill it so often, and check each
    python -m tests.support.small_process limits FOLDER STEP         # let no file grow over N bytes, for each N

The first prints the numbers that it promised; in each LIFE its temporary files have names of their own, the same in
every run. The last two print figures as JSON. Forking saves the imports, which take longer than the work.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import os
import random
import resource
import shutil
import signal
import sys
import time
from collections import Counter
from pathlib import Path
from unittest.mock import patch

from postil.core.errors import PostilError
from postil.workspace.files.disk import Disk
from tests.support.disk_turn import WORKS, Work
from tests.support.small_life import check, go, lay_out

HALTED = 3
"""The exit status where the journal could not be written."""
MOMENT = 0.01
"""Seconds after a promise within which it is killed; the next one comes about then."""


class Forked:
    """A process that does the work, and what it promised."""

    def __init__(self, state: Path, root: Path, work: Work, largest_file: int | None = None) -> None:
        self.status = 0
        """Its exit status once it is gone, negative for a signal."""
        self.promises: list[int] = []
        """The numbers that it promised."""
        reader, writer = os.pipe()
        self.pid = os.fork()
        if self.pid == 0:
            os.close(reader)
            if largest_file is not None:
                resource.setrlimit(resource.RLIMIT_FSIZE, (largest_file, resource.RLIM_INFINITY))
            _child(state, root, work, writer)
        os.close(writer)
        self._said = os.fdopen(reader, "rb")

    def end(self) -> None:
        """Let it end."""
        while self._hear():
            pass
        self._said.close()
        self.status = os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])

    def kill_after(self, promises: int, moment: float) -> bool:
        """Kill it so many seconds after so many promises; returns whether it had not ended before."""
        while len(self.promises) < promises and self._hear():
            pass
        # The moment after it is what the kill is about: drawn, not awaited in the hope that something has happened.
        time.sleep(moment)
        os.kill(self.pid, signal.SIGKILL)
        self.end()
        return self.status == -signal.SIGKILL

    @property
    def promised(self) -> int:
        """The highest number that it promised."""
        return max(self.promises, default=0)

    def _hear(self) -> bool:
        line = self._said.readline()
        if line.endswith(b"\n"):
            self.promises.append(int(line))
        return bool(line)


def _child(state: Path, root: Path, work: Work, writer: int) -> None:
    status = 1
    try:
        asyncio.run(go(state, root, work, lambda seq: _say(writer, seq)))
        status = 0
    except PostilError as error:
        print(error, file=sys.stderr, flush=True)
        status = HALTED
    finally:
        os._exit(status)


def _say(writer: int, seq: int) -> None:
    os.write(writer, b"%d\n" % seq)


def kills(folder: Path, count: int, seed: int) -> dict[str, object]:
    """Kill the process at so many random moments, some of them in recovery; check what it comes to each time."""
    chance = random.Random(seed)
    outcomes: Counter[str] = Counter()
    done = second = late = number = 0
    whole = {name: _whole(folder / f"whole-{name}", work) for name, work in WORKS.items()}
    while done < count:
        number += 1
        name = chance.choice(sorted(WORKS))
        state, root = _place(folder / str(number), WORKS[name])
        promised, left = 0, whole[name]
        for life in range(1 + (chance.random() < 0.3)):
            forked = Forked(state, root, WORKS[name])
            killed = forked.kill_after(chance.randrange(max(1, left)), chance.uniform(0.0, MOMENT))
            promised = max(promised, forked.promised)
            left -= len(forked.promises)
            done += killed
            second += killed and life > 0
            late += not killed
        _to_the_end(state, root, WORKS[name], promised, outcomes)
        shutil.rmtree(folder / str(number))
    return {"kills": done, "in recovery": second, "late": late, "outcomes": outcomes}


def limits(folder: Path, step: int) -> dict[str, object]:
    """Let no file grow over one limit after another; what was promised is kept, and goes on without a limit."""
    outcomes: Counter[str] = Counter()
    ends: Counter[int] = Counter()
    work = WORKS["asked"]
    size = 0
    while ends[0] == 0:
        size += step
        state, root = _place(folder / str(size), work)
        forked = Forked(state, root, work, size)
        forked.end()
        ends[forked.status] += 1
        _to_the_end(state, root, work, forked.promised, outcomes)
        shutil.rmtree(folder / str(size))
    return {
        "limits": ends.total(),
        "halted": ends[HALTED],
        "largest": size,
        "ends": ends,
        "outcomes": outcomes,
    }


def _whole(folder: Path, work: Work) -> int:
    """Return how many promises the work takes."""
    forked = Forked(*_place(folder, work), work)
    forked.end()
    assert forked.status == 0
    return len(forked.promises)


def _place(folder: Path, work: Work) -> tuple[Path, Path]:
    root = folder / "work"
    root.mkdir(parents=True)
    lay_out(root, work)
    return folder / "state", root


def _to_the_end(state: Path, root: Path, work: Work, promised: int, outcomes: Counter[str]) -> None:
    forked = Forked(state, root, work)
    forked.end()
    assert forked.status == 0, f"it did not recover: {forked.status}"
    check(state, root, work, max(promised, forked.promised), outcomes)


def _once(state: Path, root: Path, life: str) -> None:
    numbers = itertools.count()

    def token(_: Disk) -> str:
        return f"{life}-{next(numbers)}"

    try:
        with patch.object(Disk, "_token", token):
            asyncio.run(go(state, root, WORKS["asked"], lambda seq: _say(1, seq)))
    except (PostilError, OSError) as error:
        sys.exit(str(error))


def main(what: str, *arguments: str) -> None:
    """Do what is asked on the command line."""
    if what == "once":
        state, root, life = arguments
        _once(Path(state), Path(root), life)
    else:
        folder = Path(arguments[0])
        found = (
            kills(folder, *map(int, arguments[1:])) if what == "kills" else limits(folder, int(arguments[1]))
        )
        print(json.dumps(found))


if __name__ == "__main__":
    main(*sys.argv[1:])
