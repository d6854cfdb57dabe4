"""What the agent needs of memory: where notes lie, and what earlier sessions and notes say."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from postil.core.errors import InvalidInput
from postil.core.origin import Source


@dataclass(frozen=True, slots=True)
class Recollection:
    """Something that a search of memory found."""

    id: str
    title: str
    excerpt: str
    """Of what fits best, in one line."""
    piece: int
    """Which piece of it that is, from 1."""
    sources: tuple[Source, ...]
    """Where its words come from."""


@dataclass(frozen=True, slots=True)
class Recalled:
    """A part of what is remembered under one id."""

    title: str
    text: str
    piece: int
    """The first piece in the text, from 1."""
    last: int
    """The last one."""
    pieces: int
    sources: tuple[Source, ...]


@dataclass(frozen=True, slots=True)
class EarlierSession:
    """A session of the workspace that memory has."""

    id: str
    title: str


@dataclass(frozen=True, slots=True)
class Search:
    """What a search found, and what a person or a model should know of how."""

    found: Sequence[Recollection]
    note: str = ""


class Memory(Protocol):
    """What is remembered of one workspace. Secrets are out of everything that it returns."""

    @property
    def private(self) -> Path:
        """The folder of the user's private notes, resolved; it need not exist."""
        ...

    def note(self, note_id: str) -> Path | None:
        """Return the file of a note by its id, whether or not it is there; None for an id that is no note's."""
        ...

    async def search(self, queries: Sequence[str], most: int) -> Search:
        """Return what one to four wordings of a question find, best first. Raises PostilError."""
        ...

    async def sessions(self) -> Sequence[EarlierSession]:
        """Return the sessions that can be loaded, the last used first. Raises PostilError."""
        ...

    async def load(self, session_id: str, piece: int) -> Recalled | None:
        """Return a finished session from a piece on, as far as a result has room; None where there is none."""
        ...


class NoMemory:
    """Of whoever has no memory: nothing is remembered and nothing found."""

    @property
    def private(self) -> Path:
        """Raise InvalidInput."""
        raise InvalidInput("Nothing is remembered here.", "Go on without it.")

    def note(self, note_id: str) -> Path | None:
        """There are no notes."""
        del note_id

    async def search(self, queries: Sequence[str], most: int) -> Search:
        """Find nothing."""
        del queries, most
        return Search(())

    async def load(self, session_id: str, piece: int) -> Recalled | None:
        """There are no sessions."""
        del session_id, piece

    async def sessions(self) -> Sequence[EarlierSession]:
        """There are no sessions."""
        return ()
