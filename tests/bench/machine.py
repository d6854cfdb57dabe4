"""How quiet the machine is: a fixed piece of work, timed between the benchmarks."""

from __future__ import annotations

import hashlib
import os
import time
from dataclasses import dataclass, field
from pathlib import Path

from tests.bench.figures import TIMES, ms, p50, p90

QUIET = 1.25
"""The noise up to which figures in milliseconds mean something."""
_BLOCK = b"x" * 4096


@dataclass(slots=True)
class Noise:
    """The times that the same work took."""

    times: list[float] = field(default_factory=list[float])

    def sample(self, count: int = 10) -> None:
        """Do the work some times."""
        for _ in range(count):
            start = time.perf_counter()
            digest = b""
            for _ in range(800):
                digest = hashlib.sha256(_BLOCK + digest).digest()
            self.times.append(time.perf_counter() - start)

    def describe(self) -> str:
        """Say in one line how much the same work differed, and what else ran."""
        half, most = p50(self.times), p90(self.times)
        load = (
            f"; load {os.getloadavg()[0]:.1f} on {os.cpu_count()} processors"
            if hasattr(os, "getloadavg")
            else ""
        )
        noise = most / half
        busy = (
            " Milliseconds are too high on a machine this busy; ratios hold better." if noise > QUIET else ""
        )
        took = f"The same work took {ms(half):g} ms (p50) and {ms(most):g} ms (p90): noise {noise:.2f} {TIMES}{load}."
        return took + busy


def resident(pid: int) -> float:
    """Return the megabytes (10⁶ bytes) of memory that a process holds. Linux only."""
    status = Path(f"/proc/{pid}/status").read_text("ascii", "replace")
    (kilobytes,) = [line.split()[1] for line in status.splitlines() if line.startswith("VmRSS:")]
    return round(int(kilobytes) * 1024 / 1e6, 1)


def processor_seconds(pid: int) -> float:
    """Return the seconds of processor time that all threads of a process have used. Linux only."""
    fields = Path(f"/proc/{pid}/stat").read_text("ascii", "replace").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
