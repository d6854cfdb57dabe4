"""`postil data`: where Postil keeps its sessions, how much they take, and how to delete them."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Generator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from postil.cli.asking import typed
from postil.cli.figures import counted, size_in_words
from postil.cli.finding import plainly
from postil.core.errors import Locked, PostilError, UsageError
from postil.journal.layout import LOCK, Layout, state_directory
from postil.journal.lock import KernelLock, read_owner
from postil.journal.spending import FOLDER as SPENDING
from postil.permissions.trust import FOLDER as TRUST
from postil.permissions.trust import TrustStore
from postil.workspace.files.real_disk import RealDisk

KEPT = ("workspaces", "crashes", SPENDING, TRUST)
"""The folders in the state directory that are ours to delete; whatever else lies there is not."""


@dataclass(frozen=True, slots=True)
class Kept:
    """What is kept, of one workspace or of all."""

    name: str
    """What it is called in a sentence."""
    place: Path
    folders: tuple[Path, ...]
    """The folders that exist."""
    sessions: tuple[Path, ...]

    @property
    def size(self) -> int:
        """Bytes of all files."""
        return sum(
            it.lstat().st_size for folder in self.folders for it in folder.rglob("*") if not it.is_dir()
        )

    @property
    def in_words(self) -> str:
        """How much it is."""
        return f"{counted(len(self.sessions), 'session')}, {size_in_words(self.size)}"


def data(options: argparse.Namespace) -> int:
    """Show or delete what is kept."""
    if options.workspace == "":
        raise UsageError("No workspace was named.", "Leave out --workspace for all of them.")
    actions: dict[str, Callable[[Kept, argparse.Namespace], int]] = {
        "path": _path,
        "size": _size,
        "delete": _delete,
    }
    with plainly():
        return actions[options.action](_kept(options.workspace), options)


def _kept(workspace: str | None) -> Kept:
    layout = Layout(RealDisk(), state_directory())
    layout.clear_graves()
    if workspace is None:
        folders = tuple(it for name in KEPT if (it := layout.state / name).is_dir())
        sessions = tuple(folder for folder, _ in layout.sessions())
        return Kept("all workspaces", layout.state, folders, sessions)
    root = Path(workspace).resolve()
    folder = layout.workspace(root)
    if folder is None:
        raise PostilError(f"Postil keeps nothing of {root}.")
    return Kept(str(root), folder, (folder,), tuple(it for it, _ in layout.sessions(root)))


def _path(kept: Kept, _: argparse.Namespace) -> int:
    print(kept.place)
    return 0


def _size(kept: Kept, _: argparse.Namespace) -> int:
    print(f"{kept.in_words} in {kept.place}")
    return 0


def _delete(kept: Kept, options: argparse.Namespace) -> int:
    if not kept.folders:
        print(f"Postil keeps nothing in {kept.place}.")
        return 0
    words = kept.in_words
    if not options.yes and not _agreed(kept, words):
        print("Nothing was deleted.")
        return 1
    disk = RealDisk()
    with _closed_to_others(kept.sessions):
        for folder in kept.folders:
            disk.remove_tree(folder)
    if options.workspace is not None:
        TrustStore(state_directory()).forget(Path(options.workspace))
    print(f"Deleted of {kept.name}: {words}, with notes and answers that were to hold always.")
    return 0


def _agreed(kept: Kept, words: str) -> bool:
    """Ask the person at the terminal. Raises UsageError where there is none."""
    if sys.stdin is None or not sys.stdin.isatty():
        raise UsageError("Nobody is here to ask whether to delete.", "Say so with --yes.")
    print(f"This deletes of {kept.name}: {words}, with notes and answers that were to hold always.")
    print(f"They lie in {kept.place}. It cannot be undone.")
    return typed("Type yes to delete: ") == "yes"


@contextmanager
def _closed_to_others(sessions: tuple[Path, ...]) -> Generator[None]:
    """Hold the lock of every session. Raises Locked where a process has one open."""
    # Those that may be open come first: a refusal then leaves the records of all others as they were.
    by_likelihood = sorted(sessions, key=lambda it: not _may_be_open(it))
    with ExitStack() as held:
        for session in by_likelihood:
            try:
                held.callback(KernelLock(session / LOCK).release)
            except Locked as error:
                owner = read_owner(session / LOCK)
                who = f"process {owner.pid} on {owner.host}" if owner else "another process"
                raise Locked(
                    f"Session {session.name} is open in {who}. Nothing was deleted.",
                    "Close it there and try again.",
                ) from error
        yield


def _may_be_open(session: Path) -> bool:
    owner = read_owner(session / LOCK)
    return owner is not None and owner.running is not False
