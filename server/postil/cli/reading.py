"""A session's journal, read once from its start, and what every command says of how far it could be read."""

from __future__ import annotations

import sys
from collections.abc import Iterator

from postil.cli.finding import Found
from postil.core.events import Recorded
from postil.journal.blobs import Blobs
from postil.journal.layout import BLOBS
from postil.journal.opening import mend_damage
from postil.journal.reader import Reader
from postil.journal.shortened import cut_short, promised
from postil.workspace.files.real_disk import RealDisk


class Reading:
    """Reads a session for a command that prints it."""

    def __init__(self, found: Found) -> None:
        disk = RealDisk()
        self._found = found
        # In this order: another process may be writing both, and the journal must not seem to have been cut.
        self._had = promised(disk, found.folder)
        self._reader = Reader(disk, found.journal, Blobs(disk, found.folder / BLOBS).get)

    def records(self) -> Iterator[Recorded]:
        """Yield the events that can be read. Raises NewerFormat and OSError."""
        return self._reader.records()

    def tell(self) -> bool:
        """Say after what was printed what was forgiven, where reading stopped, and what is gone from the end.

        Returns whether the session is damaged, which is remembered for lists.
        """
        stop, seq = self._reader.stop, self._reader.position.seq
        damage = stop.message if stop is not None and stop.damage else cut_short(seq, self._had)
        sys.stdout.flush()
        for note in self._reader.notes:
            sys.stderr.write(f"postil: {note}\n")
        if stop is not None and not stop.damage:
            sys.stderr.write(f"postil: {stop.message}\n")
        if damage:
            self._found.note_damage(damage)
            sys.stderr.write(f"postil: {damage} {mend_damage(self._found.folder, seq)}\n")
        return bool(damage)
