"""The workspace on this machine: the port's methods, each a line or two over the module that does the work."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Literal

from postil.core.changes import EditIntent, Landing
from postil.core.effects import FileChange, FileEdit, text_hash
from postil.core.errors import EditRefused, NotFound, StaleDocument, ToolError
from postil.core.ports import (
    DiskMarks,
    Editor,
    Entry,
    FileView,
    Found,
    OpenDocument,
    Overtaken,
    Problem,
    Replacement,
    SearchQuery,
)
from postil.workspace.buffers.open_files import OpenFiles
from postil.workspace.buffers.overlay import NoEditor, Overlay
from postil.workspace.buffers.overtaking import disk_marks, overtaken
from postil.workspace.files.closed_files import check_edit, clear_leftover, describe, write_edit
from postil.workspace.files.disk import Disk
from postil.workspace.files.linkless import workspace_disk
from postil.workspace.files.opening import explained
from postil.workspace.files.paths import Paths
from postil.workspace.search.exclusions import Exclusions
from postil.workspace.search.search import Search, Withheld
from postil.workspace.threads import Threads

_THREADS = 8
_REPLACED = "The editor shows replacement characters in {}: it was not opened in its own encoding, and saving it would lose bytes."
_SPLIT_MEND = "Ask the user to save one of them and to close the other."
RELOAD_SECONDS = 2.0
"""How long an editor may take to show what a command wrote, before what it shows is the user's typing."""


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
        paths = [it for it in (edit.path, edit.moved_from) if it is not None]
        await self._editor.look(paths)
        for path in paths:
            if why := self._split(path):
                raise EditRefused(f"{self._paths.display(path)} {why}", _SPLIT_MEND)
        document = self._editor.document(edit.path)
        if document is None or edit.after is None or _is_on_disk(edit):
            return await self._apply_closed(edit, document, change_id)
        return await self._apply_open(edit, edit.after, document, label, change_id)

    async def obstacle(self, edit: FileEdit) -> str:
        """Return what keeps a file or its folder from being edited so, said of "it"; empty where nothing is seen."""
        document = self._editor.document(edit.path)
        if why := self._split(edit.moved_from or edit.path):
            return f"It {why}"
        if document is not None and not _is_on_disk(edit):
            return _REPLACED.format("it") if await self._overlay.is_replaced(document) else ""
        try:
            await self._threads.run(lambda: check_edit(edit))
        except ToolError as error:
            return error.message
        return ""

    async def problems(self, change: FileChange) -> Sequence[Problem] | None:
        """Return what the editor reports of the text that a change has left; None where that is not known."""
        document = self._editor.document(change.path)
        if document is None or change.where != "buffer":
            return None
        if await self._threads.run(lambda: text_hash(document.text)) != change.after:
            return None
        return await self._editor.diagnostics(change.path, document.version)

    async def unsaved(self) -> Sequence[Path]:
        """Return open documents whose text differs from the disk, sorted."""
        return await self._overlay.unsaved()

    async def shown(self) -> Sequence[Path]:
        """Return the workspace's documents that are open in the editor, in its order; ignored ones are nobody's business."""
        paths = [it.path for it in self._editor.documents()]
        return (
            await self._threads.run(lambda: [it for it in paths if self._may_be_named(it)]) if paths else []
        )

    def _may_be_named(self, path: Path) -> bool:
        return any(map(path.is_relative_to, self.roots)) and not self._exclusions.ignored(path)

    @property
    def can_save(self) -> bool:
        """Whether open documents can be saved through the editor."""
        return self._editor.can_save

    async def own_unsaved(self) -> Sequence[Path]:
        """Return those of `unsaved` that hold typing of the user's own, before or after an edit of ours."""
        return await self._overlay.own_unsaved()

    async def crossed(self) -> Sequence[Path]:
        """Return those of `unsaved` whose files something else has written since."""
        return await self._overlay.crossed()

    async def save(self, paths: Sequence[Path]) -> Sequence[Path]:
        """Save open documents through the editor; return those that are still unsaved."""
        return await self._overlay.save(paths)

    async def until_saved(self, paths: Sequence[Path]) -> None:
        """Return when none of these has unsaved text any more: it was saved, taken back, reloaded or closed."""
        await self._overlay.until_saved(paths)

    async def settle(self, edit: EditIntent) -> Landing:
        """Say whether the file is as it was before the edit, or as the edit leaves it."""
        path = Path(edit.path)
        try:
            if edit.reforms:
                return _reformed(edit, await self._overlay.read_disk(path))
            if edit.moved_from is not None:
                new = await _hash(path, self._overlay.read_disk)
                old = await _hash(Path(edit.moved_from), self._overlay.read_disk)
                if old not in (None, edit.before) and new is None:
                    # What was to be saved first may still be in the buffer alone.
                    old = await _hash(Path(edit.moved_from), self._overlay.read)
                one = await self._threads.run(lambda: _is_one(Path(edit.moved_from or edit.path), path))
                return _moved(edit, old, new, one=one)
            # An editor goes on showing a file that is gone.
            read = self._overlay.read if edit.after is not None else self._overlay.read_disk
            now = await _hash(path, read)
            shown = edit.in_editor and (await self._overlay.read(path)).where == "buffer"
        except ToolError:
            return "neither"
        if edit.in_editor and not shown and now == edit.before:
            return "hidden"
        return "after" if now == edit.after else "before" if now == edit.before else "neither"

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
        found = overtaken(await self._editor.look(), marks)
        unsaved = {path for path, mark in marks.items() if mark.unsaved}
        with suppress(TimeoutError):
            async with asyncio.timeout(RELOAD_SECONDS):
                # It had no unsaved text and is neither old nor new: typed in, or reloaded halfway through.
                while set(found.dirty) - unsaved:
                    changed = self._editor.changed()
                    found = overtaken(await self._editor.look(), marks)
                    await changed
        return found

    def close(self) -> None:
        """Let the threads end."""
        self._editor.close()
        self._search.close()
        self._threads.close()

    async def _apply_closed(
        self, edit: FileEdit, document: OpenDocument | None, change_id: str
    ) -> FileChange:
        """Make an edit on the disk: of a file that is not open, or one that makes, removes or moves a file."""
        name = self._paths.display(edit.path)
        going = edit.moved_from or (edit.path if edit.after is None or edit.reforms else None)
        if going is not None and going in await self._overlay.unsaved():
            raise EditRefused(
                f"{self._paths.display(going)} is open with unsaved changes.",
                "Ask the user to save or close it first.",
            )
        opens = edit.after is not None and not edit.reforms
        if opens and document is not None and document.text != edit.after:
            # An editor goes on showing a file that is gone; bringing that text back is no surprise there.
            raise StaleDocument(f"{name} is open in the editor already.", "Read it first.")
        return await self._threads.finish(lambda: write_edit(edit, name, self._disk, change_id))

    async def _apply_open(
        self, edit: FileEdit, after: str, document: OpenDocument, label: str, change_id: str
    ) -> FileChange:
        name = self._paths.display(edit.path)
        before = document.text
        hashes = await self._threads.run(lambda: (text_hash(before), text_hash(after)))
        if hashes[0] != edit.before:
            raise StaleDocument(f"{name} has changed since it was read.", "Read it again and redo the edit.")
        if await self._overlay.is_replaced(document):
            raise EditRefused(
                _REPLACED.format(name), "Ask the user to reopen it with its encoding, or to close it."
            )
        self._editor.note_edit(document.path, *hashes)
        await self._editor.replace(Replacement(edit.path, before, after, label, change_id))
        return await self._threads.run(lambda: describe(edit.path, name, before, after, "buffer"))

    def _is_ours(self, path: Path) -> bool:
        """Whether the file may be edited: it lies in a root, or is a private note."""
        return self._paths.root_of(path) is not None or path.parent == self._notes

    def _split(self, path: Path) -> str:
        """Return what is said of a file that is open under several names with unsaved texts that differ; else nothing."""
        names = " and ".join(self._paths.display(it) for it in self._editor.split(path))
        return f"is open under several names, with unsaved text that differs: {names}." if names else ""

    def _judge_from(self, start: Path) -> Callable[[Path], bool] | None:
        return self._withheld(start)

    def _named(self, error: ToolError, path: Path) -> ToolError:
        """Return the error with the path as people read it."""
        error.message = error.message.replace(str(path), self._paths.display(path))
        return error

    async def _listed(self, path: Path) -> list[tuple[Entry, bool]]:
        await self._editor.look()
        documents = [it for it in self._editor.documents() if it.path.parent == path]
        return await self._threads.run(lambda: self._entries(path, documents))

    def _entries(self, path: Path, documents: Sequence[OpenDocument]) -> list[tuple[Entry, bool]]:
        """Return the entries, each with whether rules keep it back."""
        try:
            with os.scandir(path) as found:
                entries = {entry.name: _entry(entry) for entry in found}
        except NotADirectoryError as error:
            raise NotFound(f"{self._paths.display(path)} is a file, not a folder.") from error
        except OSError as error:
            raise self._named(explained(path, error), path) from error
        for document in documents:
            entries.setdefault(document.path.name, Entry(document.path.name, "file", len(document.text)))
        withheld = self._withheld(path)
        return [
            (entry, withheld is not None and withheld(path / name))
            for name, entry in sorted(entries.items())
            if not self._exclusions.ignored(path / name)
        ]


