"""The Workspace port in memory, beside the Shell one: the same semantics, no disk, no editor, no process.

workspace = MemoryWorkspace({"src/a.py": "x = 1\\n"})
workspace.type("src/a.py", "x = 2\\n")        # the person types; not saved
shell = MemoryShell({"pytest -q": ended("1 passed\\n")})
ports = ToolPorts(workspace, shell)
"""

from __future__ import annotations

import asyncio
import os
import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Literal, TypeVar

from postil.core.changes import EditIntent, Landing
from postil.core.effects import FileChange, FileEdit, FileForm, text_hash
from postil.core.errors import (
    Ignored,
    InvalidInput,
    NotFound,
    NotText,
    OutsideWorkspace,
    StaleDocument,
    ToolError,
)
from postil.core.ports import (
    DiskMark,
    DiskMarks,
    Entry,
    FileView,
    Found,
    Match,
    Overtaken,
    Problem,
    SearchQuery,
    Views,
)
from postil.workspace.search.globs import glob_regex
from postil.workspace.texts.diff import line_counts, unified_diff
from tests.support.telling_symbols import TellingSymbols

T = TypeVar("T")
ROOT = Path("/project")


class MemoryWorkspace(TellingSymbols):
    """Files and open documents. Tests reach in by `disk` and `buffers`, and act as the person by the methods."""

    def __init__(self, files: Mapping[str, str | bytes] | None = None, root: Path = ROOT) -> None:
        self.root = root
        self.disk: dict[Path, str | bytes] = {}
        self.buffers: dict[Path, str] = {}
        self.behind: dict[Path, str] = {}
        """Open documents that count as closed while they have this text: a command has changed their files."""
        self.overwritten: set[Path] = set()
        """Open documents whose files something else wrote while they had unsaved text."""
        self.ignored: set[Path] = set()
        """Kept from the agent by .postilignore."""
        self.can_save = True
        """Whether the editor offers to save."""
        self.unsavable: set[Path] = set()  # open documents that the editor does not save
        self.reported: dict[Path, list[Problem]] = {}
        """What other servers find in open documents; of others nothing is known."""
        self.applied: list[tuple[FileEdit, str, str]] = []
        """Every edit made, with its label and change id."""
        self.saved: list[Path] = []
        self.pauses: list[tuple[Path, ...]] = []
        """Of which files a pause in the typing was waited for."""
        self.before_apply: Callable[[FileEdit], None] | None = None
        """Called before an edit is checked: the place to type in between."""
        self._clean: dict[Path, set[str]] = {}
        """Of open documents, the texts without anything unsaved in them when the last marks were taken."""
        self._changed = asyncio.Event()
        """Set, and replaced, when the person does something."""
        self._ours: dict[Path, tuple[str | bytes, set[str]]] = {}
        """Documents that were clean before an edit of ours, with the disk's text at that time and what we wrote."""
        for name, content in (files or {}).items():
            self.disk[self.at(name)] = content

    # --- what a person does --------------------------------------------------------------------------------

    def at(self, name: str) -> Path:
        """Return the path that a name in the workspace stands for."""
        return Path(os.path.normpath(self.root / name))

    def open(self, name: str) -> None:
        """Open a file in the editor."""
        self.buffers[self.at(name)] = self._text(self.at(name))

    def type(self, name: str, text: str) -> None:
        """Make this the text of an open document; opens it. It is not saved."""
        self.buffers[self.at(name)] = text
        self._tell()

    def save_by_hand(self, name: str) -> None:
        """Save a document, as a person does."""
        self.disk[self.at(name)] = self.buffers[self.at(name)]
        self._tell()

    def close(self, name: str) -> None:
        """Close a document; what was not saved is gone."""
        del self.buffers[self.at(name)]
        self._tell()

    def text(self, name: str) -> str:
        """Return a file's text as the person sees it."""
        path = self.at(name)
        return self.shown[path] if path in self.shown else self._text(path)

    @property
    def shown(self) -> dict[Path, str]:
        """The open documents that are not behind the disk."""
        return {path: text for path, text in self.buffers.items() if self.behind.get(path) != text}

    # --- the port ------------------------------------------------------------------------------------------

    @property
    def roots(self) -> tuple[Path, ...]:
        return (self.root,)

    def resolve(self, path: str) -> Path:
        resolved = self.locate(path)
        if not resolved.is_relative_to(self.root):
            raise OutsideWorkspace(f"{path} lies outside the workspace.")
        return resolved

    def locate(self, path: str) -> Path:
        if not path.strip() or "\0" in path:
            raise InvalidInput(f"{path!r} is not a path.")
        resolved = self.at(path)
        if resolved in self.ignored:
            raise Ignored(f"{path} is kept from you by .postilignore.")
        return resolved

    def written(self, path: str) -> str:
        return str(self.at(path))

    def link(self, path: str) -> str | None:
        return None

    def display(self, path: Path) -> str:
        return str(path.relative_to(self.root)) if path.is_relative_to(self.root) else str(path)

    async def read(self, path: Path) -> FileView:
        self._check(path)
        disk = self.disk.get(path)
        if path in self.shown:
            text = self.shown[path]
            return FileView(path, text, text_hash(text), "buffer", unsaved=text != disk)
        text = self._text(path)
        return FileView(path, text, text_hash(text), "disk")

    async def read_each(self, paths: Sequence[Path], work: Callable[[Views], T]) -> T:
        found: dict[Path, FileView | ToolError] = {}
        for path in paths:
            try:
                found[path] = await self.read(path)
            except ToolError as error:
                found[path] = error
        return work(found)

    async def read_saved(self, path: Path) -> FileView:
        self._check(path)
        text = self._text(path)
        return FileView(path, text, text_hash(text), "disk", form=FileForm())

    async def entries(self, path: Path) -> Sequence[Entry]:
        if path in self.disk:
            raise NotFound(f"{self.display(path)} is a file, not a folder.")
        found: dict[str, Entry] = {}
        for file in self._visible():
            if file.is_relative_to(path):
                name, *rest = file.relative_to(path).parts
                found[name] = Entry(name, "folder") if rest else Entry(name, "file", self._size(file))
        if not found and path != self.root:
            raise NotFound(f"{self.display(path)} does not exist.")
        return [found[name] for name in sorted(found)]

    async def kept_back(self, path: Path) -> int:
        return 0

    async def glob(self, pattern: str, path: Path, limit: int) -> Found:
        wanted = glob_regex(pattern)
        paths = [
            file
            for file in self._visible()
            if file.is_relative_to(path) and wanted.match(file.relative_to(path).as_posix())
        ]
        return Found(paths=tuple(paths[:limit]), complete=len(paths) <= limit)

    async def grep(self, query: SearchQuery) -> Found:
        try:
            flags = re.IGNORECASE if query.ignore_case else 0
            pattern = re.compile(re.escape(query.pattern) if query.literal else query.pattern, flags)
        except re.error as fault:
            raise InvalidInput(f"The pattern is not a regular expression: {fault}.") from fault
        narrow = glob_regex(query.glob) if query.glob else None
        matches: list[Match] = []
        for file in self._visible():
            if not file.is_relative_to(query.path) or isinstance(self.disk.get(file), bytes):
                continue
            if narrow and not narrow.match(file.relative_to(self.root).as_posix()):
                continue
            for number, line in enumerate(self.text(str(file)).split("\n"), 1):
                if pattern.search(line):
                    matches.append(Match(file, number, line))
        return Found(matches=tuple(matches[: query.limit]), complete=len(matches) <= query.limit)

    async def apply(self, edit: FileEdit, label: str, change_id: str) -> FileChange:
        if self.before_apply is not None:
            self.before_apply(edit)
        path = edit.moved_from or edit.path
        before = self.text(str(path)) if path in self.shown or path in self.disk else None
        if (None if before is None else text_hash(before)) != edit.before:
            raise StaleDocument(f"{self.display(path)} has changed since it was read.", "Read it again.")
        where: Literal["buffer", "disk"] = "disk"
        if edit.moved_from is not None:
            self.disk[edit.path] = self.disk.pop(path)
            self.buffers.pop(path, None)
            path = edit.path
        elif path in self.shown and edit.after is not None:
            where = "buffer"
            self._note_edit(path, edit.after)
            self.buffers[path] = edit.after
        elif edit.after is not None:
            self.disk[path] = edit.after
        else:
            self.disk.pop(path, None)
            self.buffers.pop(path, None)
        self.applied.append((edit, label, change_id))
        added, removed = line_counts(before or "", edit.after or "")
        return FileChange(
            path=path,
            before=edit.before,
            after=None if edit.after is None else text_hash(edit.after),
            added=added,
            removed=removed,
            where=where,
            diff=unified_diff(before, edit.after, self.display(path)),
            form=edit.form if edit.after is None else None,
            renamed_from=edit.moved_from,
        )

    async def obstacle(self, edit: FileEdit) -> str:
        return ""

    async def problems(self, change: FileChange) -> Sequence[Problem] | None:
        return self.reported.get(change.path) if change.where == "buffer" else None

    async def open_problems(self) -> Mapping[Path, Sequence[Problem] | None]:
        return {path: self.reported.get(path) for path in self.shown}

    async def unsaved(self) -> Sequence[Path]:
        return sorted(path for path, text in self.shown.items() if text != self.disk.get(path))

    async def own_unsaved(self) -> Sequence[Path]:
        return [path for path in await self.unsaved() if not self._is_ours(path)]

    async def crossed(self) -> Mapping[Path, bool]:
        return {path: True for path in await self.unsaved() if path in self.overwritten}

    async def save(self, paths: Sequence[Path]) -> Sequence[Path]:
        dirty = set(await self.unsaved())
        for path in paths:
            if self.can_save and path in dirty and path not in self.unsavable:
                self.disk[path] = self.shown[path]
                self.saved.append(path)
        return [path for path in paths if path in await self.unsaved()]

    async def until_saved(self, paths: Sequence[Path]) -> None:
        while set(paths) & set(await self.unsaved()):
            await self._changed.wait()

    async def pause(self, paths: Sequence[Path]) -> None:
        self.pauses.append(tuple(paths))

    async def settle(self, edit: EditIntent) -> Landing:
        now = self._hash(Path(edit.path))
        if edit.moved_from is not None:
            old = self._hash(Path(edit.moved_from))
            made = (old, now) == (None, edit.after)
            return "after" if made else "before" if old == edit.before else "neither"
        if edit.in_editor and Path(edit.path) not in self.shown and now == edit.before:
            return "hidden"
        return "after" if now == edit.after else "before" if now == edit.before else "neither"

    async def clear_up(self, edit: EditIntent, change_id: str) -> None:
        pass

    async def disk_marks(self) -> DiskMarks:
        return {path: self._mark(path, text) for path, text in self.buffers.items()}

    async def overtaken(self, marks: DiskMarks) -> Overtaken:
        changed = {
            path: text in self._clean[path]
            for path, text in sorted(self.buffers.items())
            for disk in [self.disk.get(path)]
            if path in marks and marks[path].disk != repr(disk) and text != disk
        }
        clean = tuple(path for path, is_clean in changed.items() if is_clean)
        self.behind |= {path: self.buffers[path] for path in clean}
        return Overtaken(clean, tuple(path for path in changed if path not in clean))

    # --- inside --------------------------------------------------------------------------------------------

    def _mark(self, path: Path, text: str) -> DiskMark:
        disk = self.disk.get(path)
        saved = text == disk or path not in self.shown
        self._clean[path] = {it for it in (text if saved else None, disk) if isinstance(it, str)}
        return DiskMark(repr(disk), unsaved=not saved)

    def _hash(self, path: Path) -> str | None:
        present = path in self.shown or path in self.disk
        return text_hash(self.text(str(path))) if present else None

    def _tell(self) -> None:
        self._changed.set()
        self._changed = asyncio.Event()

    def _visible(self) -> list[Path]:
        return sorted(path for path in {*self.disk, *self.shown} if path not in self.ignored)

    def _size(self, path: Path) -> int:
        content = self.disk.get(path, "")
        return len(content if isinstance(content, bytes) else content.encode("utf-8", "surrogateescape"))

    def _check(self, path: Path) -> None:
        if path in self.ignored:
            raise Ignored(f"{self.display(path)} is kept from you by .postilignore.")

    def _text(self, path: Path) -> str:
        content = self.disk.get(path)
        if isinstance(content, bytes):
            raise NotText(f"{self.display(path)} is binary.")
        if content is not None:
            return content
        if path == self.root or any(path in file.parents for file in self.disk):
            raise NotText(f"{self.display(path)} is a folder, not a file with text.")
        raise NotFound(f"{self.display(path)} does not exist.")

    def _note_edit(self, path: Path, after: str) -> None:
        """Remember, before an edit of ours, what it makes of a document without typing of the person's own."""
        disk = self.disk.get(path)
        if self._is_ours(path):
            self._ours[path][1].add(after)
            return
        self._ours.pop(path, None)
        if disk is not None and disk == self.buffers[path]:
            self._ours[path] = (disk, {after})

    def _is_ours(self, path: Path) -> bool:
        disk, texts = self._ours.get(path, (None, set[str]()))
        return disk is not None and disk == self.disk.get(path) and self.buffers[path] in texts
