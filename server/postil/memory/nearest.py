"""Instructions that lie nearer to the files at hand than those of the root: named when files beside them were read."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from pathlib import Path

from postil.core.remembered import INSTRUCTIONS

MOST = 10
_FOLDERS = 500


def nearer_instructions(seen: Iterable[str], roots: Sequence[Path]) -> list[Path]:
    """Return files of instructions in folders below a root that hold files which were seen, themselves unseen. Blocks."""
    files = set(seen)
    tops = [str(it) for it in roots]
    folders: set[str] = set()
    for folder in sorted({os.path.dirname(it) for it in files}):  # noqa: PTH120 - asked before every request, of all that was seen
        root = max((it for it in tops if _is_within(folder, it)), key=len, default=None)
        while root is not None and folder != root and folder not in folders and len(folders) < _FOLDERS:
            folders.add(folder)
            folder = os.path.dirname(folder)  # noqa: PTH120
    found = (_in(Path(it)) for it in sorted(folders))
    return [it for it in found if it is not None and str(it) not in files][:MOST]


def _is_within(folder: str, root: str) -> bool:
    return folder == root or folder.startswith(root.rstrip(os.sep) + os.sep)


def _in(folder: Path) -> Path | None:
    return next((it for name in INSTRUCTIONS if (it := folder / name).is_file()), None)
