"""A session as one file: its journal's own lines, and every blob that they name on a line before them.

The first line says what it is of. A line `{"blob": "<sha256>", "text": "…"}`, or `"base64"` where the bytes are
no text, holds what lies under that hash. Lines `{"appendix": "…"}` come last, where there are any: what a salvaged
session has beside its journal, which nothing proves. All other lines are the journal's, byte for byte, so their sums can be
checked as they stand.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, cast

from postil import __version__
from postil.journal import codec
from postil.journal.audit import Blob, Report
from postil.journal.codec import BadLine, Line

EXPORT_FORMAT = 1


@dataclass(slots=True)
class Exported:
    """What an exported file holds."""

    session_id: str
    seq: int
    """Of the last event that was exported."""
    sum: str
    """Of that event."""
    lines: list[bytes] = field(default_factory=list[bytes])
    blobs: dict[str, bytes] = field(default_factory=dict[str, bytes])


def export(lines: Iterable[bytes], blob: Blob, session_id: str, report: Report) -> Iterator[bytes]:
    """Yield the file's lines: as much of the journal as its chain holds, which `report` says."""
    head = {"export": EXPORT_FORMAT, "postil": __version__, "session": session_id, "events": report.seq}
    yield _line({**head, "sum": report.sum})
    given: set[str] = set()
    for number, raw in enumerate(lines, 1):
        if number > report.seq:
            return
        for key in _keys(codec.parse_line(raw)):
            data = None if key in given else blob(key)
            given.add(key)
            if data is not None:
                yield _line({"blob": key, **_content(data)})
        yield raw


def read_export(lines: Iterable[bytes]) -> Exported:
    """Return what the file holds; its lines are not judged. Raises BadLine where it is no such file."""
    found: Exported | None = None
    for raw in lines:
        if found is None:
            found = _head(raw)
        elif raw.startswith(b'{"appendix":'):
            continue  # Kept beside the journal, and proven by nothing.
        elif raw.startswith(b'{"blob":'):
            data = _object(raw)
            found.blobs[str(data.get("blob"))] = _bytes(data)
        else:
            found.lines.append(raw)
    if found is None:
        raise BadLine("it is empty")
    return found


def _keys(line: Line) -> Iterator[str]:
    """Yield what a line names by hash: long texts, and the new texts of edits."""
    for key, _ in codec.marks(line.event):
        yield key
    edits = line.event.get("edits")
    for edit in cast("list[Any]", edits) if isinstance(edits, list) else ():
        match edit:
            case {"after": str(key)}:
                yield key
            case _:
                pass


def _content(data: bytes) -> dict[str, str]:
    try:
        return {"text": data.decode()}
    except UnicodeDecodeError:
        return {"base64": base64.b64encode(data).decode()}


def _bytes(data: dict[str, Any]) -> bytes:
    match data:
        case {"text": str(text)}:
            return text.encode("utf-8", "surrogatepass")
        case {"base64": str(text)}:
            try:
                return base64.b64decode(text, validate=True)
            except binascii.Error as error:
                raise BadLine("a blob in it is no base64") from error
        case _:
            raise BadLine("a blob in it has no content")


def _head(raw: bytes) -> Exported:
    match _object(raw):
        case {"export": int(number)} if number > EXPORT_FORMAT:
            raise BadLine(f"it is an export of format {number}, later than this version reads")
        case {"export": int(), "session": str(session_id), "events": int(seq), "sum": str(digest)}:
            return Exported(session_id, seq, digest)
        case _:
            raise BadLine("it is no exported session")


def _object(raw: bytes) -> dict[str, Any]:
    try:
        data = json.loads(raw)
    except (ValueError, RecursionError) as error:
        raise BadLine("it is no exported session") from error
    return cast("dict[str, Any]", data) if isinstance(data, dict) else {}


def _line(data: dict[str, Any]) -> bytes:
    # Not sorted: what a line is stands first in it.
    return json.dumps(data, separators=(",", ":")).encode("ascii") + b"\n"
