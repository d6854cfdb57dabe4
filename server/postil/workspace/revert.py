"""Taking changes back: what became of each file, and what its text is without them. Pure.

A file is followed through the names it had. What we changed without anything else coming between is one run, from a
first text to a last; where the person edited in between, a new run begins. Runs are taken back from the last to
the first: where the text is what the run left, it becomes what the run found; where the person has edited
since, our change alone is taken out of it, as long as it can be told apart from theirs.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from postil.core.effects import FileForm
from postil.workspace.changes import TextChange, apply_changes, minimal_changes

Text = str | None
"""A file's text, or None where there is no file."""


@dataclass(frozen=True, slots=True)
class Passage:
    """One change as it is on record; texts by their hashes."""

    path: Path
    before: str | None
    after: str | None
    form: FileForm | None = None
    """Of the file that the change removed."""
    moved_from: Path | None = None


@dataclass(slots=True)
class Trail:
    """What became of one file."""

    was: Path
    """Its name before."""
    now: Path
    """Its name since."""
    runs: list[tuple[str | None, str | None]] = field(default_factory=list[tuple[str | None, str | None]])
    """First and last text of each run, by their hashes; None where there was no file."""
    form: FileForm | None = None
    """Of the file when it was last removed."""


@dataclass(frozen=True, slots=True)
class Conflict:
    """A text that our change cannot be taken out of."""

    why: str


def trails(passages: Iterable[Passage]) -> list[Trail]:
    """Return what became of each file, from changes in the order that they happened."""
    found: list[Trail] = []
    at: dict[Path, Trail] = {}
    for passage in passages:
        source = passage.moved_from or passage.path
        trail = at.pop(source, None)
        if trail is None:
            trail = Trail(source, source)
            found.append(trail)
        trail.now = passage.path
        at[passage.path] = trail
        if passage.form is not None:
            trail.form = passage.form
        if trail.runs and trail.runs[-1][1] == passage.before:
            trail.runs[-1] = (trail.runs[-1][0], passage.after)
        else:
            trail.runs.append((passage.before, passage.after))
    return found


def taken_back(now: Text, runs: Sequence[tuple[Text, Text]]) -> Text | Conflict:
    """Return what the text is without the runs; they hold texts here."""
    for first, last in reversed(runs):
        result = _without(now, first, last)
        if isinstance(result, Conflict):
            return result
        now = result
    return now


def merged(base: str, ours: str, theirs: str) -> str | None:
    """Return `base` with the changes of both sides, None where they touch each other."""
    one, other = minimal_changes(base, ours), minimal_changes(base, theirs)
    if not apart(one, other):
        return None
    return apply_changes(base, sorted((*one, *other)))


def apart(some: Sequence[TextChange], others: Sequence[TextChange]) -> bool:
    """Whether no change of the one touches a change of the other."""
    return all(it.end < other.start or other.end < it.start for it in some for other in others)


def _without(now: Text, first: Text, last: Text) -> Text | Conflict:
    if now == last:
        return first
    if first in (last, now):
        return now
    if last is None:
        return Conflict("There is a file again.")
    if now is None:
        return Conflict("It was deleted since.")
    if first is None:
        return Conflict("It was created here, and edited since.")
    text = merged(last, now, first)
    return Conflict("The same lines were edited since.") if text is None else text
