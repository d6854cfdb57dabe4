"""Instructions that lie nearer to the files at hand than those of the root: named when files beside them were read."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from postil.core.remembered import INSTRUCTIONS

MOST = 10
_FOLDERS = 500


def nearer_instructions(seen: Iterable[str], roots: Sequence[Path]) -> list[Path]:
    """Return files of instructions in folders below a root that hold files which were seen, themselves unseen. Blocks."""
    paths = {Path(it) for it in seen}
    folders: dict[Path, None] = {}
    for path in sorted(paths):
        root = max(
            (it for it in roots if path.is_relative_to(it)), key=lambda it: len(it.parts), default=None
        )
        folder = path.parent
        while root is not None and folder != root and folder not in folders and len(folders) < _FOLDERS:
            folders[folder] = None
            folder = folder.parent
    found = (_in(it) for it in sorted(folders))
    return [it for it in found if it is not None and it not in paths][:MOST]


def _in(folder: Path) -> Path | None:
    return next((it for name in INSTRUCTIONS if (it := folder / name).is_file()), None)
