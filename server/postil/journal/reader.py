"""Reads a journal line by line, holds each against the chain, and says exactly where it stops being readable.

A line that cannot be read is forgiven where the next good line proves, by its `seq` and `sum`, that nothing is
missing (a doubled or half-repeated line). Otherwise reading stops there, and what follows decides what it was:
a line that says the missing one was durable, or a whole line whose content was changed, means *damage*;
everything else is the *torn* end of a write that was never acknowledged.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, NamedTuple

from pydantic_core import from_json

from postil.core.errors import NewerFormat
from postil.core.events import Recorded
from postil.journal import codec
from postil.journal.codec import BadLine, Line
from postil.journal.entries import next_entry
from postil.journal.upcast import decode_event
from postil.workspace.files.disk import Disk

_BOM = b"\xef\xbb\xbf"
_BLANK = b" \t\r\n"
_LINE_START = b'{"at":'
_NOTES_LIMIT = 50


class Position(NamedTuple):
    """A place between two lines: what the next line follows on, and where in the file it starts."""

    seq: int = 0
    sum: str = ""
    offset: int = 0
    """Bytes from the start of the file."""


@dataclass(frozen=True, slots=True)
class Stop:
    """Where reading ended before the end of the file."""

    offset: int
    """Of the first byte that could not be read."""
    size: int
    """Bytes from there to the end of the file."""
    seq: int
    """The number that the line there should have."""
    reason: str
    damage: bool
    """Whether events are missing that were promised; else only an unfinished write is."""
    whole: int = 0
    """Lines from there on that look whole."""

    @property
    def message(self) -> str:
        """One sentence for a person."""
        if self.damage:
            whole = "1 line" if self.whole == 1 else f"{self.whole:,} lines"
            return (
                f"Event {self.seq} of this session cannot be read, at byte {self.offset:,} of its journal: "
                f"{self.reason}; {whole} from there on look{'s' * (self.whole == 1)} whole."
            )
        return (
            f"The journal ends in {self.size:,} bytes that were never finished, after event {self.seq - 1}: "
            f"{self.reason}."
        )


class Reader:
    """One pass over a journal from a known position. Iterate `records`, then ask how it ended."""

    def __init__(
        self,
        disk: Disk,
        path: Path,
        blob: Callable[[str], bytes | None],
        start: Position | None = None,
    ) -> None:
        self._disk = disk
        self._path = path
        self._blob = blob
        self._junk: _Junk | None = None
        self.position = start or Position()
        """After the last good line."""
        self.durable = self.position.seq
        """The highest number that a good line says was durable."""
        self.stop: Stop | None = None
        """Where and why reading ended early; known once `records` is exhausted."""
        self.unterminated = False
        """Whether the last good line lacks its newline."""
        self.notes: list[str] = []
        """What was forgiven, one sentence each."""

    def records(self) -> Iterator[Recorded]:
        """Yield the events up to the end or to where reading stops. Raises NewerFormat and OSError."""
        end = self.position.offset
        with self._disk.open_read(self._path) as file:
            file.seek(end)
            for raw, length in _lines(file):
                start, end = end, end + length
                text = raw.removeprefix(_BOM).strip(_BLANK) if start == 0 else raw.strip(_BLANK)
                if length > codec.LINE_LIMIT:
                    self._remember(None, start, "it is longer than 64 MiB")
                    continue
                if not text:
                    if self._junk is None:
                        self.position = self.position._replace(offset=end)
                    continue
                if start == 0:
                    _check_format(text)
                last = self.position
                if self._junk is None and (entry := next_entry(text, last.seq + 1, last.sum)):
                    self.position = Position(entry.seq, entry.sum, end)
                    self.durable = max(self.durable, entry.durable)
                    self.unterminated = not raw.endswith(b"\n")
                    yield Recorded(entry.seq, entry.at, entry.event)
                elif found := self._follow(text, start, end):
                    line, text = found
                    self.position = Position(line.seq, line.sum, end)
                    self.unterminated = not raw.endswith(b"\n")
                    yield self._record(line, text)
        if self._junk is not None:
            self.stop = self._junk.stop(end)

    def _follow(self, raw: bytes, start: int, end: int) -> tuple[Line, bytes] | None:
        """Return the line with its own bytes where it is the next one; else remember what it is instead."""
        text, line, reason = raw, None, ""
        try:
            line = codec.parse_line(text)
        except BadLine as bad:
            reason = str(bad)
            line, text = self._after_partial(raw)
        if line is not None:
            reason = self._objection(line, text)
            if not reason:
                self._forgive(line, start)
                return line, text
            if (line.seq, line.sum) == (self.position.seq, self.position.sum) and self._junk is None:
                self._note(f"Event {line.seq} stands twice; the second was passed over.")
                self.position = self.position._replace(offset=end)
                return None
        self._remember(line, start, reason)
        return None

    def _remember(self, line: Line | None, start: int, reason: str) -> None:
        expected = self.position.seq + 1
        if self._junk is None:
            tampered = line is not None and line.seq == expected
            self._junk = _Junk(start, expected, reason, tampered)
        if line is not None:
            self._junk.whole += 1
            self._junk.claimed = max(self._junk.claimed, line.durable)

    def _note(self, sentence: str) -> None:
        if len(self.notes) < _NOTES_LIMIT:
            self.notes.append(sentence)

    def _objection(self, line: Line, text: bytes) -> str:
        """Return why the line is not the next one; nothing where it is."""
        last, expected = self.position.seq, self.position.seq + 1
        if line.seq > expected:
            missing = f"{expected}" if line.seq == expected + 1 else f"{expected} to {line.seq - 1}"
            return f"the number goes from {last} to {line.seq}, {missing} is missing"
        if line.seq < expected:
            return f"the number {line.seq} comes again after {last}"
        return "" if codec.holds(text, line, self.position.sum) else "its sum does not fit what it says"

    def _after_partial(self, text: bytes) -> tuple[Line | None, bytes]:
        """Look for the next line behind a part of one: a short write that was written again."""
        start = text.rfind(_LINE_START)
        if start > 0:
            try:
                line = codec.parse_line(text[start:])
            except BadLine:
                return None, text
            if line.seq == self.position.seq + 1 and codec.holds(text[start:], line, self.position.sum):
                self._note(f"A part of event {line.seq} stands before it and was passed over.")
                return line, text[start:]
        return None, text

    def _forgive(self, line: Line, offset: int) -> None:
        if self._junk is not None:
            size = offset - self._junk.offset
            self._note(f"{size:,} bytes before event {line.seq} were passed over; nothing is missing.")
            self._junk = None

    def _record(self, line: Line, text: bytes) -> Recorded:
        self.durable = max(self.durable, line.durable)
        data = codec.unpack(line.event, self._get) if codec.must_unpack(text) else line.event
        event, note = decode_event(data)
        if note:
            self._note(f"Event {line.seq}: {note}.")
        return Recorded(line.seq, line.at, event)

    def _get(self, key: str) -> bytes | None:
        try:
            data = self._blob(key)
        except OSError:
            data = None
        if data is None:
            self._note(f"Event {self.position.seq}: a long text is missing (blob {key[:12]}…).")
        return data


@dataclass(slots=True)
class _Junk:
    """Bytes that are not the next line, until what follows says what they are."""

    offset: int
    seq: int
    reason: str
    tampered: bool
    whole: int = 0
    claimed: int = 0
    """The highest number that lines from here on say was durable."""

    def stop(self, end: int) -> Stop:
        damage = self.tampered or self.claimed >= self.seq
        return Stop(self.offset, end - self.offset, self.seq, self.reason, damage, self.whole)


def _lines(file: BinaryIO) -> Iterator[tuple[bytes, int]]:
    """Yield each line's bytes and its length in the file; of one over the limit, only the start."""
    while raw := file.readline(codec.LINE_LIMIT + 1):
        length = len(raw)
        if length > codec.LINE_LIMIT:
            rest = raw
            while rest and not rest.endswith(b"\n"):
                rest = file.readline(1 << 20)
                length += len(rest)
            raw = raw[:64]
        yield raw, length


def _check_format(first: bytes) -> None:
    """Raise NewerFormat where the first line says so, whatever else a later format may have changed."""
    try:
        data = from_json(first)
    except ValueError:
        return
    match data:
        case {"event": {"journal_format": int(number), **rest}} if number > codec.JOURNAL_FORMAT:
            raise NewerFormat(
                f"This session was written by Postil {rest.get('postil', '?')} in journal format {number}; "
                f"this version reads up to format {codec.JOURNAL_FORMAT}.",
                "Update Postil to open it.",
            )
        case _:
            pass
