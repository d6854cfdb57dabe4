"""Checks a journal up to one line without reading its events, and remembers what it has checked.

It is what makes a snapshot as good as its journal: where every sum up to the snapshot's line holds, and every long
text is there, the journal would be read without a word, and to what the snapshot says. Going through the lines is
much quicker than reading them; what was gone through once is kept as hashes of pieces of the file, `seal.json`,
and held against those from then on, which is quicker still. Deleting that file changes nothing but time.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import astuple, dataclass
from pathlib import Path
from typing import BinaryIO

from postil.journal import codec
from postil.journal.reader import Position
from postil.workspace.files.disk import PRIVATE_FILE, Disk

SEAL = "seal.json"
PIECE = 1 << 18
"""Bytes of a piece, at least; what comes after the last one is gone through line by line, a millisecond or two."""
_CHUNK = 1 << 16
_END = len('0123456789abcdef0123456789abcdef"}\n')
_TAIL = len(b',"sum":"') + _END
_CHECK = b'{"check":"'
_PIECES = b'",\n"pieces":'


@dataclass(frozen=True, slots=True)
class Piece:
    """Whole lines of a journal, each of which was found to hold."""

    end: int
    """Bytes from the start of the file; it begins where the one before it ends."""
    sum: str
    """Of its last line."""
    sha256: str
    blobs: tuple[str, ...]
    """The keys of the long texts that its lines name."""


_NOTHING = Piece(0, "", "", ())


class Seal:
    """What is known to hold of one journal. All methods block."""

    def __init__(self, disk: Disk, path: Path, journal: Path) -> None:
        self._disk = disk
        self._path = path
        self._journal = journal
        self._known: tuple[Piece, ...] | None = None

    @property
    def pieces(self) -> tuple[Piece, ...]:
        """What was checked, from the start of the journal."""
        if self._known is None:
            self._known = self._read()
        return self._known

    def unbroken(self, end: Position, blob: Callable[[str], bytes | None]) -> bool:
        """Whether each line up to `end` is as it was written, and what it names by hash is there. Raises OSError.

        False only means that the journal has to be read to say what is wrong: a reader forgives more than this.
        """
        with self._disk.open_read(self._journal) as file:
            last = _NOTHING
            for piece in self.pieces:
                if piece.end > end.offset:
                    break
                if _digest(file, piece.end - last.end) != piece.sha256 or not _all_there(piece.blobs, blob):
                    return False
                last = piece
            offset, digest = last.end, last.sum
            for raw, digest in _lines(file, last, end.offset):  # noqa: B007 (the last one's is wanted)
                offset += len(raw)
                if codec.must_unpack(raw) and not _all_there(_names(raw), blob):
                    return False
        return (offset, digest) == (end.offset, end.sum)

    def extend(self, end: int) -> None:
        """Go through the lines up to the byte `end`, where there are enough for another piece, and remember them."""
        known = self.pieces
        with suppress(OSError):
            if end - (known[-1].end if known else 0) >= PIECE and (more := self._go_on(end)):
                self._known = (*known, *more)
                self._write()

    def forget(self) -> None:
        """Begin anew: the journal is not what it was."""
        self._known = ()

    def _go_on(self, end: int) -> list[Piece]:
        more: list[Piece] = []
        begun = self.pieces[-1] if self.pieces else _NOTHING
        with self._disk.open_read(self._journal) as file:
            file.seek(begun.end)
            offset, hashed, blobs = begun.end, hashlib.sha256(), list[str]()
            for raw, digest in _lines(file, begun, end):
                offset += len(raw)
                hashed.update(raw)
                if codec.must_unpack(raw):
                    blobs += _names(raw)
                if offset - begun.end >= PIECE:
                    begun = Piece(offset, digest, hashed.hexdigest(), tuple(blobs))
                    more.append(begun)
                    hashed, blobs = hashlib.sha256(), []
        return more

    def _read(self) -> tuple[Piece, ...]:
        try:
            head, _, body = self._disk.read(self._path).partition(_PIECES)
            if head != _CHECK + hashlib.sha256(body).hexdigest().encode():
                return ()
            return tuple(
                Piece(end, digest, sha256, tuple(blobs))
                for end, digest, sha256, blobs in json.loads(body.removesuffix(b"}\n"))
            )
        except (OSError, ValueError, TypeError):
            return ()

    def _write(self) -> None:
        body = json.dumps([astuple(piece) for piece in self.pieces], separators=(",", ":")).encode() + b"}\n"
        check = hashlib.sha256(body).hexdigest().encode()
        self._disk.replace(self._path, b"%s%s%s%s" % (_CHECK, check, _PIECES, body), PRIVATE_FILE)


def _digest(file: BinaryIO, size: int) -> str:
    hashed = hashlib.sha256()
    while size > 0 and (chunk := file.read(min(size, _CHUNK))):
        hashed.update(chunk)
        size -= len(chunk)
    return hashed.hexdigest()


def _lines(file: BinaryIO, start: Piece, end: int) -> Iterator[tuple[bytes, str]]:
    """Yield the lines from a piece's end up to a byte, each with its sum, as long as they hold."""
    offset, last, sha256 = start.end, start.sum.encode(), hashlib.sha256
    while offset < end:
        raw = file.readline(codec.LINE_LIMIT + 1)
        digest = raw[-_END:-3]
        found = sha256(b"%s%s}" % (last, raw[:-_TAIL])).hexdigest()[:32]
        if found.encode() != digest or raw[-_TAIL:-_END] != b',"sum":"' or raw[-3:] != b'"}\n':
            return
        last, offset = digest, offset + len(raw)
        yield raw, found


def _names(raw: bytes) -> list[str]:
    return [key for key, _ in codec.marks(codec.parse_line(raw).event)]


def _all_there(keys: tuple[str, ...] | list[str], blob: Callable[[str], bytes | None]) -> bool:
    return all(blob(key) is not None for key in keys)
