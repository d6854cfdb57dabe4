"""Where a session stands, from a snapshot's header and the lines after it: for lists, without replaying it all."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from postil.core.errors import NewerFormat
from postil.core.event_codec import encode
from postil.core.titles import title_of
from postil.journal import codec
from postil.journal.codec import BadLine, Line
from postil.journal.layout import JOURNAL
from postil.journal.reader import Position, Reader
from postil.journal.snapshot import Header
from postil.workspace.files.disk import Disk

PIECE = 262_144
"""Bytes at the end of a journal that are looked at where there are more of them since its snapshot."""
_START = 65_536
"""Bytes at the start of a journal in which its first prompt is looked for."""
_END = 64
"""Bytes at the end of a line that hold its sum."""
_BACK = ("RewindStarted", "Rewound")
"""Events of a turn that is over."""


class Ending:
    """What a session has open, and what a list tells of it; fed with one line after another."""

    def __init__(self, header: Header | None = None, *, cut: bool = False) -> None:
        self.title = header.title if header else ""
        self.created_at = header.created_at if header else 0.0
        self.updated_at = header.updated_at if header else 0.0
        self.seq = header.seq if header else 0
        self.prompts = header.turns if header else 0
        self.closed = header is not None and header.closed
        self.ended = header.ended if header else ""
        """How the last turn ended, as its `TurnEnded` says; nothing where it was taken back."""
        self.parent = header.parent if header else ""
        """Of a sub-agent's session, the one that it works for."""
        self.turns = set(header.open_turns) if header else set[str]()
        """Turns that have not ended."""
        self.questions: dict[str, tuple[str | None, str | None]] = {}
        """Questions that wait, by id, with their turn and call."""
        for key, turn, call in header.questions if header else ():
            self.questions[key] = (turn, call)
        self.cut = cut
        """Whether lines between the header and the first one that was taken were left out."""
        self.problem = ""
        self.newer = False

    def take(self, line: Line) -> None:
        """Go on by one event."""
        event, kind = line.event, line.event.get("type")
        self.seq, self.updated_at = line.seq, line.at
        self.closed = kind == "SessionClosed"
        turn, call = event.get("turn_id"), event.get("call_id")
        if kind == "SessionCreated":
            self.created_at = line.at
            self.parent = _parent(event)
            self._check_format(event)
        elif kind == "PromptReceived":
            self.prompts += 1
            self.title = self.title or title_of(event)
        elif kind == "SessionRenamed":
            self.title = str(event.get("title"))
        elif kind == "Rewound" and turn is not None:
            self.ended = ""
        if kind == "TurnEnded":
            self.ended = str(event.get("reason"))
            self.turns.discard(str(turn))
            self.questions = {key: of for key, of in self.questions.items() if of[0] != turn}
        elif turn is not None and (kind == "PromptReceived" or (self.cut and kind not in _BACK)):
            self.turns.add(str(turn))
        if kind in ("PermissionAsked", "QuestionAsked"):
            self.questions[_question_id(event)] = (turn, call)
        elif kind in ("PermissionDecided", "QuestionAnswered"):
            self.questions.pop(str(event.get("question_id")), None)
        elif kind == "JournalRepaired" and event.get("lost") is not None:
            self.questions = {}  # They may have been answered since.
        elif kind == "CallFinished":
            self.questions = {key: of for key, of in self.questions.items() if of != (turn, call)}

    def _check_format(self, event: dict[str, Any]) -> None:
        number = event.get("journal_format", 1)
        if isinstance(number, int) and number > codec.JOURNAL_FORMAT:
            self.newer = True
            self.problem = f"written by Postil {event.get('postil', '?')}, later than this one"


def look(disk: Disk, folder: Path, size: int, header: Header | None) -> Ending:
    """Return where the session stands. Raises OSError."""
    path = folder / JOURNAL
    if header is not None and not stands(disk, path, header):
        header = None
    start, piece = header.position if header else Position(), PIECE
    while size - start.offset > piece:
        ending = Ending(header, cut=True)
        if header is None:
            _open(ending, disk.read(path, 0, _START))
        if _follow(ending, disk.read(path, size - piece, piece), None):
            break
        piece *= (
            8  # There is only a part of one line in it, or something that is to be looked at from the start.
        )
    else:
        ending = Ending(header)
        if not _follow(ending, disk.read(path, start.offset), start):
            _confirm(ending, Reader(disk, path, lambda _: b"", start))
    if not ending.seq and not ending.problem:
        ending.problem = "no line of it can be read"
    return ending


def stands(disk: Disk, path: Path, header: Header) -> bool:
    """Whether the journal has the header's line where it says."""
    return header.sum.encode() in disk.read(path, max(0, header.end - _END), _END)


def _open(ending: Ending, raw: bytes) -> None:
    """Take from the first lines of a long journal what is only there."""
    first = Ending()
    for line in _parsed(raw.splitlines()):
        first.take(line)
        if first.title:
            break
    ending.title, ending.created_at = first.title, first.created_at
    ending.parent = first.parent
    ending.newer, ending.problem = first.newer, first.problem


def _follow(ending: Ending, raw: bytes, last: Position | None) -> bool:
    """Take the lines that follow from each other; return whether all but an unfinished last one do.

    Without `last`, the first line that can be read is believed: what comes before it is only a piece.
    """
    seq, digest, bad = (last.seq, last.sum, False) if last else (None, "", False)
    for text in raw.splitlines():
        try:
            line = codec.parse_line(text)
        except BadLine:
            bad = seq is not None
            continue
        follows = seq is None or (line.seq == seq + 1 and codec.holds(text, line, digest))
        if bad or not follows:
            return False
        ending.take(line)
        seq, digest = line.seq, line.sum
    return seq is not None


def _confirm(ending: Ending, reader: Reader) -> None:
    """Have the journal's own reader say whether something is missing, and nothing be missed that it forgives."""
    try:
        for record in reader.records():
            if record.seq > ending.seq:
                ending.take(Line(record.seq, record.at, 0, encode(record.event), ""))
    except NewerFormat as error:
        ending.newer, ending.problem = True, error.message
    if reader.stop is not None and reader.stop.damage:
        ending.problem = reader.stop.message


def _parsed(lines: Iterable[bytes]) -> Iterable[Line]:
    for raw in lines:
        try:
            yield codec.parse_line(raw)
        except BadLine:
            continue


def _parent(event: dict[str, Any]) -> str:
    match event.get("parent"):
        case {"session_id": str(name)}:
            return name
        case _:
            return ""


def _question_id(event: dict[str, Any]) -> str:
    match event.get("question"):
        case {"id": str(name)}:
            return name
        case _:
            return ""
