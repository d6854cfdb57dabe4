"""Whatever is changed in a journal, the check finds it and names its line."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import pytest

from postil.core import events as ev
from postil.core.events import FileChanged
from postil.journal import codec
from postil.journal.audit import Outside
from tests.support.golden import SESSIONS
from tests.support.golden_parts import prompt
from tests.support.kept_journal import SESSION, Kept, first

HEX = set("0123456789abcdef")


@pytest.fixture
def kept(tmp_path: Path) -> Kept:
    return Kept(tmp_path)


def leaves(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Yield the way to every value in a line, to every member that could be taken out too."""
    if isinstance(value, dict):
        for key, item in cast("dict[str, Any]", value).items():
            yield from leaves(item, (*path, key))
    elif isinstance(value, list):
        for index, item in enumerate(cast("list[Any]", value)):
            yield from leaves(item, (*path, index))
    yield path


def changed(value: Any) -> Any:
    """Return another value of the same kind, as like it as can be."""
    if isinstance(value, bool) or value is None:
        return not value
    if isinstance(value, int | float):
        return value + 1
    if isinstance(value, str):
        if len(value) == 32 and set(value) <= HEX:
            return ("0" if value[0] != "0" else "1") + value[1:]
        return value[:-1] + chr(ord(value[-1]) ^ 1) if value else "x"
    return [*cast("list[Any]", value), 1] if isinstance(value, list) else {**value, "more": 1}


def alter(data: Any, path: tuple[Any, ...], *, drop: bool) -> Any:
    data = copy.deepcopy(data)
    if not path:
        return changed(data)
    place = data
    for step in path[:-1]:
        place = place[step]
    if drop:
        del place[path[-1]]
    else:
        place[path[-1]] = changed(place[path[-1]])
    return data


def test_what_postil_writes_is_whole(kept: Kept) -> None:
    report = kept.check()
    assert (report.faults, report.notes) == ([], [])
    assert (report.seq, report.closed) == (len(SESSION), True)
    assert report.sum == json.loads(kept.lines[-1])["sum"]


@pytest.mark.parametrize("name", SESSIONS)
def test_every_golden_session_is_whole(tmp_path: Path, name: str) -> None:
    assert Kept(tmp_path, SESSIONS[name]).check().faults == []


def test_every_value_of_every_line_is_under_the_chain(kept: Kept) -> None:
    tried = 0
    for number, raw in enumerate(kept.lines, 1):
        data = json.loads(raw)
        for path in leaves(data):
            for drop in (False, True) if path else (False,):
                lines = list(kept.lines)
                lines[number - 1] = codec.canonical(alter(data, path, drop=drop)) + b"\n"
                assert first(kept.check(lines)) == number, (number, path, drop)
                tried += 1
    assert tried > 600


def test_every_byte_of_every_line_is_under_the_chain(kept: Kept) -> None:
    for number, raw in enumerate(kept.lines[:8], 1):
        for place in range(len(raw)):
            lines = list(kept.lines)
            lines[number - 1] = raw[:place] + bytes([raw[place] ^ 1]) + raw[place + 1 :]
            joined = b"".join(lines).splitlines(keepends=True)
            assert first(kept.check(joined)) == number, (number, place)


