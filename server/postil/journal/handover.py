"""Asks the process that writes a session to let go of it: a file beside the lock, which names the holding that it is meant for."""

from __future__ import annotations

import json
import os
import socket
from pathlib import Path

from postil.journal.lock import Owner, read_owner
from postil.workspace.files.disk import Disk

WANTED = "wanted"
_LIMIT = 4096


def ask(disk: Disk, folder: Path, lock: str) -> None:
    """Ask whoever holds the session to let go; nothing where nobody does. A later holder is not meant."""
    owner = read_owner(folder / lock)
    if owner is not None and owner.holding:
        disk.replace(folder / WANTED, json.dumps({"nonce": owner.nonce}).encode())


def is_wanted(folder: Path, lock: str) -> bool:
    """Whether this process holds the session and was asked to let go of it."""
    try:
        said = json.loads((folder / WANTED).read_bytes()[:_LIMIT])
    except (OSError, ValueError):
        return False
    owner = read_owner(folder / lock)
    if owner is None or owner.released or not _is_this_process(owner):
        return False
    return bool(said == {"nonce": owner.nonce})


def withdraw(folder: Path) -> None:
    """Ask no more."""
    (folder / WANTED).unlink(missing_ok=True)


def _is_this_process(owner: Owner) -> bool:
    return owner.pid == os.getpid() and owner.host == socket.gethostname()
