"""Where a process that dies of a fatal error says so: Python's faulthandler, into a file that the next start reads."""

from __future__ import annotations

import contextlib
import faulthandler
import os
from collections.abc import Callable
from pathlib import Path

from postil.journal.layout import crash_log
from postil.workspace.files.disk import PRIVATE_FILE, PRIVATE_FOLDER


def watch(state: Path) -> Callable[[], None]:
    """Have fatal errors of this process written to its crash file; returns what ends that in good order.

    Blocks on the disk. A state directory that cannot be written to means no crash file and nothing worse.
    """
    path = crash_log(state, os.getpid())
    try:
        path.parent.mkdir(mode=PRIVATE_FOLDER, parents=True, exist_ok=True)
        _drop_old(path.parent)
        file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, PRIVATE_FILE)
    except OSError:
        return lambda: None
    faulthandler.enable(file)

    def end() -> None:
        faulthandler.disable()
        os.close(file)
        with contextlib.suppress(OSError):
            path.unlink()

    return end


_KEPT = 20
"""Crash files that are kept; older ones tell nothing that anybody still asks."""


def _drop_old(folder: Path) -> None:
    logs = sorted(folder.glob("*.log"), key=lambda it: it.stat().st_mtime, reverse=True)
    for log in logs[_KEPT:]:
        with contextlib.suppress(OSError):
            log.unlink()
