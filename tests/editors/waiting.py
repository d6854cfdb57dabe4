"""Waits for states that nobody tells us of."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

T = TypeVar("T")

PATIENCE = 40.0
"""Seconds after which a state that was waited for is said not to come."""
LOOK_AGAIN = 0.02
"""Seconds between two looks."""


def wait_for(seen: Callable[[], T], told: Callable[[], str] = str, patience: float = PATIENCE) -> T:
    """Return what `seen` returns once that is true; looks again and again."""
    end = time.monotonic() + patience
    while not (found := seen()):
        if time.monotonic() > end:
            raise AssertionError(f"never seen; {told()}")
        time.sleep(LOOK_AGAIN)
    return found


def is_running(process_id: int) -> bool:
    """Whether a process is there; a zombie is not."""
    try:
        os.kill(process_id, 0)
    except ProcessLookupError:
        return False
    stat = Path(f"/proc/{process_id}/stat")
    try:
        return stat.read_text("utf-8").rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return not stat.parent.parent.exists()
