"""Instructions for the agent: the user's own, and AGENTS.md of the workspace, each with what it imports.

The nearest file wins: that of the root, else of the folders above it in the same repository. CLAUDE.md stands in where a folder
has no AGENTS.md. An import stays within the workspace, and within the user's folder of settings for the user's own file.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

from postil.core.effects import text_hash
from postil.core.errors import Ignored, NotFound, ToolError
from postil.core.origin import plain
from postil.core.ports import Views, Workspace
from postil.core.redaction.redact import redact
from postil.core.remembered import INSTRUCTIONS, LeftOut, RememberedFile
from postil.core.revealing import legible
from postil.memory.imports import imports
from postil.workspace.files.paths import is_protected, is_secret

DEPTH = 5
"""How deep imports go."""
MOST = 20
"""Files that one set of instructions comes to at most."""
TRIED = 200
"""Names in one set of instructions that are taken for imports, most of them of no file: `@types/node`, `@someone`."""


@dataclass(slots=True)
class Instruction:
    """One file of instructions, secrets taken out."""

    path: Path
    shown: str
    text: str
    own: bool
    left_out: list[LeftOut] = field(default_factory=list[LeftOut])
    """Imports that were not followed; or the file itself, where it may not be taken."""

    @property
    def unread(self) -> str:
        """Why the file itself is not in; empty where it is."""
        return next((it.why for it in self.left_out if not it.written), "")


class Instructions:
    """Finds and reads the instructions of one workspace."""

    def __init__(
        self, workspace: Workspace, own: Path, keeps_back: Callable[[Path], bool] = lambda _: False
    ) -> None:
        """`own` is the folder of the user's settings; `keeps_back` says which files rules keep from the agent."""
        self._workspace = workspace
        self._own = own
        self._keeps_back = keeps_back
        self._wanted: Sequence[Path] = ()
        """What was read the last time."""

    async def read(self) -> list[Instruction]:
        """Return the files in the order in which they count: the user's, then those of each root. Never raises.

        What is found decides what else is read; what is to be read at one time is read together, and what was wanted
        the last time is read first.
        """
        wanted = self._wanted
        while True:
            asked = wanted
            found, wanted = await self._workspace.read_each(asked, self._arrange)
            if set(wanted) <= set(asked):
                self._wanted = wanted
                return found

    def _arrange(self, views: Views) -> tuple[list[Instruction], list[Path]]:
        """Return what follows from the files that were read, and which ones have to be read to know. Blocking."""
        search = _Search(self._workspace, self._keeps_back, views)
        own = Path(os.path.realpath(self._own))
        search.collect(_Chain(own, own=True), _candidates(own))
        for root in self._workspace.roots:
            for folder in (root, *_above(root)):
                if search.collect(_Chain(folder, own=False), _candidates(folder)):
                    break
        return search.found, list(search.wanted)


