"""Checks a journal line by line, byte by byte: the chain of sums, the numbers, the blobs, and how events follow.

Stricter than reading: what opening a session forgives (a doubled line, another tool's spaces) is a fault here.
Nothing is mended and nothing is written.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from postil.core.events import CallStarted, Durable, UnknownEvent, durable_types
from postil.journal import codec
from postil.journal.codec import BadLine, Line
from postil.journal.invariants import Structure
from postil.journal.reader import Position
from postil.journal.upcast import decode_event

Blob = Callable[[str], bytes | None]
"""Returns what lies under a key, whether or not it is what the key says; None where nothing does."""

_known = {variant.__name__: variant.model_fields["v"].default for variant in durable_types}


@dataclass(frozen=True, slots=True)
class Fault:
    """Something that is not as Postil wrote it."""

    line: int
    """Of the file, from 1; one more than there are where the end is missing; 0 for what lies beside the file."""
    what: str
    """One sentence without its full stop, for `line 7: …`."""

    @property
    def sentence(self) -> str:
        """Where it is and what it is."""
        return f"Line {self.line}: {self.what}." if self.line else f"{self.what}."


@dataclass(frozen=True, slots=True)
class Outside:
    """What else is known of a journal, to hold it against."""

    session_id: str | None = None
    heads: Mapping[str, tuple[int, str]] = field(default_factory=dict[str, tuple[int, str]])
    """The number and sum of an event, by the name of the file that says so."""
    kept: str = ""
    """A sum that somebody kept elsewhere; it has to be the sum of one of the events."""
    growing: bool = False
    """Whether a process writes it: its last line may be unfinished, and the rest is judged."""


@dataclass(slots=True)
class Report:
    """What the check found."""

    seq: int = 0
    """Of the last event that the chain holds."""
    sum: str = ""
    """Of that event, the head: whoever keeps it elsewhere can show later that nothing before it was changed."""
    unread: int = 0
    """Lines after the one where the chain broke; what is in them was not judged."""
    kept_seq: int = 0
    """The event whose sum was kept."""
    closed: bool = False
    """Whether the last event closed the session."""
    faults: list[Fault] = field(default_factory=list[Fault])
    """The first bad line first."""
    notes: list[str] = field(default_factory=list[str])
    """What could not be judged."""

    @property
    def whole(self) -> bool:
        """Whether nothing is wrong."""
        return not self.faults


def verify(lines: Iterable[bytes], blob: Blob, outside: Outside = Outside()) -> Report:
    """Check the lines of a journal, each with its newline. Never raises for what is in them."""
    check = _Check(blob, outside)
    for number, raw in enumerate(lines, 1):
        if check.broken:
            check.report.unread += 1
        else:
            check.line(number, raw)
    check.end()
    check.report.faults.sort(key=lambda it: it.line)
    return check.report


class _Check:
    def __init__(self, blob: Blob, outside: Outside) -> None:
        self.report = Report()
        self.broken = False
        self._blob = blob
        self._outside = outside
        self._last = Position()
        self._durable = 0
        self._number = 0
        self._blobs: dict[str, int | None] = {}
        self._structure = Structure(outside.session_id)

    def line(self, number: int, raw: bytes) -> None:
        """Judge one line; after one that breaks the chain, no other can be judged."""
        self._number = number
        if not raw.endswith(b"\n") and self._outside.growing:
            return
        try:
            line = codec.parse_line(raw) if raw.strip() else None
        except BadLine as bad:
            self._break(f"{bad}; {_unfinished(raw)}" if not raw.endswith(b"\n") else str(bad))
            return
        if objection := "it is empty" if line is None else self._objection(raw, line):
            self._break(objection)
        elif line is not None:
            self._accept(raw, line)

    def end(self) -> None:
        """Judge what only the whole tells."""
        report, after = self.report, self._number + 1
        report.seq, report.sum = self._last.seq, self._last.sum
        if not self._number:
            self._fault(1, "the journal is empty")
        for name, (seq, _) in self._outside.heads.items():
            if seq > report.seq and not self.broken:
                self._fault(
                    after, f"the end is missing: {name} is of event {seq}, and the last is {report.seq}"
                )
        if self._outside.kept and not report.kept_seq:
            what = "no event has the sum that was kept: the end was cut off, or all was written anew"
            self._fault(self._number if self.broken else after, what)

    def _objection(self, raw: bytes, line: Line) -> str:
        last, expected = self._last, self._last.seq + 1
        if line.seq != expected:
            return f"its number is {line.seq}, and {expected} was to come"
        if not codec.intact(raw.removesuffix(b"\n"), line.sum, last.sum):
            if codec.holds(raw.strip(), line, last.sum):
                return "something wrote it anew: its values fit its sum, its bytes do not"
            return "its sum does not fit what it says and what came before"
        return "" if raw.endswith(b"\n") else _unfinished(raw)

    def _accept(self, raw: bytes, line: Line) -> None:
        self._last = Position(line.seq, line.sum)
        if not self._durable <= line.durable < line.seq:
            self._fault(self._number, f"it says that event {line.durable} was safe, which cannot be")
        self._durable = max(self._durable, line.durable)
        for name, (seq, digest) in self._outside.heads.items():
            if seq == line.seq and digest != line.sum:
                self._fault(self._number, f"{name} was made when this event had another sum")
        if self._outside.kept == line.sum:
            self.report.kept_seq = line.seq
        try:
            data = line.event
            if codec.must_unpack(raw):
                self._check_blobs(data)
                data = codec.unpack(data, self._text)
            event, _ = decode_event(data)
        except (ValueError, RecursionError):
            self._fault(self._number, "its event cannot be read")
        else:
            self._check_event(event)

    def _check_event(self, event: Durable | UnknownEvent) -> None:
        self.report.closed = getattr(event, "type", "") == "SessionClosed"
        if isinstance(event, UnknownEvent):
            self._unknown(event.raw)
            return
        self._check_after_texts(event)
        for what in self._structure.take(event):
            self._fault(self._number, what)

    def _unknown(self, raw: dict[str, Any]) -> None:
        name, version = raw.get("type"), raw.get("v", 1)
        if isinstance(name, str) and name in _known and isinstance(version, int) and version <= _known[name]:
            self._fault(self._number, f"it is no {name}: its fields are others")
        else:
            self.report.notes.append(
                f"Line {self._number} holds an event that this version does not know: {name!r}."
            )

    def _check_blobs(self, event: dict[str, Any]) -> None:
        for key, size in codec.marks(event):
            found = self._size(key)
            if found is None:
                missing = self._blob(key) is None
                self._fault(
                    self._number,
                    f"the text that it keeps in blob {key[:12]}… {'is missing' if missing else 'was changed'}",
                )
            elif found != size:
                self._fault(self._number, f"the text in blob {key[:12]}… has {found:,} bytes, not {size:,}")

    def _check_after_texts(self, event: Durable) -> None:
        """Texts of edits may be gone, but not be others."""
        for edit in event.edits if isinstance(event, CallStarted) else ():
            if (
                edit.after is not None
                and self._size(edit.after) is None
                and self._blob(edit.after) is not None
            ):
                self._fault(
                    self._number, f"the new text of {edit.path} in blob {edit.after[:12]}… was changed"
                )

    def _size(self, key: str) -> int | None:
        """Return the bytes in a blob that is what its key says."""
        if key not in self._blobs:
            data = self._blob(key)
            good = data is not None and hashlib.sha256(data).hexdigest() == key
            self._blobs[key] = len(data) if data is not None and good else None
        return self._blobs[key]

    def _text(self, key: str) -> bytes | None:
        return self._blob(key) if self._size(key) is not None else None

    def _break(self, what: str) -> None:
        self.broken = True
        self._fault(self._number, what)

    def _fault(self, line: int, what: str) -> None:
        self.report.faults.append(Fault(line, what))


def _unfinished(raw: bytes) -> str:
    return f"it was never finished, or cut off: {len(raw):,} bytes without the end of a line"
