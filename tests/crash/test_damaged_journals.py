"""Journals as crashes, editors and other tools leave them: each opens with the right message, or is left as it is."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from postil.core.events import Durable, SessionCreated, UnknownEvent
from postil.journal.codec import LINE_LIMIT
from postil.journal.layout import JOURNAL
from postil.journal.store import SessionStore
from tests.support.asking import Desk, desk, run
from tests.support.golden import SESSIONS

Lines = Sequence[bytes]
EVENTS = (*SESSIONS["simple"],)
LAST = len(EVENTS)
LONG = b'{"at":1,"x":"' + b"x" * LINE_LIMIT + b'"}\n'
NEWER = b'{"event":{"type":"SessionCreated","journal_format":2,"postil":"9.0"},"check":"other"}\n'
FUTURE = UnknownEvent(raw={"type": "FromTheFuture", "v": 1, "what": [1, {"x": None}]})
END = "The journal ends in {size:,} bytes that were never finished, after event {last}: "
DAMAGE = "Event 4 of this session cannot be read, at byte {at:,} of its journal: "
LEFT_ALONE = (
    "Nothing was changed on disk; `postil sessions salvage s1` makes a new session of what came before."
)


@dataclass(frozen=True, slots=True)
class Case:
    """What was done to a journal, and what a person is told of it."""

    spoil: Callable[[Lines], bytes]
    told: str = ""
    """By `sessions show`; empty where there is nothing to tell. {at} is where the first bad line starts."""
    opens: bool = True
    torn: bool = False
    """Whether its end is cut aside."""
    events: Sequence[Durable | UnknownEvent] = EVENTS


CORPUS = {
    "an end of zeros": Case(
        lambda it: b"".join(it) + bytes(4096), END + "it is filled with zeros.", torn=True
    ),
    "a line cut off": Case(lambda it: b"".join(it[:-1]) + it[-1][:40], END + "it is not whole.", torn=True),
    "no newline at the end": Case(lambda it: b"".join(it)[:-1]),
    "a doubled line": Case(
        lambda it: b"".join([*it[:4], it[3], *it[4:]]), "Event 4 stands twice; the second was passed over."
    ),
    "a part of a line and then the whole": Case(
        lambda it: b"".join([*it[:3], it[3][:40], *it[3:]]),
        "A part of event 4 stands before it and was passed over.",
    ),
    "CRLF": Case(lambda it: b"".join(it).replace(b"\n", b"\r\n")),
    "a byte order mark": Case(lambda it: b"\xef\xbb\xbf" + b"".join(it)),
    "64 MiB in a line at the end": Case(
        lambda it: b"".join(it) + LONG, END + "it is longer than 64 MiB.", torn=True
    ),
    "64 MiB in a line in the middle": Case(
        lambda it: b"".join([*it[:3], LONG, *it[4:]]),
        DAMAGE + "it is longer than 64 MiB; 3 lines from there on look whole.",
        opens=False,
    ),
    "invalid UTF-8": Case(
        lambda it: b"".join([*it[:3], it[3].replace(b"default", b"def\xff\xfe"), *it[4:]]),
        DAMAGE + "it is not valid UTF-8; 3 lines from there on look whole.",
        opens=False,
    ),
    "a gap": Case(
        lambda it: b"".join([*it[:3], *it[4:]]),
        DAMAGE + "the number goes from 3 to 5, 4 is missing; 3 lines from there on look whole.",
        opens=False,
    ),
    "a repeat": Case(
        lambda it: b"".join([*it, it[1]]), END + "the number 2 comes again after {last}.", torn=True
    ),
    "an event of a later version": Case(
        b"".join,
        f"Event {LAST}: an event of the unknown type 'FromTheFuture' is kept as it is.",
        events=(*EVENTS[:-1], FUTURE),
    ),
    "a later format": Case(
        lambda it: NEWER + b"".join(it[1:]),
        "This session was written by Postil 9.0 in journal format 2; this version reads up to format 1. "
        "Update Postil to open it.",
        opens=False,
    ),
}


async def kept(place: Desk, case: Case) -> Path:
    """Write the session as it was before, then spoil its journal; return where that is."""
    store = SessionStore(place.state)
    journal = await store.create(place.workspace, "s1")
    for event in case.events:
        if isinstance(event, SessionCreated):
            event = event.model_copy(update={"session_id": "s1", "roots": (str(place.workspace),)})
        await journal.append(event, sync=True)  # pyright: ignore[reportArgumentType] - a later version's too
    await journal.close()
    path = await store.folder("s1") / JOURNAL
    path.write_bytes(case.spoil(path.read_bytes().splitlines(keepends=True)))
    return path


@pytest.mark.parametrize("name", CORPUS)
async def test_a_damaged_journal_opens_with_the_right_message(tmp_path: Path, name: str) -> None:
    case = CORPUS[name]
    async with desk(tmp_path, ["Gone on."]) as place:
        path = await kept(place, case)
        before = path.read_bytes()
        whole = before.removeprefix(b"\xef\xbb\xbf").splitlines(keepends=True)
        last = LAST - 1 if name == "a line cut off" else LAST
        at = sum(map(len, whole[: last if case.torn else 3]))
        told = case.told.format(size=len(before) - at, last=last, at=at)
        shown = await run("sessions", "show", "s1", cwd=place.workspace, env=place.environment)
        mend = "" if case.opens or name == "a later format" else f" {LEFT_ALONE}"
        assert shown.err.splitlines() == ([f"postil: {told}{mend}"] if told else [])
        assert shown.status == (0 if case.opens else 1)
        assert ("What does this project do?" in shown.out) == (name != "a later format")
        resumed = await run("sessions", "resume", "s1", cwd=place.workspace, env=place.environment)
        if not case.opens:
            assert resumed.status == 1
            assert resumed.err == f"postil: {told}{mend}\n"
            assert path.read_bytes() == before, "what cannot be read is left as it is"
            assert sorted(it.name for it in path.parent.glob("*torn*")) == []
            return
        assert resumed.status == 0, resumed.err
        assert "Gone on." in resumed.out
        assert (f"{len(before) - at:,} bytes" in resumed.out and "are cut aside" in resumed.out) == case.torn
        record = await place.record("s1")
        assert record.stop is None
        events = [it.event for it in record.events]
        assert events[1:last] == list(case.events[1:last]), "nothing that was whole is lost"
        if case.torn:
            assert (path.parent / "journal.torn-1").read_bytes() == before[at:], "what is cut aside is kept"
