"""The session that a command names: by its id, or as the latest of a workspace."""

from __future__ import annotations

import re
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from postil.cli.streams import Unwritten
from postil.core.errors import JournalError, ProtocolError, UsageError
from postil.journal.damage import note_damage
from postil.journal.layout import BLOBS, JOURNAL, Layout, state_directory
from postil.journal.listing import Summary, list_sessions, summarize
from postil.journal.log import reason_and_mend
from postil.journal.reader import Stop
from postil.workspace.files.real_disk import RealDisk

LATEST = "latest"
_KEY = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Found:
    """A session that is there."""

    folder: Path
    summary: Summary

    @property
    def id(self) -> str:
        """Its id."""
        return self.summary.session_id

    @property
    def journal(self) -> Path:
        """The file of its events."""
        return self.folder / JOURNAL

    def blob(self, key: str) -> bytes | None:
        """Return what lies under a key, whether or not it is what the key says."""
        if not _KEY.fullmatch(key):
            return None  # A journal that was tampered with must not lead anywhere else.
        try:
            return (self.folder / BLOBS / key).read_bytes()
        except FileNotFoundError:
            return None

    def note(self, stop: Stop | None) -> None:
        """Remember for lists that it is damaged, where that is why reading stopped."""
        if stop is not None and stop.damage:
            self.note_damage(stop.message)

    def note_damage(self, message: str) -> None:
        """Remember for lists why it cannot be written to."""
        note_damage(RealDisk(), self.folder, message)


def layout() -> Layout:
    """Return where sessions are kept."""
    return Layout(RealDisk(), state_directory())


def workspace(named: str | None) -> Path:
    """Return the workspace's folder, this one where none is named; it need not exist any more."""
    if named == "":
        raise UsageError("No workspace was named.", "Leave out --workspace for this folder.")
    return Path(named or ".").resolve()


def workspace_of(found: Found, named: str | None) -> Path:
    """Return the folder to go on in with a session, resolved. Raises UsageError where that is not its own any more."""
    root = Path(named or found.summary.root)
    if named is not None and not root.is_dir():
        raise UsageError(f"There is no folder {root}.")
    if named is None and (mend := moved(found.summary.root, found.id)):
        raise UsageError(f"This session belongs to {root}.", mend)
    return root.resolve()


def moved(home: str, session_id: str) -> str:
    """Return what to do where a session's own folder is gone, or another stands there; empty where it is as it was."""
    there = Path(home)
    if there.is_dir() and there.resolve() == there:
        return ""
    why = f"That is a link to {there.resolve()} now" if there.is_dir() else "There is no such folder any more"
    return (
        f"{why}: its files are known by that path, so the folder has to lie there to go on. "
        f"`postil sessions show {session_id}` shows what was said and done."
    )


def find(wanted: str, named: str | None) -> Found:
    """Return the session; `latest` is that of the workspace. Raises UsageError where there is none that can be read."""
    found = find_remains(wanted, named)
    _sought(lambda: layout().session(found.id))
    return found


def find_remains(wanted: str, named: str | None) -> Found:
    """Return the session as `find` does, or what is left of one. Raises UsageError where there is nothing."""
    places = layout()
    if wanted == LATEST:
        root = workspace(named)
        sessions = [it for it in list_sessions(places, root) if not it.parent]
        if not sessions:
            raise UsageError(f"There is no session of {root}.")
        wanted = sessions[0].session_id
    folder = _sought(lambda: places.remains(wanted))
    home = folder.parents[1].name
    root = next((it.root for it in places.workspaces() if it.id == home), "")
    empty = Summary(wanted, root, "", 0.0, 0.0, 0, 0, False, 0, "it has no event", "damaged")
    return Found(folder, summarize(places.disk, folder, root) or empty)


def _sought(look: Callable[[], Path]) -> Path:
    try:
        return look()
    except ProtocolError as error:
        raise UsageError(error.message, error.mend) from error


@contextmanager
def plainly() -> Generator[None]:
    """Turn errors of the system into a sentence."""
    try:
        yield
    except (BrokenPipeError, Unwritten):
        raise  # It is what is printed that nobody takes, which is no error of ours.
    except OSError as error:
        reason, mend = reason_and_mend(error)
        where = f" ({error.filename})" if error.filename else ""
        raise JournalError(f"Postil's data cannot be used: {reason}{where}.", mend) from error
