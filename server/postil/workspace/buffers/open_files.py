"""The editor's open documents by the files that they are, whatever names the editor has opened them under.

A folder may be opened through a symbolic link, a file through another, and some file systems do not tell `A.py`
from `a.py`: the agent's paths are resolved, the editor's are as the person came to them. A file under two hard
links is two documents: which of them an edit would reach depends on how the editor saves.

One file may be open under two names at once, as a link and its target: the one with unsaved text is what the person
sees, and is read, edited and saved. Where both have some and it differs, nobody can say which: the file is *split*.

A document without unsaved text whose file something else has changed, or one of our tools, shows an older text until
the editor reloads it, which some do at once and some when the person looks; one whose file is gone goes on being
shown. Till then the disk is the truth, so it counts as closed: it is read from the disk and edited there, and saved
by nobody. Typing in it ends that, whenever it comes, and undoing the typing brings it back.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from postil.core.ports import Editor, OpenDocument, Problem, Replacement, SymbolPlace, SymbolQuery
from postil.workspace.buffers.standing import UNSAVED, Base, Seen, look
from postil.workspace.threads import Threads


class OpenFiles:
    """An `Editor` over the face's own; the paths of its documents are resolved.

    Which documents are behind the disk is as of the last look. Documents are looked at when they are opened and
    saved, and by whoever wants to know.
    """

    def __init__(self, editor: Editor, threads: Threads) -> None:
        self._editor = editor
        self._threads = threads
        self._bases: dict[Path, Base] = {}
        self._behind: dict[Path, str] = {}
        """The texts with which documents are behind the disk."""
        self._chosen: dict[Path, Path] = {}
        """Which of its names a file is known by that is open under several."""
        self._split: dict[Path, tuple[Path, ...]] = {}
        """The names of documents of one file whose unsaved texts differ."""
        self._met: set[Path] = set()
        self._looking = asyncio.Lock()
        self._looks: set[asyncio.Task[None]] = set()
        self._closed = False
        editor.watch(self._shown)

    @property
    def can_save(self) -> bool:
        """Whether the editor offers to save documents."""
        return self._editor.can_save

    @property
    def tells_open(self) -> bool:
        """Whether its documents are those that the person has open."""
        return self._editor.tells_open

    async def learn(self, paths: Sequence[Path] | None) -> None:
        """Find out what the editor has of these files, or of those that it knows. Raises ToolError."""
        await self._editor.learn(paths)

    def document(self, path: Path) -> OpenDocument | None:
        """Return the document that is open of the file at a resolved path."""
        found = self._named(path)
        if found is None:
            return None
        return None if self._is_behind(found) else replace(found, path=_resolved(found.path))

    def documents(self) -> Sequence[OpenDocument]:
        """Return all open documents but those behind the disk; one that is open under two names, once."""
        found: dict[Path, OpenDocument] = {}
        for path, group in _by_file(self._editor.documents()).items():
            document = _known(path, group, self._chosen.get(path))
            if not self._is_behind(document):
                found[path] = replace(document, path=path)
        return list(found.values())

    def split(self, path: Path) -> Sequence[Path]:
        """Return the names under which a file is open with unsaved texts that differ, as of the last look, sorted."""
        return self._split.get(path, ())

    async def look(self, paths: Sequence[Path] | None = None) -> list[Seen]:
        """Look at the files of all open documents, or at these; returns how the documents stand, sorted."""
        await self._editor.learn(paths)
        opened = self._editor.documents()
        if not opened:
            self._forget_all_but(set(), set())
            return []  # without a thread: this is asked before every request to the model
        async with self._looking:
            files = await self._threads.run(lambda: _by_file(opened))
            self._forget_all_but(set(files), {it.path for it in opened})
            if paths is not None:
                files = {it: group for it, group in files.items() if any(is_same(it, path) for path in paths)}
            found = await self._look(files)
            return [self._choose(path, found[path]) for path in sorted(files)]

    def has_met(self, path: Path) -> bool:
        """Whether the document has been open since this process began; after a restart editors take a while."""
        return path in self._met

    def note_edit(self, path: Path, before: str, after: str) -> None:
        """Remember, before an edit of ours, the hash of the text that it makes of a document."""
        name = self._name(path)
        if name in self._bases:
            self._bases[name] = self._bases[name].with_edit(before, after)

    def watch(self, shown: Callable[[OpenDocument], None]) -> None:
        """Tell of documents that are opened or saved, under the editor's names."""
        self._editor.watch(shown)

    def changed(self) -> Awaitable[None]:
        """Return what is done at the next change, save or closing of a document."""
        return self._editor.changed()

    async def replace(self, change: Replacement) -> None:
        """Apply the change under the editor's name of the file."""
        await self._editor.replace(replace(change, path=self._name(change.path)))

    async def save(self, path: Path) -> bool:
        """Save the document under the editor's name of the file."""
        return await self._editor.save(self._name(path))

    async def diagnostics(self, path: Path, version: int) -> Sequence[Problem] | None:
        """Return what is wrong with the document under the editor's name of the file."""
        return await self._editor.diagnostics(self._name(path), version)

    async def symbols(self, query: SymbolQuery) -> Sequence[SymbolPlace] | None:
        """Return where other servers say that a symbol is, asked under the editor's name of the file."""
        at = replace(query.at, path=self._name(query.at.path))
        return await self._editor.symbols(replace(query, at=at))

    def close(self) -> None:
        """Stop looking at what is opened and saved."""
        self._closed = True
        for task in self._looks:
            task.cancel()

    def _shown(self, document: OpenDocument) -> None:
        """Look at a document that was opened or saved, with the text that it had then."""
        if not self._closed:
            task = asyncio.get_running_loop().create_task(self._look_once(document))
            self._looks.add(task)
            task.add_done_callback(self._looks.discard)

    async def _look_once(self, document: OpenDocument) -> None:
        async with self._looking:
            path = await self._threads.run(lambda: _resolved(document.path))
            await self._look({path: [document]})

    async def _look(self, files: Mapping[Path, Sequence[OpenDocument]]) -> dict[Path, dict[Path, Seen]]:
        """Look at the documents of files; returns how they stand, by the file's path and the document's name."""
        bases = dict(self._bases)
        found = await self._threads.run(
            lambda: {
                path: {it.path: look(replace(it, path=path), bases.get(it.path)) for it in group}
                for path, group in files.items()
            }
        )
        for path, group in found.items():
            self._met.add(path)
            for name, it in group.items():
                self._note(name, it, bases.get(name))
        return found

    def _note(self, name: Path, seen: Seen, base: Base | None) -> None:
        """Remember how a document stands; `base` is what was known of it when it was looked at."""
        if self._bases.get(name) is base:  # else an edit of ours was noted meanwhile
            self._bases[name] = seen.base
        if seen.standing == "behind":
            self._behind[name] = seen.document.text
        else:
            self._behind.pop(name, None)

    def _choose(self, path: Path, group: Mapping[Path, Seen]) -> Seen:
        """Return how that one of a file's documents stands which has its unsaved text, and remember which it is."""
        unsaved = {name: it for name, it in group.items() if it.standing in UNSAVED}
        self._split.pop(path, None)
        if len({it.document.text for it in unsaved.values()}) > 1:
            self._split[path] = tuple(sorted(unsaved))
            self._met.update(unsaved)
        names = unsaved or group
        self._chosen[path] = path if path in names else next(iter(names))
        return names[self._chosen[path]]

    def _forget_all_but(self, paths: set[Path], names: set[Path]) -> None:
        self._bases = {name: base for name, base in self._bases.items() if name in names}
        self._behind = {name: text for name, text in self._behind.items() if name in names}
        self._chosen = {path: name for path, name in self._chosen.items() if path in paths and name in names}
        self._split = {path: split for path, split in self._split.items() if path in paths}

    def _is_behind(self, document: OpenDocument) -> bool:
        """Whether it still has the text with which it was behind, under the editor's name."""
        return self._behind.get(document.path) == document.text

    def _name(self, path: Path) -> Path:
        found = self._named(path)
        return path if found is None else found.path

    def _named(self, path: Path) -> OpenDocument | None:
        chosen = self._chosen.get(path)
        exact = (self._editor.document(chosen) if chosen is not None else None) or self._editor.document(path)
        if exact is not None:
            return exact
        return next((it for it in self._editor.documents() if is_same(_resolved(it.path), path)), None)


def _by_file(documents: Sequence[OpenDocument]) -> dict[Path, list[OpenDocument]]:
    """Return the documents of each file, by its resolved path. Blocking."""
    found: dict[Path, list[OpenDocument]] = {}
    for document in documents:
        found.setdefault(_resolved(document.path), []).append(document)
    return found


def _known(path: Path, group: Sequence[OpenDocument], chosen: Path | None) -> OpenDocument:
    """Return the document that stands for its file: the chosen one, else that of the file's own name, else the first."""
    by_name = {it.path: it for it in group}
    return by_name.get(chosen or path) or by_name.get(path) or group[0]


def _resolved(path: Path) -> Path:
    return Path(os.path.realpath(path))


def is_same(one: Path, other: Path) -> bool:
    """Whether two resolved paths name one file, whatever the case. Blocking where they differ in case alone."""
    if one == other:
        return True
    if str(one).casefold() != str(other).casefold():
        return False
    try:
        return one.samefile(other)
    except OSError:
        return False
