"""Instructions for the agent: the user's own, and AGENTS.md of the workspace, each with what it imports.

The nearest file wins: that of the root, else of the folders above it in the same repository. CLAUDE.md stands in where a folder
has no AGENTS.md. An import stays within the workspace, and within the user's folder of settings for the user's own file.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from postil.core.effects import text_hash
from postil.core.errors import Ignored, NotFound, ToolError
from postil.core.origin import plain
from postil.core.ports import Workspace
from postil.core.redaction.redact import redact
from postil.core.remembered import INSTRUCTIONS, LeftOut, RememberedFile
from postil.core.revealing import legible
from postil.memory.imports import imports
from postil.workspace.files.paths import is_protected, is_secret

DEPTH = 5
"""How deep imports go."""
MOST = 20
"""Files that one set of instructions comes to at most."""


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

    async def read(self) -> list[Instruction]:
        """Return the files in the order in which they count: the user's, then those of each root. Never raises."""
        found: list[Instruction] = []
        own = await asyncio.to_thread(os.path.realpath, self._own)
        await self._collect(_Chain(Path(own), own=True), _candidates(Path(own)), found)
        for root in self._workspace.roots:
            above = await asyncio.to_thread(_above, root)
            for folder in (root, *above):
                chain = _Chain(root if folder == root else folder, own=False)
                if await self._collect(chain, _candidates(folder), found):
                    break
        return found

    async def _collect(self, chain: _Chain, candidates: Iterator[Path], found: list[Instruction]) -> bool:
        """Add the first of the candidates that is there, with its imports; return whether there was one.

        One that may not be taken has no text and says why, and the next stands in.
        """
        for path in candidates:
            first = await self._file(path, chain)
            if isinstance(first, str) and await asyncio.to_thread(os.path.lexists, path):
                why = [LeftOut(written="", line=1, why=first)]
                found.append(Instruction(path, self._shown(path, chain), "", chain.own, why))
            if isinstance(first, Instruction):
                if first.path not in {it.path for it in found}:
                    found.append(first)
                    await self._follow(first, chain, found, 1)
                return True
        return False

    async def _follow(self, file: Instruction, chain: _Chain, found: list[Instruction], depth: int) -> None:
        for written, line in imports(file.text):
            path = _beside(file.path, written)
            if path in {it.path for it in found}:
                continue
            if depth > DEPTH or len(chain.seen) >= MOST:
                why = f"imports go {DEPTH} files deep and come to {MOST} files at most"
                file.left_out.append(LeftOut(written=written, line=line, why=why))
                continue
            imported = await self._file(path, chain)
            if isinstance(imported, str):
                file.left_out.append(LeftOut(written=written, line=line, why=imported))
            elif imported is not None and imported.path not in {it.path for it in found}:
                found.append(imported)
                await self._follow(imported, chain, found, depth + 1)

    async def _file(self, path: Path, chain: _Chain) -> Instruction | str | None:
        """Return the file; None where there is none, and words that say why where it may not be taken."""
        try:
            resolved = Path(await asyncio.to_thread(os.path.realpath, path))
            if why := self._refused(resolved, chain):
                return why
            view = await self._workspace.read(resolved)
        except NotFound:
            return None
        except Ignored:
            return ".postilignore keeps it from the agent"
        except ToolError as error:
            return error.message.removesuffix(".")
        text = await asyncio.to_thread(lambda: legible(redact(view.text).text))
        chain.seen.add(resolved)
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
