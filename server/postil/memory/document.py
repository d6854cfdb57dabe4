"""What the index holds and what a search hands back, as plain values."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Document:
    """Something that is found as one: a note, a session, a file."""

    id: str
    """What a search returns; one document of an index has it."""
    chunks: tuple[str, ...]
    """Its text in pieces of a page or less, which are matched one by one."""
    name: str = ""
    """What it is called: a title or a path, whose words count for more than others. The id, where it is empty."""
    mark: str = ""
    """Says which state of the original this is, so that the caller can tell what has to be indexed again."""


@dataclass(frozen=True, slots=True)
class Hit:
    """A document that was found."""

    id: str
    score: float
    """Comparable within the hits of one search only; more is better."""
    chunk: int
    """The piece that matched best, from 0."""
