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
from postil.workspace.texts.changes import apart, apply_changes, minimal_changes

Text = str | None
"""A file's text, or None where there is no file."""


@dataclass(frozen=True, slots=True)
class Passage:
    """One change as it is on record; texts by their hashes."""

    path: Path
    before: str | None
    after: str | None
    form: FileForm | None = None
    """Of the file that the change removed, or made anew in another form."""
    moved_from: Path | None = None
    change_id: str = ""
    mode: int | None = None
    """The permission bits that it left; None where they stayed as they were."""
    doubtful: bool = False
    """Whether nobody can tell if it happened."""


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
    """Of the file when it was first removed, or made anew in another form."""
    mode: int | None = None
    """The permission bits that our changes left last; None where they never set them."""
    lost: bool = False
    """Whether another file has got its name, without this one having been moved or removed here."""
    joined: bool = False
    """Whether it is part of another trail."""
    changes: list[str] = field(default_factory=list[str])
    """The ids of what changed it."""
    doubtful: bool = False
    """Whether nobody can tell if one of these happened."""

    @property
    def made(self) -> bool:
        """Whether it was created here."""
        return self.runs[0][0] is None

    @property
    def gone(self) -> bool:
        """Whether it was removed here."""
        return self.runs[-1][1] is None

    def take(self, passage: Passage) -> None:
        """Follow the file through one more change."""
        self.now = passage.path
        self.form = self.form or passage.form
        if passage.mode is not None:
            self.mode = passage.mode
        self.changes.append(passage.change_id)
        self.doubtful |= passage.doubtful
        if self.runs and self.runs[-1][1] == passage.before:
            self.runs[-1] = (self.runs[-1][0], passage.after)
        else:
            self.runs.append((passage.before, passage.after))


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
        trail.take(passage)
        if passage.path in at:
            at.pop(passage.path).lost = True
        if not trail.gone:
            at[passage.path] = trail
    return _joined(found, at)


def _joined(found: list[Trail], at: dict[Path, Trail]) -> list[Trail]:
    """Take a file that was removed, and one that was made under the name it had first, for one and the same."""
    made = {path: trail for path, trail in at.items() if trail.made}
    for trail in found:
        again = made.pop(trail.was, None) if trail.gone and not trail.made else None
        if again is not None:
            (first, _), (_, last) = trail.runs.pop(), again.runs[0]
            trail.runs += [(first, last), *again.runs[1:]]
            trail.now = again.now
            trail.mode = again.mode
            trail.changes += again.changes
            trail.doubtful |= again.doubtful
            again.joined = True
    return [trail for trail in found if not trail.joined]


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


def _without(now: Text, first: Text, last: Text) -> Text | Conflict:
    if now == last:
        return first
    if first in (last, now):
        return now
    if last is None:
        return Conflict("There is a file again.")
    if now is None:
        return Conflict("It is not there any more: deleted or renamed since.")
    if first is None:
        return Conflict("It was created here, and edited since.")
    text = merged(last, now, first)
    return Conflict("The same lines were edited since.") if text is None else text