def test_lines_deleted_doubled_moved_inserted_and_cut(kept: Kept) -> None:
    lines = kept.lines
    for index in range(len(lines)):
        number = index + 1
        rest = [*lines[:index], *lines[index + 1 :]]
        if number < len(lines):
            assert first(kept.check(rest)) == number, "deleted"
            swapped = [*lines[:index], lines[index + 1], lines[index], *lines[index + 2 :]]
            assert first(kept.check(swapped)) == number, "moved"
        assert first(kept.check([*lines[:number], lines[index], *lines[number:]])) == number + 1, "doubled"
        assert first(kept.check([*lines[:index], b"\n", *lines[index:]])) == number, "an empty line"
        assert first(kept.check([*lines[:index], b"{}\n", *lines[index:]])) == number, "another line"
        for cut in (1, len(lines[index]) // 2, len(lines[index]) - 1):
            report = kept.check([*lines[:index], lines[index][:cut]])
            assert first(report) == number, "cut"
            assert "never finished, or cut off" in report.faults[0].what
        assert kept.check([*lines[:index], lines[index][:-1]], Outside(growing=True)).whole


def test_a_missing_end_shows_beside_a_head_that_was_kept(kept: Kept) -> None:
    head = json.loads(kept.lines[-1])["sum"]
    middle = json.loads(kept.lines[9])["sum"]
    assert kept.check(outside=Outside(kept=middle)).kept_seq == 10
    for end in range(1, len(kept.lines)):
        assert kept.check(kept.lines[:end]).whole, "nothing in a journal says where it was to end"
        report = kept.check(kept.lines[:end], Outside(kept=head))
        assert first(report) == end + 1
        assert "sum that was kept" in report.faults[0].what
        report = kept.check(kept.lines[:end], Outside(heads={"workflow.json": (len(kept.lines), head)}))
        assert (first(report), "the end is missing" in report.faults[0].what) == (end + 1, True)
    assert first(kept.check([])) == 1


def test_a_journal_that_was_written_anew_shows_beside_what_was_kept(kept: Kept, tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    forged = Kept(tmp_path / "other", [*SESSION[:2], prompt("t0001", "Another prompt."), *SESSION[3:]])
    assert forged.check().whole, "a new chain holds in itself"
    old = json.loads(kept.lines[5])["sum"]
    assert not forged.check(outside=Outside(kept=old)).whole
    assert first(forged.check(outside=Outside(heads={"workflow.json": (6, old)}))) == 6


def test_values_in_other_bytes_are_named_as_such(kept: Kept) -> None:
    lines = [*kept.lines[:3], json.dumps(json.loads(kept.lines[3])).encode() + b"\n", *kept.lines[4:]]
    report = kept.check(lines)
    assert (first(report), report.unread) == (4, len(lines) - 4)
    assert report.faults[0].what == "something wrote it anew: its values fit its sum, its bytes do not"
    assert report.seq == 3


def test_blobs_are_held_against_their_names(kept: Kept) -> None:
    (blob,) = (kept.folder / "blobs").iterdir()
    number = len(SESSION) - 1
    data = blob.read_bytes()
    blob.write_bytes(data[:-1] + b"!")
    report = kept.check()
    assert first(report) == number
    assert report.faults[0].what.endswith("was changed")
    assert report.seq == len(SESSION), "the chain itself holds"
    blob.unlink()
    assert kept.check().faults[0].what.endswith("is missing")
    assert "sha256" not in blob.name


def test_the_new_text_of_an_edit_may_be_gone_but_not_another(kept: Kept) -> None:
    change = next(it for it in SESSION if isinstance(it, FileChanged))
    assert change.after is not None
    path = kept.folder / "blobs" / change.after
    path.write_bytes(b"something else")
    report = kept.check()
    assert isinstance(SESSION[first(report) - 1], ev.CallStarted)
    path.unlink()
    assert kept.check().whole


@pytest.mark.parametrize(
    ("event", "says"),
    [
        ({"type": "Later", "v": 1}, None),
        ({"type": "PromptReceived", "v": 2}, None),
        ({"type": "PromptReceived", "v": 1, "words": "?"}, "it is no PromptReceived"),
        ({"type": "SessionClosed", "v": 1, "reason": {"$blob": "0" * 64, "size": 3}}, "is missing"),
    ],
)
def test_events_of_others(kept: Kept, event: dict[str, Any], says: str | None) -> None:
    last = json.loads(kept.lines[-1])
    raw, _ = codec.encode_line(len(SESSION) + 1, 1.0, len(SESSION), event, last["sum"])
    report = kept.check([*kept.lines, raw])
    if says is None:
        assert report.whole
        assert f"Line {len(SESSION) + 1} holds an event that this version does not know" in report.notes[0]
    else:
        assert says in report.faults[0].what


def test_a_promise_that_cannot_be_is_found(kept: Kept) -> None:
    last = json.loads(kept.lines[-1])
    for durable in (len(SESSION) + 1, 0):
        raw, _ = codec.encode_line(len(SESSION) + 1, 1.0, durable, {"type": "Later"}, last["sum"])
        assert "was safe, which cannot be" in kept.check([*kept.lines, raw]).faults[0].what
