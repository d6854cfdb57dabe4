"""Open documents whose files something else has changed: what is compared before and after a command. Blocking."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path

from postil.core.effects import text_hash
from postil.core.errors import ToolError
from postil.core.ports import DiskMark, DiskMarks, OpenDocument, Overtaken
from postil.workspace.decode import same_text
from postil.workspace.opening import read_regular


def disk_marks(documents: Sequence[OpenDocument]) -> DiskMarks:
    """Return a mark for each open document."""
    return {document.path: _mark(document) for document in documents}


def overtaken(documents: Sequence[OpenDocument], marks: DiskMarks) -> Overtaken:
    """Compare with the marks. A document that shows what the disk has now is in neither list."""
    clean: list[Path] = []
    dirty: list[Path] = []
    for document in sorted(documents, key=lambda it: it.path):
        before = marks.get(document.path)
        if before is None:
            continue  # opened since, from the disk as it was then
        disk, data = _disk(document.path)
        if disk == before.disk or (data is not None and same_text(document.text, data)):
            continue
        (clean if before.shown == text_hash(document.text) else dirty).append(document.path)
    return Overtaken(tuple(clean), tuple(dirty))


def _mark(document: OpenDocument) -> DiskMark:
    disk, data = _disk(document.path)
    shows = data is not None and same_text(document.text, data)
    return DiskMark(disk, text_hash(document.text) if shows else None)


def _disk(path: Path) -> tuple[str, bytes | None]:
    """Return a fingerprint of the file, and its bytes where they can be read."""
    try:
        data, _ = read_regular(path)
    except ToolError:
        try:
            status = path.lstat()
        except OSError:
            return "", None
        return f"{status.st_mode} {status.st_ino} {status.st_size} {status.st_mtime_ns}", None
    return hashlib.sha256(data).hexdigest(), data
