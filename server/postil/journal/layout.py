"""Where sessions live: `<state>/workspaces/<id>/sessions/<session id>/`, all of it private.

A workspace's folder is named by a hash of its real path, device and inode, and found again by the path that its
`workspace.json` names, or by being the same folder under another path (another case, a second mount). A folder
that takes the place of a removed one has its path and so its sessions; one that was moved has not.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from platformdirs import user_state_path

from postil.core.errors import ProtocolError
from postil.workspace.files.disk import PRIVATE_FILE, Disk

JOURNAL = "journal.jsonl"
LOCK = "lock"
BLOBS = "blobs"
CHECKPOINT = "checkpoint"
INDEX = "memory.db"
"""The index of what a workspace remembers, beside its sessions."""
_WORKSPACE_ID = re.compile(r"[0-9a-f]{16}")
_SESSION_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")


def state_directory() -> Path:
    """Return where Postil keeps its state: `POSTIL_STATE_DIR`, else the system's place for it."""
    if own := os.environ.get("POSTIL_STATE_DIR"):
        return Path(own).absolute()
    return user_state_path("postil", appauthor=False)


def crash_log(state: Path, pid: int) -> Path:
    """Return the file into which that process has its fatal errors written (faulthandler)."""
    return state / "crashes" / f"{pid}.log"


@dataclass(frozen=True, slots=True)
class Workspace:
    """What `workspace.json` says."""

    id: str
    root: str
    device: int = 0
    inode: int = 0


class Layout:
    """The folders of one state directory. All methods block and raise OSError."""

    def __init__(self, disk: Disk, state: Path) -> None:
        self.disk = disk
        self.state = state
        self._workspaces = state / "workspaces"

    def workspace(self, root: Path) -> Path | None:
        """Return the folder of the workspace at `root`, None where it has none yet."""
        known = _identify(root)
        for found in self.workspaces():
            if found.root == known.root or _same_folder(found, known):
                return self._workspaces / found.id
        return None

    def make_workspace(self, root: Path) -> Path:
        """Return the folder of the workspace at `root`, made where it was missing."""
        folder = self.workspace(root)
        if folder is None:
            known = _identify(root)
            folder = self._workspaces / known.id
            self.disk.make_dir(folder)
            data = json.dumps(asdict(known), indent=1).encode() + b"\n"
            self.disk.replace(folder / "workspace.json", data, PRIVATE_FILE)
        return folder

    def workspaces(self) -> Iterator[Workspace]:
        """Yield every workspace that there is a folder for; one whose record is unreadable has no root."""
        for name in self.disk.list(self._workspaces):
            if not _WORKSPACE_ID.fullmatch(name):
                continue  # Such as what a file manager leaves behind.
            try:
                data = json.loads(self.disk.read(self._workspaces / name / "workspace.json"))
                yield Workspace(name, data["root"], data["device"], data["inode"])
            except (OSError, ValueError, TypeError, KeyError):
                yield Workspace(name, "")

    def sessions(self, root: Path | None = None) -> Iterator[tuple[Path, str]]:
        """Yield each session's folder with its workspace's root, of one workspace or of all."""
        only = None if root is None else self.workspace(root)
        for workspace in self.workspaces():
            folder = self._workspaces / workspace.id
            if root is None or folder == only:
                sessions = folder / "sessions"
                for name in filter(_SESSION_ID.fullmatch, self.disk.list(sessions)):
                    yield sessions / name, workspace.root

    def clear_graves(self) -> None:
        """Remove what interrupted deletions left, of a session or of all. Never raises: there is a next time."""
        sessions = (self._workspaces / name / "sessions" for name in self._names(self._workspaces))
        for folder in (self.state, self._workspaces, *sessions):
            with suppress(OSError):
                self.disk.clear_graves(folder)

    def _names(self, folder: Path) -> list[str]:
        try:
            return self.disk.list(folder)
        except OSError:
            return []

    def new_session(self, root: Path, session_id: str) -> Path:
        """Return the folder of a new session, durably made. Raises ProtocolError where there is one."""
        _check(session_id)
        folder = self.make_workspace(root) / "sessions" / session_id
        if self.disk.size(folder / JOURNAL) is not None:
            raise ProtocolError(f"There is already a session {session_id}.")
        self.disk.make_dir(folder)
        return folder

    def session(self, session_id: str) -> Path:
        """Return a session's folder. Raises ProtocolError where there is none, or only what is left of one."""
        folder = self.remains(session_id)
        if self.disk.size(folder / JOURNAL) is None:
            raise ProtocolError(
                f"The journal of session {session_id} is gone.",
                f"`postil sessions delete {session_id}` removes what is left of it.",
            )
        return folder

    def remains(self, session_id: str) -> Path:
        """Return the folder of a session, or of what is left of one. Raises ProtocolError where there is none."""
        _check(session_id)
        for name in self.disk.list(self._workspaces):
            folder = self._workspaces / name / "sessions" / session_id
            if self.disk.size(folder / JOURNAL) is not None or has_remains(self.disk, folder):
                return folder
        raise ProtocolError(
            f"There is no session {session_id}.", "`postil sessions list` shows those there are."
        )

    def session_size(self, folder: Path) -> int:
        """Return the bytes that a session's files hold."""
        return sum(
            self.disk.size(place / name) or 0
            for place in (folder, folder / BLOBS, folder / CHECKPOINT)
            for name in self.disk.names(place)
            if place != folder or name not in (BLOBS, CHECKPOINT)
        )


def has_remains(disk: Disk, folder: Path) -> bool:
    """Whether a folder without a journal holds more than a lock, which that of a session in the making has too."""
    try:
        return any(name != LOCK for name in disk.list(folder))
    except NotADirectoryError:
        return False


def _check(session_id: str) -> None:
    if not _SESSION_ID.fullmatch(session_id):
        raise ProtocolError(f"{session_id!r} is not the id of a session.")


def _identify(root: Path) -> Workspace:
    real = os.path.realpath(root)
    try:
        found = os.stat(real)  # noqa: PTH116 (a string that is already resolved)
        device, inode = found.st_dev, found.st_ino
    except OSError:
        device = inode = 0
    name = f"{real}\0{device}\0{inode}".encode("utf-8", "surrogateescape")
    return Workspace(hashlib.sha256(name).hexdigest()[:16], real, device, inode)


def _same_folder(found: Workspace, known: Workspace) -> bool:
    if not known.inode or (found.device, found.inode) != (known.device, known.inode):
        return False
    try:
        # An inode alone proves nothing: it is used again once its folder is gone.
        return Path(found.root).samefile(known.root)
    except OSError:
        return False
