"""What was spent on a day by all sessions of the user, whichever process has them open: a file of lines beside the journals.

Each line says what one call of the model counts for, under the call's own key; the last line of a key is what holds. A call
is set aside here before it is made and settled after it, so what a killed process had set aside stays counted in full.
The file can be deleted at any time: what was spent comes back from the journals that are there. That a day's limit was raised does not.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ParamSpec, TypeVar, cast

from postil.core.events import Recorded
from postil.core.fold.spending import settled
from postil.core.spending import Allowance, Balance, ModelCalled, Spent, nano
from postil.journal.blobs import Blobs
from postil.journal.codec import BadLine
from postil.journal.layout import BLOBS, JOURNAL, Layout
from postil.journal.log import write_failed
from postil.journal.reader import Reader
from postil.workspace.files.disk import PRIVATE_FILE
from postil.workspace.files.file_lock import alone

P = ParamSpec("P")
T = TypeVar("T")
FOLDER = "spending"
_LOCK = "lock"
_RAISED = "raised"


@dataclass(slots=True)
class _Day:
    """What a day's file says, read as far as it was there when it was last looked at."""

    entries: dict[str, tuple[int, int]] = field(default_factory=dict[str, tuple[int, int]])
    """Tokens and billionths of a dollar, by key."""
    tokens: int = 0
    nano: int = 0
    """The sums of both."""
    raised: Allowance = field(default_factory=Allowance)
    torn: bool = False
    """Whether a killed process left its last line half written."""
    upto: int = 0
    """Bytes of whole lines that were taken in."""
    last: bytes = b""
    """The last of them, by which the file is known again: another may have taken its place."""

    @property
    def spent(self) -> Spent:
        return Spent(tokens=self.tokens, nano=self.nano)

    def read_on(self, data: bytes) -> None:
        """Take in what stands behind the whole lines that are known."""
        *lines, rest = data.split(b"\n")
        for line in (*lines, rest):
            self._take(line)
        self.torn = bool(rest)
        if lines:
            self.upto += len(data) - len(rest)
            self.last = lines[-1] + b"\n"

    def _take(self, line: bytes) -> None:
        """Take in a line; one that was torn off says nothing, and what it would have changed stays as it was."""
        try:
            data = cast("dict[str, Any]", json.loads(line))
            if data["key"] == _RAISED:
                self.raised = self.raised.raised(Allowance.model_validate(data["to"]))
                return
            key, tokens, amount = str(data["key"]), int(data["tokens"]), int(data["nano"])
        except (ValueError, KeyError, TypeError, OverflowError, RecursionError):
            return
        before = self.entries.get(key, (0, 0))
        self.entries[key] = tokens, amount
        self.tokens += tokens - before[0]
        self.nano += amount - before[1]


