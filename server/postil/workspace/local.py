"""The workspace on this machine: the port's methods, each a line or two over the module that does the work."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TypeVar

from postil.core.changes import EditIntent, Landing
from postil.core.effects import FileChange, FileEdit, text_hash
from postil.core.errors import EditRefused, ToolError
from postil.core.ports import (
    DiskMarks,
    Editor,
    Entry,
    FileView,
    Found,
    Overtaken,
    Problem,
    SearchQuery,
    SymbolPlace,
    SymbolQuery,
    Views,
)
from postil.workspace.buffers.editing import Editing
from postil.workspace.buffers.landing import landing
from postil.workspace.buffers.open_files import OpenFiles
from postil.workspace.buffers.overlay import NoEditor, Overlay
from postil.workspace.buffers.overtaking import disk_marks, overtaken
from postil.workspace.buffers.pausing import pause
from postil.workspace.files.closed_files import clear_leftover
from postil.workspace.files.disk import Disk
from postil.workspace.files.linkless import workspace_disk
from postil.workspace.files.paths import Paths, is_conversation, is_secret
from postil.workspace.search.exclusions import Exclusions
from postil.workspace.search.folders import entries
from postil.workspace.search.search import Search, Withheld
from postil.workspace.search.walk import Scope
from postil.workspace.threads import Threads

T = TypeVar("T")

_THREADS = 8
_MOST_REPORTED = 50
"""Open documents whose problems are asked for at once."""


class LocalWorkspace:
    """A `Workspace` over the disk and an editor's open documents."""

    def __init__(
        self,
        roots: Sequence[Path],
        editor: Editor | None = None,
        disk: Disk | None = None,
        rg: str | None = "",
        notes: Path | None = None,
    ) -> None:
        """`rg` is the path of ripgrep; None does without it, and "" looks for it on PATH.

        `notes` is the folder of private notes, resolved: beside the roots the only one in which files are edited.
        """
        self._notes = notes
        self._disk = disk or workspace_disk()
        self._threads = Threads("files", _THREADS)
        self._editor = OpenFiles(editor or NoEditor(), self._threads)
        real = [Path(os.path.realpath(root)) for root in roots]
        self._exclusions = Exclusions(real, self._threads)
        self._paths = Paths(roots, self._exclusions.ignored)
        self._overlay = Overlay(self._editor, self._threads)
        self._withheld: Withheld = lambda _: None
        self._editing = Editing(self._editor, self._overlay, self._disk, self._threads, self._paths.display)
        self._search = Search(self._paths, self._exclusions, self._editor, rg, self._judge_from)

    def withhold(self, withheld: Withheld) -> None:
        """Keep what `withheld` judges so out of searches and lists; what is named is judged when it is read."""
        self._withheld = withheld

    @property
    def roots(self) -> tuple[Path, ...]:
        """The folders of the workspace; the first is where relative paths start."""
        return self._paths.roots

    def resolve(self, path: str) -> Path:
        """Return the absolute, resolved path; raises OutsideWorkspace or Ignored. The file need not exist."""
        return self._paths.resolve(path)

    def locate(self, path: str) -> Path:
        """Like `resolve`, for reading only: a path outside every root is returned, not refused."""
        return self._paths.locate(path)

    def written(self, path: str) -> str:
        """Return the absolute path that the words name, with links and `..` still in it."""
        return self._paths.written(path)

    def link(self, path: str) -> str | None:
        """Return what a symbolic link of that name points at; None where the words name no link."""
        return self._paths.link(path)

    def display(self, path: Path) -> str:
        """Return the path as people read it."""
        return self._paths.display(path)

    def ignores(self, path: Path) -> bool:
        """Whether .postilignore keeps the resolved path from the agent; what cannot be judged is kept."""
        try:
            self._paths.check(path)
        except ToolError:
            return True
        return False

    async def read(self, path: Path) -> FileView:
        """Return the file's text. Raises NotFound, NotText, TooLarge, Ignored."""
        self._paths.check(path)
        try:
            return await self._overlay.read(path)
        except ToolError as error:
            raise self._named(error, path) from error

    async def read_each(self, paths: Sequence[Path], work: Callable[[Views], T]) -> T:
        """Return what `work` makes of the texts of files, or of what `read` raises for them; all of it in one thread."""
        return await self._overlay.read_each(paths, self._paths.check, work)

    async def read_saved(self, path: Path) -> FileView:
        """Return the text that the disk has, whatever is open. Raises as `read` does."""
        self._paths.check(path)
        try:
            return await self._overlay.read_disk(path)
        except ToolError as error:
            raise self._named(error, path) from error

    async def entries(self, path: Path) -> Sequence[Entry]:
        """Return a folder's entries in order of name. Raises NotFound."""
        self._paths.check(path)
        return [it for it, kept in await self._listed(path) if not kept]

    async def kept_back(self, path: Path) -> int:
        """Return how many of a folder's entries `entries` leaves out because of rules. Raises NotFound."""
        self._paths.check(path)
        return sum(kept for _, kept in await self._listed(path))

    async def glob(self, pattern: str, path: Path, limit: int) -> Found:
        """Return files below `path` that match, ignored ones left out."""
        self._paths.check(path)
        await self._editor.look()
        return await self._search.glob(pattern, path, limit)

    async def grep(self, query: SearchQuery) -> Found:
        """Return matching lines, from buffers where files are open."""
        self._paths.check(query.path)
        await self._editor.look()
        return await self._search.grep(query)

    async def apply(self, edit: FileEdit, label: str, change_id: str) -> FileChange:
        """Make the edit where the file lives. Raises StaleDocument, EditRefused; nothing is half done."""
        for path in (edit.path, edit.moved_from):
            if path is not None:
                self._paths.check(path)
                if not self._is_ours(path):
                    raise EditRefused(f"{self._paths.display(path)} lies outside the workspace.")
        return await self._editing.apply(edit, label, change_id)

    async def obstacle(self, edit: FileEdit) -> str:
        """Return what keeps a file or its folder from being edited so, said of "it"; empty where nothing is seen."""
        return await self._editing.obstacle(edit)

    async def problems(self, change: FileChange) -> Sequence[Problem] | None:
        """Return what the editor reports of the text that a change has left; None where that is not known."""
        document = self._editor.document(change.path)
        if document is None or change.where != "buffer":
            return None
        if await self._threads.run(lambda: text_hash(document.text)) != change.after:
            return None
        return await self._editor.diagnostics(change.path, document.version)

    async def open_problems(self) -> Mapping[Path, Sequence[Problem] | None]:
        """Return what the editor reports of each document of the workspace that is open; None where that is not known."""
        documents = self._editor.documents()
        if not documents:
            return {}
        tellable = await self._threads.run(
            lambda: {it.path for it in documents if self._may_be_told(it.path)}
        )
        opened = [it for it in documents if it.path in tellable][:_MOST_REPORTED]
        found = await asyncio.gather(*(self._editor.diagnostics(it.path, it.version) for it in opened))
        return {it.path: problems for it, problems in zip(opened, found, strict=True)}

    async def symbols(self, queries: Sequence[SymbolQuery]) -> Sequence[SymbolPlace] | None:
        """Return where the editor's other servers say that symbols are used or defined; None where one has no answer in time."""
        found = await asyncio.gather(*map(self._editor.symbols, queries))
        if not queries or any(it is None for it in found):
            return None
        places = dict.fromkeys(place for it in found for place in it or ())
        # An editor has names of its own for files behind links.
        real = await self._threads.run(
            lambda: [replace(it, path=Path(os.path.realpath(it.path))) for it in places]
        )
        return tuple(dict.fromkeys((*places, *real)))

    async def unsaved(self) -> Sequence[Path]:
        """Return open documents whose text differs from the disk, sorted; chat documents are nobody's business."""
        return [it for it in await self._overlay.unsaved() if not is_conversation(it)]

    async def shown(self) -> Sequence[Path]:
        """Return the workspace's documents that are open in the editor, in its order; ignored ones are nobody's business."""
        if not self._editor.tells_open:
            return []
        paths = [it.path for it in self._editor.documents()]
        return (
            await self._threads.run(lambda: [it for it in paths if self._may_be_named(it)]) if paths else []
        )

    def _may_be_told(self, path: Path) -> bool:
        """Whether what others say of a file may be told: it may quote the text, which nobody was asked to read."""
        judge = self._judge_from(Path(path.anchor))
        return self._may_be_named(path) and not is_secret(path) and not (judge is not None and judge(path))

    def _may_be_named(self, path: Path) -> bool:
        return any(map(path.is_relative_to, self.roots)) and not self._exclusions.ignored(path)

    @property
    def can_save(self) -> bool:
        """Whether open documents can be saved through the editor."""
        return self._editor.can_save

    async def own_unsaved(self) -> Sequence[Path]:
        """Return those of `unsaved` that hold typing of the user's own, before or after an edit of ours."""
        return [it for it in await self._overlay.own_unsaved() if not is_conversation(it)]

    async def crossed(self) -> Mapping[Path, bool]:
        """Return those of `unsaved` whose files something else may have written since, and whether it is known to."""
        return await self._overlay.crossed()

    async def save(self, paths: Sequence[Path]) -> Sequence[Path]:
        """Save open documents through the editor; return those that are still unsaved."""
        return await self._overlay.save(paths)

    async def until_saved(self, paths: Sequence[Path]) -> None:
        """Return when none of these has unsaved text any more: it was saved, taken back, reloaded or closed."""
        await self._overlay.until_saved(paths)

    async def pause(self, paths: Sequence[Path]) -> None:
        """Return when nobody has typed in the documents of these files for a moment, and after some seconds in any case."""
        await pause(self._editor, paths)

    async def settle(self, edit: EditIntent) -> Landing:
        """Say whether the file is as it was before the edit, or as the edit leaves it."""
        return await landing(edit, self._overlay, self._threads)

    async def clear_up(self, edit: EditIntent, change_id: str) -> None:
        """Remove what a crash left beside a file while it was written. Never raises."""
        path = Path(edit.path)
        if change_id and self._is_ours(path):
            with suppress(OSError):
                await self._threads.run(lambda: clear_leftover(path, change_id, self._disk))

    async def disk_marks(self) -> DiskMarks:
        """Return what the disk has of each open document, to compare with after a command. Never raises."""
        return disk_marks(await self._editor.look())

    async def overtaken(self, marks: DiskMarks) -> Overtaken:
        """Return open documents whose files changed since the marks, unless they show it. Never raises.

        Those without unsaved text count as closed until the editor has reloaded them.
        """
        return await overtaken(self._editor, marks)

    def close(self) -> None:
        """Let the threads end."""
        self._editor.close()
        self._search.close()
        self._threads.close()

    def _is_ours(self, path: Path) -> bool:
        """Whether the file may be edited: it lies in a root, or is a private note."""
        return self._paths.root_of(path) is not None or path.parent == self._notes

    def _scope(self, path: Path) -> Scope:
        return Scope(path, self._paths, self._exclusions)

    def _judge_from(self, start: Path) -> Callable[[Path], bool] | None:
        return self._withheld(start)

    def _named(self, error: ToolError, path: Path) -> ToolError:
        """Return the error with the path as people read it."""
        error.message = error.message.replace(str(path), self._paths.display(path))
        return error

    async def _listed(self, path: Path) -> list[tuple[Entry, bool]]:
        await self._editor.look()
        documents = self._editor.documents()
        try:
            return await self._threads.run(
                partial(entries, path, documents, self._scope, self._exclusions, self._withheld)
            )
        except ToolError as error:
            raise self._named(error, path) from error
