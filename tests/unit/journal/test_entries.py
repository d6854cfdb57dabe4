"""The quick way to read a line gives what the slow one gives, and leaves to it whatever is not the next whole line."""

from __future__ import annotations

import json

import pytest

from postil.core.event import Event
from postil.core.event_codec import encode
from postil.journal import codec, entries
from postil.journal.entries import next_entry
from postil.journal.upcast import decode_event
from tests.support.golden import SESSIONS
from tests.support.journals import created, prompt

EVENTS = [event for events in SESSIONS.values() for event in events]


def line(event: Event, seq: int = 1, previous: str = "") -> bytes:
    return codec.encode_line(seq, 5.0, 0, encode(event), previous)[0].strip()


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: event.type)
def test_both_ways_give_the_same_event(event: Event) -> None:
    raw = line(event, 7, "a" * 32)
    entry, slow = next_entry(raw, 7, "a" * 32), codec.parse_line(raw)
    assert entry is not None
    assert (entry.event, None) == decode_event(slow.event)
    assert type(entry.event) is type(event)
    assert (entry.seq, entry.at, entry.durable, entry.sum) == (slow.seq, slow.at, slow.durable, slow.sum)


def test_what_is_not_the_next_whole_line_is_looked_at() -> None:
    raw = line(prompt())
    assert next_entry(raw, 1, "")
    assert next_entry(raw, 2, "") is None, "another number"
    assert next_entry(raw, 1, "a" * 32) is None, "on another line"
    assert next_entry(raw.replace(b"Mend", b"Bend"), 1, "") is None, "another content"
    assert next_entry(raw.replace(b":", b": "), 1, "") is None, "other spaces"
    assert next_entry(raw[:-9], 1, "") is None, "a part"
    assert next_entry(line(prompt(text="\ud800")), 1, "") is None, "half a character"


@pytest.mark.parametrize(
    "change",
    [
        {"type": "NewKind"},
        {"v": 2},
        {"v": 0},
        {"more": 1},
        {"text": {"$blob": "0" * 64, "size": 9}},
        {"text": 5},
    ],
)
def test_what_this_version_does_not_know_is_looked_at(change: dict[str, object]) -> None:
    data = encode(prompt()) | change
    raw = codec.encode_line(1, 5.0, 0, data, "")[0].strip()
    assert codec.holds(raw, codec.parse_line(raw), "")
    assert next_entry(raw, 1, "") is None


@pytest.mark.parametrize("field", ["seq", "at", "durable", "sum"])
def test_a_field_of_another_type_is_looked_at(field: str) -> None:
    data = json.loads(line(created())) | {field: True}
    assert next_entry(json.dumps(data).encode(), 1, "") is None


def test_an_old_shape_that_fits_the_new_one_is_raised_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    versions = {variant: number + 1 for variant, number in entries.versions.items()}
    monkeypatch.setattr(entries, "versions", versions)
    assert next_entry(line(prompt()), 1, "") is None
