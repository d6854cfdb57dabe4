"""What the agent needs of the user's files: buffers over disk."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Protocol, TypeVar

from postil.core.changes import EditIntent, Landing
from postil.core.effects import FileChange, FileEdit, FileForm
from postil.core.errors import ToolError
from postil.core.ports.editor import Problem, SymbolPlace, SymbolQuery

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class FileView:
    """A file's text as the person sees it now: the editor's buffer where it is open, else the disk."""

    path: Path
    text: str
    hash: str
    where: Literal["buffer", "disk"]
    unsaved: bool = False
    """Whether the buffer differs from the disk."""
    form: FileForm | None = None
    """Of the file, where the text is the disk's."""


Views = Mapping[Path, FileView | ToolError]
"""Of each file its text, or what reading it raises."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One name in a folder."""

    name: str
    kind: Literal["file", "folder", "link", "other"]
    size: int = 0
    ignored: bool = False
    """Whether git ignores it, so that a search of this folder does not see it."""


@dataclass(frozen=True, slots=True)
class Match:
    """One line that a search found; the line counts from 1."""

    path: Path
    line: int
    text: str


@dataclass(frozen=True, slots=True)
class Found:
    """What a search found, and whether there was more."""

    matches: tuple[Match, ...] = ()
    paths: tuple[Path, ...] = ()
    complete: bool = True
    note: str = ""
    """What was left out and why, in one sentence."""


@dataclass(frozen=True, slots=True)
class SearchQuery:
    """A search for lines; `glob` narrows the files."""

    pattern: str
    path: Path
    glob: str | None = None
    ignore_case: bool = False
    literal: bool = False
    limit: int = 200


@dataclass(frozen=True, slots=True)
class DiskMark:
    """An open document's file at one moment."""

    disk: str
    """A fingerprint of the file; empty where there was none."""
    unsaved: bool
    """Whether the document had unsaved text."""


DiskMarks = Mapping[Path, DiskMark]
"""A mark for each document that was open."""


@dataclass(frozen=True, slots=True)
class Overtaken:
    """Open documents whose files have changed since, and that do not show it; each list sorted."""

    clean: tuple[Path, ...] = ()
    """Without unsaved text: the editor reloads them by itself, and until then they count as closed."""
    dirty: tuple[Path, ...] = ()
    """With unsaved text: saving it would undo what happened on the disk, reloading would lose it."""


class Workspace(Protocol):
    """The user's files, buffers over disk. Paths are absolute and resolved; methods raise ToolError."""

    @property
    def roots(self) -> tuple[Path, ...]:
        """The folders of the workspace; the first is where relative paths start."""
        ...

    def resolve(self, path: str) -> Path:
        """Return the absolute, resolved path; raises OutsideWorkspace or Ignored. The file need not exist."""
        ...

    def locate(self, path: str) -> Path:
        """Like `resolve`, for reading only: a path outside every root is returned, not refused."""
        ...

    def written(self, path: str) -> str:
        """Return the absolute path that the words name, with links and `..` still in it. Raises as `locate` does."""
        ...

    def link(self, path: str) -> str | None:
        """Return what a symbolic link of that name points at, as it says; None where the words name no link."""
        ...

    def display(self, path: Path) -> str:
        """Return the path as people read it: relative to its root where there is one."""
        ...

    async def read(self, path: Path) -> FileView:
        """Return the file's text. Raises NotFound, NotText, TooLarge, Ignored."""
        ...

    async def read_each(self, paths: Sequence[Path], work: Callable[[Views], T]) -> T:
        """Return what `work` makes of the texts of files, or of what `read` raises for them; all of it in one thread."""
        ...

    async def read_saved(self, path: Path) -> FileView:
        """Return the text that the disk has, whatever is open. Raises as `read` does."""
        ...

    async def entries(self, path: Path) -> Sequence[Entry]:
        """Return a folder's entries in order of name, without what rules keep back. Raises NotFound."""
        ...

    async def kept_back(self, path: Path) -> int:
        """Return how many of a folder's entries `entries` leaves out because of rules. Raises NotFound."""
        ...

    async def glob(self, pattern: str, path: Path, limit: int) -> Found:
        """Return files below `path` that match, ignored ones left out."""
        ...

    async def grep(self, query: SearchQuery) -> Found:
        """Return matching lines, from buffers where files are open."""
        ...

    async def apply(self, edit: FileEdit, label: str, change_id: str) -> FileChange:
        """Make the edit where the file lives. Raises StaleDocument, EditRefused; nothing is half done."""
        ...

    async def obstacle(self, edit: FileEdit) -> str:
        """Return what keeps a file that is there from being edited so, said of "it"; empty where nothing is seen.

        What `apply` would refuse, as far as that shows before. Nothing is touched. Never raises.
        """
        ...

    async def problems(self, change: FileChange) -> Sequence[Problem] | None:
        """Return what the editor reports of the text that a change has left, by line.

        None where that is not known: the file is not open, nobody looks at it, it was changed since, or what
        was found is not there in time. Never raises.
        """
        ...

    async def open_problems(self) -> Mapping[Path, Sequence[Problem] | None]:
        """Return what the editor reports of each document of the workspace that is open, by line.

        None where that is not known in time. Never raises.
        """
        ...

    async def symbols(self, queries: Sequence[SymbolQuery]) -> Sequence[SymbolPlace] | None:
        """Return where the editor's other servers say that symbols are used or defined; what is there was not read.

        None where one of the queries has no answer in time. Never raises.
        """
        ...

    async def unsaved(self) -> Sequence[Path]:
        """Return open documents whose text differs from the disk, sorted."""
        ...

    @property
    def can_save(self) -> bool:
        """Whether open documents can be saved through the editor."""
        ...

    async def own_unsaved(self) -> Sequence[Path]:
        """Return those of `unsaved` that hold typing of the user's own, before or after an edit of ours."""
        ...

    async def crossed(self) -> Mapping[Path, bool]:
        """Return those of `unsaved` whose files something else has written since, which saving them would undo.

        False stands at those of which nobody knows it: their documents have never shown what their files hold.
        """
        ...

    async def save(self, paths: Sequence[Path]) -> Sequence[Path]:
        """Save open documents through the editor; return those that are still unsaved."""
        ...

    async def until_saved(self, paths: Sequence[Path]) -> None:
        """Return when none of these has unsaved text any more: it was saved, taken back, reloaded or closed.

        A document that this process has not seen open is waited for: the editor may be opening it yet.
        """
        ...

    async def pause(self, paths: Sequence[Path]) -> None:
        """Return when nobody has typed in the documents of these files for a moment, and after some seconds in any case."""
        ...

    async def settle(self, edit: EditIntent) -> Landing:
        """Say whether the file is as it was before the edit, or as the edit leaves it."""
        ...

    async def clear_up(self, edit: EditIntent, change_id: str) -> None:
        """Remove what a crash left beside a file while it was written, once nobody writes it any more. Never raises."""
        ...

    async def disk_marks(self) -> DiskMarks:
        """Return what the disk has of each open document, to compare with after a command. Never raises."""
        ...

    async def overtaken(self, marks: DiskMarks) -> Overtaken:
        """Return open documents whose files changed since the marks, unless they show it. Never raises.

        A document that changed as well is given a moment, which is what an editor needs to reload it.
        """
        ...
