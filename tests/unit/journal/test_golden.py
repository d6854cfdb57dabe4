"""The golden files are what the code says, fold to what they say, and hold every kind of event."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from postil.core import fold as core_fold
from postil.core.event_codec import decode_any, encode
from postil.core.events import Recorded, durable_types, ephemeral_types
from postil.core.fold import apply, fold
from postil.core.state import State
from postil.journal.snapshot import freeze
from tests.support.golden import EPHEMERAL, FOLDER, SESSIONS, dump, event_lines, read_events
from tests.support.journals import Ticking, read_journal, write_journal

UPDATE = bool(os.environ.get("UPDATE_GOLDEN"))


def agree(path: Path, text: str) -> None:
    if UPDATE:
        path.write_text(text, "ascii")
    assert path.read_text("ascii") == text, (
        f"{path.name} is not what the code says: see tests/golden/README.md"
    )


@pytest.mark.parametrize("name", SESSIONS)
def test_the_files_are_what_the_code_says(name: str) -> None:
    agree(FOLDER / f"{name}.events.jsonl", event_lines(SESSIONS[name]))
    state = fold(read_events(FOLDER / f"{name}.events.jsonl"))
    text = json.dumps(state.model_dump(mode="json"), ensure_ascii=True, indent=1, sort_keys=True)
    agree(FOLDER / f"{name}.state.json", text + "\n")


@pytest.mark.parametrize("name", SESSIONS)
def test_a_state_comes_back_from_its_file(name: str) -> None:
    state = State.model_validate_json((FOLDER / f"{name}.state.json").read_bytes())
    assert state == fold(read_events(FOLDER / f"{name}.events.jsonl"))


def test_ephemeral_events() -> None:
    path = FOLDER / "ephemeral.events.jsonl"
    agree(path, "".join(dump({"after": 4, "event": encode(event)}) + "\n" for event in EPHEMERAL))
    read = [decode_any(json.loads(line)["event"]) for line in path.read_text("ascii").splitlines()]
    assert read == EPHEMERAL


def test_every_event_is_there() -> None:
    assert {type(event) for events in SESSIONS.values() for event in events} == set(durable_types)
    assert {type(event) for event in EPHEMERAL} == set(ephemeral_types)


def test_every_durable_event_is_folded_or_said_not_to_be() -> None:
    handled = set(core_fold._handlers)
    assert handled | core_fold.unfolded == set(durable_types)
    assert not handled & core_fold.unfolded


def test_there_is_nothing_else() -> None:
    expected = {f"{name}.{kind}" for name in SESSIONS for kind in ("events.jsonl", "state.json")}
    expected |= {"README.md", "ephemeral.events.jsonl", "format-1.journal.jsonl"}
    assert {path.name for path in FOLDER.iterdir()} == expected


def test_the_first_format_is_read_for_good(tmp_path: Path) -> None:
    path = FOLDER / "format-1.journal.jsonl"
    write_journal(tmp_path / "again", SESSIONS["edit_and_shell"])
    first = (tmp_path / "again").read_bytes()
    if UPDATE:
        path.write_bytes(first)
    records, reader = read_journal(path)
    assert (reader.stop, reader.notes) == (None, [])
    assert [record.event for record in records] == SESSIONS["edit_and_shell"]
    assert first == path.read_bytes(), "what is written now is that format too"


@pytest.mark.parametrize("name", SESSIONS)
def test_a_frozen_state_stays_as_it_was(name: str) -> None:
    records = list(read_events(FOLDER / f"{name}.events.jsonl"))
    for cut in range(len(records)):
        state = fold(records[:cut])
        before = state.model_dump()
        frozen = freeze(state)
        for record in records[cut:]:
            apply(state, record)
        assert frozen.model_dump() == before, f"event {cut + 1} changed what was frozen before it"


def test_replay_from_any_point_is_the_same() -> None:
    clock = Ticking()
    for events in SESSIONS.values():
        records = [Recorded(seq, clock(), event) for seq, event in enumerate(events, 1)]
        whole = fold(records)
        for cut in range(len(records)):
            half = State.model_validate_json(fold(records[:cut]).model_dump_json())
            assert fold(records[cut:], half) == whole