class DayLedger:
    """The spending of each day, shared by every process of the user. Raises WriteFailed where it cannot be kept."""

    def __init__(self, layout: Layout, clock: Callable[[], float]) -> None:
        self._layout = layout
        self._folder = layout.state / FOLDER
        self._clock = clock
        self._day = _Day()
        """The day that was last looked at, and which it is; looked at under the lock alone."""
        self._known = ""

    def today(self) -> str:
        """Return the day it is here, as in 2026-11-22."""
        return day_of(self._clock())

    async def balance(self, day: str, most: Allowance) -> Balance:
        """Return where the day's limit stands."""
        return await _kept(self._balance, day, most)

    def last_balance(self, day: str, most: Allowance) -> Balance | None:
        """Return where the day's limit stood when this process last looked; None where it has not looked yet."""
        if self._known != day:
            return None
        found = self._day
        return Balance(scope="day", spent=found.spent, most=_in_force(most, found.raised))

    async def reserve(
        self, day: str, key: str, worst: Spent, most: Allowance, *, priced: bool
    ) -> Balance | None:
        """Set aside what a call may use. Return where the limit stood before; None where it has less than that left.

        Nobody comes in between.
        """
        return await _kept(self._reserve, day, key, worst, most, priced)

    async def settle(self, day: str, key: str, used: Spent) -> None:
        """Put what was used in the place of what was set aside under the key."""
        await _kept(self._settle, day, key, used)

    async def raise_to(self, day: str, most: Allowance) -> None:
        """Keep that a person raised the day's limit, for every session."""
        await _kept(self._raise, day, most)

    def _balance(self, day: str, most: Allowance) -> Balance:
        with self._alone():
            found = self._look(day)
        return Balance(scope="day", spent=found.spent, most=_in_force(most, found.raised))

    def _reserve(self, day: str, key: str, worst: Spent, most: Allowance, priced: bool) -> Balance | None:
        with self._alone():
            found = self._look(day)
            most = _in_force(most, found.raised)
            before = found.entries.get(key, (0, 0))
            if most.tokens is not None and found.tokens - before[0] + worst.tokens > most.tokens:
                return None
            if priced and most.cost is not None and found.nano - before[1] + worst.nano > nano(most.cost):
                return None
            balance = Balance(scope="day", spent=found.spent, most=most)
            self._append(day, found, _line(key, worst))
        return balance

    def _settle(self, day: str, key: str, used: Spent) -> None:
        with self._alone():
            found = self._look(day)
            if found.entries.get(key, (0, 0)) != (used.tokens, used.nano):
                self._append(day, found, _line(key, used))

    def _raise(self, day: str, most: Allowance) -> None:
        with self._alone():
            found = self._look(day)
            if found.raised.raised(most) != found.raised:
                self._append(day, found, _json({"key": _RAISED, "to": most.model_dump()}))

    def _alone(self) -> AbstractContextManager[None]:
        self._layout.disk.make_dir(self._folder)
        return alone(self._folder / _LOCK)

    def _look(self, day: str) -> _Day:
        """Return what the day's file says; a file that is missing is made from the journals."""
        path, disk, known = self._path(day), self._layout.disk, self._day
        try:
            if day == self._known and known.upto:
                data = disk.read(path, known.upto - len(known.last))
                if data.startswith(known.last):
                    known.read_on(data[len(known.last) :])
                    return known
            data = disk.read(path)
        except FileNotFoundError:
            data = b"".join(self._from_journals(day))
            disk.replace(path, data, PRIVATE_FILE)
        self._day, self._known = _Day(), day
        self._day.read_on(data)
        return self._day

    def _append(self, day: str, found: _Day, line: bytes) -> None:
        handle = self._layout.disk.open_append(self._path(day))
        try:
            handle.write(b"\n" + line if found.torn else line)
        finally:
            handle.close()

    def _path(self, day: str) -> Path:
        return self._folder / f"{day}.jsonl"

    def _from_journals(self, day: str) -> Iterator[bytes]:
        disk = self._layout.disk
        for folder, _ in self._layout.sessions():
            path = folder / JOURNAL
            try:
                recent = day_of(path.stat().st_mtime) >= day
            except OSError:
                continue
            if recent:
                records = Reader(disk, path, Blobs(disk, folder / BLOBS).get).records()
                yield from (_line(key, used) for key, used in of_session(folder.name, records, day).items())


async def _kept(work: Callable[P, T], *given: P.args, **named: P.kwargs) -> T:
    try:
        return await asyncio.to_thread(work, *given, **named)
    except OSError as error:
        raise write_failed(error, "What is spent today cannot be kept") from error


def of_session(session_id: str, records: Iterator[Recorded], day: str) -> dict[str, Spent]:
    """Return what each call of a session on a day counts for, by its key, from its journal. Raises nothing for damage."""
    entries: dict[str, Spent] = {}
    last: tuple[ModelCalled, str] | None = None
    try:
        for record in records:
            if isinstance(record.event, ModelCalled):
                last = record.event, key_of(session_id, record.event.number)
                if record.event.day == day:
                    entries[last[1]] = record.event.projection.worst
            elif last is not None and (used := settled(last[0], record.event)) is not None:
                if last[0].day == day:
                    entries[last[1]] = used
                last = None
    except (OSError, BadLine):
        pass
    return entries


def key_of(session_id: str, number: int) -> str:
    """Return the key of a session's call of the model."""
    return f"{session_id}/{number}"


def day_of(at: float) -> str:
    """Return the day of a time, here."""
    return time.strftime("%Y-%m-%d", time.localtime(at))


def _in_force(most: Allowance, raised: Allowance) -> Allowance:
    both = most.raised(raised)
    return Allowance(
        tokens=None if most.tokens is None else both.tokens, cost=None if most.cost is None else both.cost
    )


def _line(key: str, spent: Spent) -> bytes:
    return _json({"key": key, "tokens": spent.tokens, "nano": spent.nano})


def _json(data: dict[str, Any]) -> bytes:
    return json.dumps(data, separators=(",", ":")).encode() + b"\n"
