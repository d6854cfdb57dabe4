"""The texts that files had before and after our edits, each once, so that changes can be taken back.

They are appended to packs of limited size, one sync for all the texts of an edit; each process begins a pack of its
own, so that nothing is written after what a crash may have torn. The oldest pack goes when there is too much: the
whole stays bounded without a list of what is used. The user's own version control is never touched.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from postil.core.effects import text_hash
from postil.workspace.files.disk import Disk, Handle

PACK_BYTES = 32_000_000
"""After so much a new pack is begun."""
TOTAL_BYTES = 256_000_000
"""What all packs of a session may hold, but for the one being written."""

_HEAD = re.compile(rb"([0-9a-f]{64}) (0|[1-9][0-9]{0,11})\n")


@dataclass(frozen=True, slots=True)
class _Place:
    pack: Path
    start: int
    size: int


class Checkpoint:
    """The kept texts of one session. One thread at a time may use it; all methods block and raise OSError."""

    def __init__(
        self, disk: Disk, folder: Path, pack_bytes: int = PACK_BYTES, total_bytes: int = TOTAL_BYTES
    ) -> None:
        self._disk = disk
        self._folder = folder
        self._pack_bytes = pack_bytes
        self._total_bytes = total_bytes
        self._places: dict[Path, dict[str, _Place]] = {}
        """Where texts lie, of each pack that was written or looked through."""
        self._own: set[Path] = set()
        """The packs that this process wrote; what lies in others may be torn, and is written again."""
        self._pack: Path | None = None
        self._handle: Handle | None = None

    def keep(self, texts: Sequence[str]) -> None:
        """Keep the texts under their `text_hash`, durable on return."""
        if not self._missing(texts):
            return
        handle, pack = self._writable()
        missing = self._missing(texts)  # Anew: for another pack the oldest may have gone, and texts in it.
        start, parts = handle.size(), list[bytes]()
        places: dict[str, _Place] = {}
        for key, text in missing.items():
            data = text.encode("utf-8", "surrogatepass")
            head = f"{key} {len(data)}\n".encode("ascii")
            places[key] = _Place(pack, start + len(head), len(data))
            parts += [head, data, b"\n"]
            start += len(head) + len(data) + 1
        try:
            handle.write(b"".join(parts))
            handle.sync()
        except OSError:
            self.close()
            raise
        self._places[pack] |= places

    def text(self, key: str) -> str | None:
        """Return the text of that hash, None where no pack has it whole any more."""
        for pack in reversed(self._packs()):
            place = self._looked_through(pack).get(key)
            if place is not None and (text := self._whole(place, key)) is not None:
                return text
        return None

    def close(self) -> None:
        """Let go of the pack; what is kept next begins another."""
        if self._handle is not None:
            self._handle.close()
        self._handle = self._pack = None

    def _writable(self) -> tuple[Handle, Path]:
        if self._handle is not None and self._handle.size() >= self._pack_bytes:
            self.close()
        if self._handle is None or self._pack is None:
            packs = self._packs()
            self._forget(packs)
            number = int(packs[-1].stem) + 1 if packs else 1
            self._disk.make_dir(self._folder)
            self._pack = self._folder / f"{number:06}.pack"
            self._handle = self._disk.create(self._pack)
            self._own.add(self._pack)
            self._places[self._pack] = {}
        return self._handle, self._pack

    def _forget(self, packs: Sequence[Path]) -> None:
        """Remove the oldest packs until the rest is within bounds."""
        held = 0
        for pack in reversed(packs):
            held += self._disk.size(pack) or 0
            if held > self._total_bytes:
                self._disk.remove(pack)
                self._places.pop(pack, None)
                self._own.discard(pack)

    def _missing(self, texts: Sequence[str]) -> dict[str, str]:
        """Return the texts that no pack of this process holds, by their hashes."""
        held = [self._places[pack] for pack in self._own]
        by_key = {text_hash(text): text for text in texts}
        return {key: text for key, text in by_key.items() if not any(key in places for places in held)}

    def _looked_through(self, pack: Path) -> dict[str, _Place]:
        """Return where the texts of a pack lie; what a crash tore at its end is none.

        Behind a head that is spoilt the next is looked for line by line: what is no head of ours has not the text of its hash.
        """
        if pack in self._places:
            return self._places[pack]
        places = self._places[pack] = {}
        end = self._disk.size(pack) or 0
        with self._disk.open_read(pack) as file:
            while line := file.readline():
                head = _HEAD.fullmatch(line)
                if head is None or file.tell() + int(head[2]) > end:
                    continue
                places.setdefault(head[1].decode("ascii"), _Place(pack, file.tell(), int(head[2])))
                file.seek(int(head[2]) + 1, 1)
        return places

    def _whole(self, place: _Place, key: str) -> str | None:
        """Return the text that lies there; None where it is torn, spoilt or gone."""
        try:
            text = self._disk.read(place.pack, place.start, place.size).decode("utf-8", "surrogatepass")
        except (FileNotFoundError, UnicodeDecodeError):
            return None
        return text if text_hash(text) == key else None

    def _packs(self) -> list[Path]:
        names = sorted(self._disk.list(self._folder))
        return [self._folder / name for name in names if name.endswith(".pack") and name[:-5].isdigit()]