class _Search:
    """Puts instructions in order from the files that were read, and notes which it asked for. Blocking."""

    def __init__(
        self,
        workspace: Workspace,
        keeps_back: Callable[[Path], bool],
        views: Views,
    ) -> None:
        self._workspace = workspace
        self._keeps_back = keeps_back
        self._views = views
        self.found: list[Instruction] = []
        self.wanted: dict[Path, None] = {}

    def collect(self, chain: _Chain, candidates: Iterator[Path]) -> bool:
        """Add the first of the candidates that is there, with its imports; return whether it is known that none is needed above.

        One that may not be taken has no text and says why, and the next stands in.
        """
        before = self._unread()
        for path in candidates:
            first = self._file(path, chain)
            if isinstance(first, str) and os.path.lexists(path):
                why = [LeftOut(written="", line=1, why=first)]
                self.found.append(Instruction(path, self._shown(path, chain), "", chain.own, why))
            if isinstance(first, Instruction):
                if first.path not in {it.path for it in self.found}:
                    self.found.append(first)
                    self._follow(first, chain, 1)
                return True
        return self._unread() > before

    def _unread(self) -> int:
        return sum(it not in self._views for it in self.wanted)

    def _follow(self, file: Instruction, chain: _Chain, depth: int) -> None:
        for written, line in _imports(file.text):
            path = _beside(file.path, written)
            if path in {it.path for it in self.found}:
                continue
            if depth > DEPTH or len(chain.seen) >= MOST:
                why = f"imports go {DEPTH} files deep and come to {MOST} files at most"
                file.left_out.append(LeftOut(written=written, line=line, why=why))
                continue
            if chain.tried >= TRIED:
                why = f"only the first {TRIED} names that could be files are looked at"
                file.left_out.append(LeftOut(written=written, line=line, why=why))
                return
            if len(chain.seen) + self._unread() >= MOST:
                return  # Whether there is room for more is known when these were read.
            chain.tried += 1
            imported = self._file(path, chain)
            if isinstance(imported, str):
                file.left_out.append(LeftOut(written=written, line=line, why=imported))
            elif imported is not None and imported.path not in {it.path for it in self.found}:
                self.found.append(imported)
                self._follow(imported, chain, depth + 1)

    def _file(self, path: Path, chain: _Chain) -> Instruction | str | None:
        """Return the file; None where there is none or it was not read yet, and words that say why where it may not be taken."""
        resolved = Path(os.path.realpath(path))
        try:
            if why := self._refused(resolved, chain):
                return why
        except ToolError as error:
            return error.message.removesuffix(".")
        self.wanted[resolved] = None
        match self._views.get(resolved):
            case None:
                return None
            case NotFound():
                return None
            case Ignored():
                return ".postilignore keeps it from the agent"
            case ToolError() as error:
                return error.message.removesuffix(".")
            case view:
                chain.seen.add(resolved)
                text = _tellable(view.text)
                return Instruction(resolved, self._shown(resolved, chain), text, chain.own)

    def _refused(self, path: Path, chain: _Chain) -> str:
        if chain.own:
            return (
                "" if path.is_relative_to(chain.folder) else "it lies outside the folder of your own settings"
            )
        root = next((it for it in self._workspace.roots if path.is_relative_to(it)), None)
        if root is None and (path.parent != chain.folder or path.name not in INSTRUCTIONS):
            return "it lies outside the workspace"
        relative = path.relative_to(root or chain.folder)
        if is_secret(relative):
            return "it is known to hold secrets"
        if is_protected(relative):
            return "it is protected"
        return "a rule keeps it from the agent" if self._keeps_back(path) else ""

    def _shown(self, path: Path, chain: _Chain) -> str:
        return path.relative_to(chain.folder).as_posix() if chain.own else self._workspace.display(path)


@lru_cache(MOST)
def _tellable(text: str) -> str:
    """Return a file's text as the model is told of it; kept, for the same is asked for before every request."""
    return legible(redact(text).text)


@lru_cache(MOST)
def _imports(text: str) -> tuple[tuple[str, int], ...]:
    return tuple(imports(text))


def changed(before: Sequence[RememberedFile], now: Sequence[Instruction]) -> Iterator[str]:
    """Yield what became of instructions since a session began with them, a line each."""
    known = {it.path: it for it in before}
    for each in now:
        was = known.pop(str(each.path), None)
        if was is None:
            yield f"{plain(each.shown)}: new"
        elif was.hash and was.hash != text_hash(each.text):
            yield f"{plain(each.shown)}: changed"
    yield from (f"{plain(Path(it).name)}: removed, or no longer imported" for it in known)


@dataclass(slots=True)
class _Chain:
    """What one file of instructions and its imports have in common."""

    folder: Path
    own: bool
    seen: set[Path] = field(default_factory=set[Path])
    tried: int = 0
    """Imports that were looked for."""


def _candidates(folder: Path) -> Iterator[Path]:
    return (folder / name for name in INSTRUCTIONS)


def _beside(file: Path, written: str) -> Path:
    return Path(written).expanduser() if written.startswith("~") else file.parent / written


def _above(root: Path) -> list[Path]:
    """Return the folders above a root up to the top of its repository, nearest first; none where it is in none of the user's.

    Whoever can write beside a folder of the user's has no say in it.
    """
    folders: list[Path] = []
    folder = root
    while not (folder / ".git").exists():
        if folder.parent == folder or not _is_ours(folder.parent):
            return []
        folder = folder.parent
        folders.append(folder)
    return folders


def _is_ours(folder: Path) -> bool:
    return not hasattr(os, "getuid") or folder.stat().st_uid == os.getuid()