async def _hash(path: Path, read: Callable[[Path], Awaitable[FileView]]) -> str | None:
    """Return the hash of the text; None where there is no file. Raises ToolError where it cannot be read."""
    try:
        return (await read(path)).hash
    except NotFound:
        return None


def _is_on_disk(edit: FileEdit) -> bool:
    """Whether it is made on the disk although the file is open: it makes, removes or moves one, or makes it anew."""
    return edit.before is None or edit.after is None or edit.moved_from is not None or edit.reforms


def _reformed(edit: EditIntent, now: FileView) -> Literal["before", "after", "neither"]:
    if (now.hash, now.form) == (edit.after, edit.form):
        return "after"
    return "before" if now.hash == edit.before else "neither"


def _moved(
    edit: EditIntent, old: str | None, new: str | None, *, one: bool
) -> Literal["before", "after", "neither"]:
    """Say where the file is; `one` is whether both names lead to one file, as they do in the middle of some renames."""
    if (old, new) == (None, edit.after):
        return "after"
    return "before" if old == edit.before and not one else "neither"


def _is_one(source: Path, target: Path) -> bool:
    try:
        return source.samefile(target)
    except OSError:
        return False


def _entry(entry: os.DirEntry[str]) -> Entry:
    try:
        if entry.is_symlink():
            return Entry(entry.name, "link")
        if entry.is_dir():
            return Entry(entry.name, "folder")
        if entry.is_file():
            return Entry(entry.name, "file", entry.stat().st_size)
    except OSError:
        pass
    return Entry(entry.name, "other")
