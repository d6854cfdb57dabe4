"""Checks the sums of a journal up to one line, which is much quicker than reading its events.

It is what makes a snapshot as good as its journal: where every sum up to the snapshot's line holds, and every long
text is there, the journal would be read without a word, and to what the snapshot says.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path

from postil.journal import codec
from postil.journal.reader import Position
from postil.workspace.disk import Disk

_END = len('0123456789abcdef0123456789abcdef"}\n')
_TAIL = len(b',"sum":"') + _END


def unbroken(disk: Disk, path: Path, end: Position, blob: Callable[[str], bytes | None]) -> bool:
    """Whether each line up to `end` is as it was written, and what it names by hash is there. Raises OSError.

    False only means that the journal has to be read to say what is wrong: a reader forgives more than this.
    """
    last, offset, sha256 = b"", 0, hashlib.sha256
    with disk.open_read(path) as file:
        while offset < end.offset:
            raw = file.readline(codec.LINE_LIMIT + 1)
            digest = raw[-_END:-3]
            found = sha256(b"%s%s}" % (last, raw[:-_TAIL])).hexdigest()[:32].encode()
            if found != digest or raw[-_TAIL:-_END] != b',"sum":"' or raw[-3:] != b'"}\n':
                return False
            if b'$blob"' in raw and not _blobs_are_there(raw, blob):
                return False
            last, offset = digest, offset + len(raw)
    return (offset, last) == (end.offset, end.sum.encode())


def _blobs_are_there(raw: bytes, blob: Callable[[str], bytes | None]) -> bool:
    return all(blob(key) is not None for key, _ in codec.marks(codec.parse_line(raw).event))
