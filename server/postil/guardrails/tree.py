"""The files of a folder with what is in them, to see afterwards whether anything was changed."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping, Sequence
from pathlib import Path


def tree(folder: Path, *, but: Sequence[str] = ()) -> Mapping[str, str]:
    """Return every file below a folder with a hash of its content; what lies in a folder named in `but` is left out."""
    found: dict[str, str] = {}
    for place, folders, names in os.walk(folder):
        folders[:] = sorted(it for it in folders if it not in but)
        for name in names:
            path = Path(place, name)
            found[path.relative_to(folder).as_posix()] = _hash(path)
    return found


def _hash(path: Path) -> str:
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else "no file"
    except OSError as error:
        return str(error)


def changed(before: Mapping[str, str], after: Mapping[str, str]) -> Sequence[str]:
    """Return the names of the files that are not as they were, sorted."""
    return sorted(it for it in {*before, *after} if before.get(it) != after.get(it))
