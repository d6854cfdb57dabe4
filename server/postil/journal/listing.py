"""Sums up sessions for a list, from the start and the end of their files; no index is kept or believed."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from postil.core.events import SHORT_ENDS
from postil.journal.damage import Damages
from postil.journal.ending import Ending, look, stands
from postil.journal.layout import JOURNAL, LOCK, Layout, has_remains
from postil.journal.lock import is_held
from postil.journal.shortened import cut_short
from postil.journal.snapshot import Header, read_header
from postil.workspace.files.disk import Disk

Status = Literal["clean", "stopped", "interrupted", "question", "running", "damaged", "newer"]
"""`clean`: closed, with nothing open. `stopped`: the last turn ended before its work did: an error, the network, a limit.
`interrupted`: a turn was left open, or its process ended without closing it. `question`: something waits for a person.
`running`: a process has it open. `damaged`: it cannot be written to, which is known of a journal's end, and of the rest
once it was found. `newer`: it was written by a later version."""


_FINISHED = frozenset({"clean", "stopped", "interrupted", "question"})


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
    status: Status = "clean"
    questions: int = 0
    """How many wait for a person."""
    parent: str = ""
    """Of a sub-agent's session, the one that it works for."""

    @property
    def finished(self) -> bool:
        """Whether no process writes it, and it can be read."""
        return self.status in _FINISHED and not self.problem


def list_sessions(layout: Layout, root: Path | None = None) -> list[Summary]:
    """Return the sessions of a workspace or of all, the last used first. Blocks; raises OSError.

    What interrupted deletions left is removed on the way.
    """
    layout.clear_graves()
    damages = Damages(layout.disk)
    found = [summarize(layout.disk, folder, place, damages) for folder, place in layout.sessions(root)]
    return sorted(filter(None, found), key=lambda each: (each.updated_at, each.session_id), reverse=True)


def summarize(disk: Disk, folder: Path, root: str, damages: Damages | None = None) -> Summary | None:
    """Return the session's summary, None where it has no event yet and never had one."""
    # The header first: whoever writes the session has written all that it knows of before it.
    header, path = read_header(disk, folder), folder / JOURNAL
    size = disk.size(path)
    if size is None:
        return _emptied(folder, root, header, "its journal is gone") if has_remains(disk, folder) else None
    if not size:
        return _emptied(folder, root, header, cut_short(0, header.seq)) if header is not None else None
    try:
        if header is not None and header.end == size and stands(disk, path, header):
            found = _from_header(folder, root, header)
        else:
            ending = look(disk, folder, size, header)
            ending.problem = ending.problem or cut_short(ending.seq, header.seq if header is not None else 0)
            found = _from_journal(folder, root, size, ending)
        problem = "" if found.problem else (damages or Damages(disk)).of(folder, size)
        return replace(found, problem=problem, status="damaged") if problem else found
    except OSError as error:
        problem = error.strerror or str(error)
        return Summary(folder.name, root, "", 0.0, 0.0, 0, None, False, size, problem, "damaged")


def _emptied(folder: Path, root: str, header: Header | None, problem: str) -> Summary:
    """Return the summary of a session of whose journal nothing is left; a snapshot may tell what it was about."""
    if header is None:
        return Summary(folder.name, root, "", 0.0, 0.0, 0, None, False, 0, problem, "damaged")
    return Summary(
        folder.name, root, header.title, header.created_at, header.updated_at, 0, None, False, 0, problem, "damaged",
    )  # fmt: skip


def _from_header(folder: Path, root: str, header: Header) -> Summary:
    turns, waiting = len(header.open_turns), len(header.questions)
    return Summary(
        folder.name, root, header.title, header.created_at, header.updated_at, header.seq, header.turns,
        header.closed, header.end, "", _status(folder, header.closed, turns, waiting, header.ended), waiting,
        header.parent,
    )  # fmt: skip


def _from_journal(folder: Path, root: str, size: int, ending: Ending) -> Summary:
    waiting = len(ending.questions)
    status = _status(folder, ending.closed, len(ending.turns), waiting, ending.ended)
    if ending.problem:
        status = "newer" if ending.newer else "damaged"
    return Summary(
        folder.name, root, ending.title, ending.created_at, ending.updated_at, ending.seq,
        None if ending.cut or not ending.seq else ending.prompts, ending.closed, size, ending.problem, status,
        waiting, ending.parent,
    )  # fmt: skip


def _status(folder: Path, closed: bool, turns: int, questions: int, ended: str) -> Status:
    if not closed and is_held(folder / LOCK):
        return "running"
    if questions:
        return "question"
    if turns or not closed:
        return "interrupted"
    return "stopped" if ended in SHORT_ENDS else "clean"
