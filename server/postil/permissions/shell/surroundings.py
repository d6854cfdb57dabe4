"""Where a command would run, as far as the guard has to know."""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from postil.permissions.shell.files import FileSystem, Place, place_of
from postil.permissions.shell.syntax import Refused

MOST_STEPS = 2_048
"""Commands and words that are gone through for one line, over all turns of all its loops and all that it wraps."""


class Work:
    """What one judgement may cost: counted in steps, not in time, so that the answer is the same on every machine."""

    def __init__(self, most: int = MOST_STEPS) -> None:
        self._left = most

    @property
    def done(self) -> bool:
        """Whether nothing is left."""
        return self._left < 0

    def spend(self, steps: int) -> None:
        """Count steps; raises Refused where they are too many."""
        self._left -= steps
        if self.done:
            raise Refused("size", f"it comes to more than {MOST_STEPS} commands and words, loops and all", 0)


@dataclass(frozen=True, slots=True)
class Closed:
    """A rule that stands before a path."""

    rule: str
    denies: bool


@dataclass(frozen=True)
class Memory:
    """What was worked out of paths in the course of one judgement: long lines name the same ones again and again."""

    places: dict[tuple[str, str], Place | None] = field(default_factory=dict[tuple[str, str], Place | None])
    resolved: dict[tuple[str, frozenset[str] | None], tuple[str, ...]] = field(
        default_factory=dict[tuple[str, frozenset[str] | None], tuple[str, ...]]
    )
    protected: dict[tuple[str, bool], bool] = field(default_factory=dict[tuple[str, bool], bool])
    patterns: dict[tuple[str, str, bool], bool] = field(default_factory=dict[tuple[str, str, bool], bool])
    """Of patterns for paths, with the folder, whether they may stand for something protected."""
    held: dict[tuple[str, str], str] = field(default_factory=dict[tuple[str, str], str])
    """Of folders, for what is done with them, the rule that keeps back something in them."""
    catastrophes: dict[str, bool] = field(default_factory=dict[str, bool])
    work: Work = field(default_factory=Work)


@dataclass(frozen=True)
class Surroundings:
    """One workspace on one machine. Paths are absolute, resolved and POSIX."""

    roots: tuple[str, ...]
    cwd: str
    home: str
    files: FileSystem
    installed: Callable[[str], bool] = lambda _: True
    """Whether a program of that name is found in a folder that only the system writes."""
    repository: Callable[[str], str] = lambda _: ""
    """Why git may not run unasked in a folder; empty where nothing speaks against it."""
    filters: Callable[[str], tuple[str, ...]] = lambda _: ()
    """The filters that the configuration of a folder's repository defines; those of the current folder are switched off."""
    own: tuple[str, ...] = ()
    """Folders of Postil's own outside the workspace: settings, journals, trust."""
    notes: str = ""
    """The folder of Postil's own in which private notes lie; empty where there are none."""
    started: Callable[[], frozenset[str]] = frozenset
    """The files of the workspace, there or not, that hooks and servers of tools name, which Postil starts by itself."""
    readable: tuple[str, ...] = ()
    """Folders outside the workspace that may be read without asking."""
    kept_back: Callable[[str], Closed | None] = lambda _: None
    """The rule that keeps a path from being read, or None."""
    kept_below: tuple[tuple[str, str], ...] = ()
    """Folders in which such paths may lie, each with its rule."""
    closed: Callable[[str], Closed | None] = lambda _: None
    """The rule that denies a path to be written, or None."""
    closed_below: tuple[tuple[str, str], ...] = ()
    """Folders in which such paths may lie, each with its rule."""
    tracked: Callable[[str], tuple[str, ...] | None] = lambda _: ()
    """The files that the repository of a folder tracks; None where that is not known."""
    hides_settings: Callable[[], bool] = lambda: False
    """Whether the settings of a repository at the top of a root are hidden from what runs unasked, but from git."""
    variables: Mapping[str, str] = field(default_factory=dict[str, str])
    memory: Memory | None = field(default=None, compare=False, repr=False)
    """Of one judgement, in which the world stands still; None remembers nothing."""

    def place(self, path: str, cwd: str) -> Place | None:
        """Return where a path leads; None where that has no end."""
        if self.memory is None:
            return place_of(path, cwd, self.files)
        key = (path, cwd)
        if key not in self.memory.places:
            self.memory.places[key] = place_of(path, cwd, self.files)
        return self.memory.places[key]

    def inside(self, path: str) -> bool:
        """Whether a path without links lies in the workspace."""
        return any(is_below(path, root) for root in self.roots)

    def is_note(self, path: str) -> bool:
        """Whether a path without links is that of a private note."""
        return bool(self.notes) and posixpath.dirname(path) == self.notes and path.endswith(".md")

    def relative(self, path: str) -> str | None:
        """Return the path below its root; None outside."""
        root = max((it for it in self.roots if is_below(path, it)), key=len, default=None)
        if root is None:
            return None
        if "/." in path or "//" in path:
            return posixpath.relpath(path, root)
        return path[len(root) :].strip("/") or "."


class NoFiles:
    """A file system of which nothing is known."""

    complete = folds_case = False

    def look(self, path: str) -> None:
        """Know of nothing at the path."""

    def names(self, folder: str, most: int) -> None:
        """Know of no names."""


NOWHERE = Surroundings((), "/", "/", NoFiles(), lambda _: False, lambda _: "nothing is known of it")
"""Where nothing is known: no program of a system, and no file."""


def is_below(path: str, folder: str) -> bool:
    """Whether `path` is the folder or lies in it."""
    return path == folder or path.startswith(folder.rstrip("/") + "/")
