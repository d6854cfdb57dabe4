"""What the workspace needs of the face: its open documents."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Protocol


@dataclass(frozen=True, slots=True)
class OpenDocument:
    """A document that is open in the editor."""

    path: Path
    text: str
    version: int


@dataclass(frozen=True, slots=True)
class Replacement:
    """A change to an open document: whole text to whole text; the face makes it minimal."""

    path: Path
    before: str
    after: str
    label: str
    change_id: str
    follows_typing: bool = False
    """Whether it may be made beside what was typed since, where the two do not touch."""


@dataclass(frozen=True, slots=True)
class Problem:
    """What another server of the editor finds wrong with a document; the line counts from 1."""

    line: int
    severity: Literal["error", "warning"]
    message: str
    source: str = ""
    """Who says so, and under which code."""


@dataclass(frozen=True, slots=True)
class SymbolPlace:
    """A line of a file, counted from 1."""

    path: Path
    line: int


@dataclass(frozen=True, slots=True)
class SymbolQuery:
    """Where a name stands, and whether it is asked where that symbol is used or where it is defined."""

    name: str
    at: SymbolPlace
    uses: bool


class Editor(Protocol):
    """The face's view of open documents; a face without an editor has none open."""

    @property
    def can_save(self) -> bool:
        """Whether the editor offers to save documents."""
        ...

    @property
    def tells_open(self) -> bool:
        """Whether its documents are those that the person has open; else they are those that it was asked about."""
        ...

    async def learn(self, paths: Sequence[Path] | None) -> None:
        """Find out what it has of these files, or of those that it knows, where it does not tell of itself. Raises ToolError."""
        ...

    def document(self, path: Path) -> OpenDocument | None:
        """Return the open document at `path`."""
        ...

    def documents(self) -> Sequence[OpenDocument]:
        """Return all open documents."""
        ...

    def changed(self) -> Awaitable[None]:
        """Return what is done at the next change, save or closing of a document after this call."""
        ...

    def watch(self, shown: Callable[[OpenDocument], None]) -> None:
        """Call `shown` on the loop with each document that is opened or saved from now on, as it is then."""
        ...

    async def replace(self, change: Replacement) -> None:
        """Apply the change through the editor, verified by its text. Raises StaleDocument, EditRefused.

        One that follows typing is in when the text has both: it is as if the typing had come after it.
        """
        ...

    async def save(self, path: Path) -> bool:
        """Save the document through the editor; False where the editor does not offer it or it failed."""
        ...

    async def diagnostics(self, path: Path, version: int) -> Sequence[Problem] | None:
        """Return what is wrong with this version of the document, by line; None where that is not known in time."""
        ...

    async def symbols(self, query: SymbolQuery) -> Sequence[SymbolPlace] | None:
        """Return where other servers say that a symbol is used or defined; None where that is not known in time."""
        ...
