"""Open documents whose files something else has changed: what is compared before and after a command. Blocking."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

from postil.core.effects import text_hash
from postil.core.errors import ToolError
from postil.core.ports import DiskMark, DiskMarks, OpenDocument, Overtaken
from postil.workspace.decode import decode, same_text
from postil.workspace.opening import read_regular


def disk_marks(documents: Sequence[OpenDocument], is_behind: Callable[[OpenDocument], bool]) -> DiskMarks:
    """Return a mark for each open document."""
    return {document.path: _mark(document, is_behind(document)) for document in documents}


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
        (clean if text_hash(document.text) in before.clean else dirty).append(document.path)
    return Overtaken(tuple(clean), tuple(dirty))


def _mark(document: OpenDocument, behind: bool) -> DiskMark:
    disk, data = _disk(document.path)
    saved = behind or (data is not None and same_text(document.text, data))
    clean = [text_hash(document.text)] if saved else []
    if data is not None:
        with suppress(ToolError):
            clean.append(text_hash(decode(data).text))
    return DiskMark(disk, tuple(clean), unsaved=not saved)


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
