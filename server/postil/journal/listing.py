"""Sums up sessions for a list, from the start and the end of their files; no index is kept or believed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from postil.journal import codec
from postil.journal.codec import BadLine, Line
from postil.journal.layout import JOURNAL
from postil.journal.snapshot import Header, read_header
from postil.workspace.disk import Disk

_PIECE = 65_536
"""Bytes read from each end of a journal whose snapshot is not of its end."""
_END = 64
"""Bytes at the end of a journal that hold its last line's sum."""


@dataclass(frozen=True, slots=True)
class Summary:
    """A session in a list."""

    session_id: str
    root: str
    """Of its workspace, as it was called when the session was made."""
    title: str
    created_at: float
    """Seconds since the epoch, as `updated_at`."""
    updated_at: float
    seq: int
    """Of its last event."""
    turns: int | None
    """None where only replaying would tell."""
    clean: bool
    """Whether its last process closed it."""
    size: int
    """Bytes of its journal."""
    problem: str = ""
    """Why it may not open, where that can be seen from outside."""


def summarize(disk: Disk, folder: Path, root: str) -> Summary | None:
    """Return the session's summary, None where it has no event yet."""
    path = folder / JOURNAL
    size = disk.size(path)
    if not size:
        return None
    header = read_header(disk, folder)
    if header is not None and header.end == size and header.sum in _end(disk, path, size):
        return Summary(
            folder.name, root, header.title, header.created_at, header.updated_at, header.seq,
            header.turns, header.closed, size,
        )  # fmt: skip
    return _from_journal(disk, folder, root, size, header)


def _from_journal(disk: Disk, folder: Path, root: str, size: int, header: Header | None) -> Summary:
    try:
        first = disk.read(folder / JOURNAL, 0, _PIECE)
        last = first if size <= _PIECE else disk.read(folder / JOURNAL, size - _PIECE)
    except OSError as error:
        return Summary(folder.name, root, "", 0.0, 0.0, 0, None, False, size, error.strerror or str(error))
    opening = _lines(first.splitlines())
    ending = next(iter(_lines(reversed(last.splitlines()), limit=1)), None)
    if not opening and ending is None:
        return Summary(folder.name, root, "", 0.0, 0.0, 0, None, False, size, "no line of it can be read")
    titles = (
        str(line.event.get("text", "")) for line in opening if line.event.get("type") == "PromptReceived"
    )
    title = next(titles, "").strip().split("\n", 1)[0][:80]
    created = opening[0].at if opening else 0.0
    return Summary(
        session_id=folder.name,
        root=root,
        title=title or (header.title if header else ""),
        created_at=created,
        updated_at=ending.at if ending else created,
        seq=ending.seq if ending else opening[-1].seq,
        turns=None,
        clean=ending is not None and ending.event.get("type") == "SessionClosed",
        size=size,
    )


def _end(disk: Disk, path: Path, size: int) -> str:
    try:
        return disk.read(path, max(0, size - _END), _END).decode("ascii", "replace")
    except OSError:
        return ""


def _lines(raw: Iterable[bytes], limit: int = 20) -> list[Line]:
    """Return the first lines that parse, at most `limit`; the pieces at a cut do not."""
    found: list[Line] = []
    for text in raw:
        try:
            found.append(codec.parse_line(text))
        except BadLine:
            continue
        if len(found) == limit:
            break
    return found
