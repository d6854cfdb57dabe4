"""A corpus of damaged journals: each opens with the right message, and nothing good is given up."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from postil.core.errors import NewerFormat
from postil.core.events import Durable, UnknownEvent
from postil.journal import codec
from postil.journal.reader import Position, Reader, Stop
from tests.support.journals import Ticking, closed, created, prompt, read_journal, result, write_journal
from tests.support.sim_disk import SimDisk

EVENTS: list[Durable] = [created(), prompt(1), prompt(2, "Zwei.\nDrei."), prompt(3), closed()]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "journal.jsonl"


@pytest.fixture
def lines(path: Path) -> list[bytes]:
    write_journal(path, EVENTS)
    return path.read_bytes().splitlines(keepends=True)


def reading(path: Path, raw: bytes) -> tuple[list[int], Reader]:
    path.write_bytes(raw)
    records, reader = read_journal(path)
    return [record.seq for record in records], reader


def stopped(reader: Reader) -> Stop:
    assert reader.stop is not None
    return reader.stop


def test_a_good_journal(path: Path) -> None:
    written = write_journal(path, EVENTS)
    records, reader = read_journal(path)
    assert records == written
    assert (reader.stop, reader.notes, reader.unterminated) == (None, [], False)
    assert (reader.position.seq, reader.position.offset, reader.durable) == (5, path.stat().st_size, 4)


def test_reading_goes_on_from_a_position(path: Path) -> None:
    written = write_journal(path, EVENTS)
    _, reader = read_journal(path)
    middle = None
    disk_reader = Reader(SimDisk(), path, lambda _: None)
    assert disk_reader.position == Position()
    for cut in range(len(written)):
        raw = path.read_bytes().splitlines(keepends=True)
        path.write_bytes(b"".join(raw[: cut + 1]))
        _, partial = read_journal(path)
        path.write_bytes(b"".join(raw))
        middle = partial.position
        rest, again = read_journal(path, middle)
        assert rest == written[cut + 1 :]
        assert again.position == reader.position


def test_an_empty_journal(path: Path) -> None:
    assert reading(path, b"")[0] == []
    seqs, reader = reading(path, b"\n \r\n")
    assert (seqs, reader.stop, reader.position.offset) == ([], None, 4)


@pytest.mark.parametrize("keep", [1, 10, -2])
def test_a_torn_end(path: Path, lines: list[bytes], keep: int) -> None:
    tail = lines[4][:keep]
    seqs, reader = reading(path, b"".join(lines[:4]) + tail)
    stop = stopped(reader)
    assert seqs == [1, 2, 3, 4]
    assert (stop.offset, stop.size, stop.seq, stop.damage) == (sum(map(len, lines[:4])), len(tail), 5, False)
    assert "never finished, after event 4: it is not whole." in stop.message


def test_a_missing_last_newline_costs_nothing(path: Path, lines: list[bytes]) -> None:
    seqs, reader = reading(path, b"".join(lines).rstrip())
    assert (seqs, reader.stop, reader.unterminated) == ([1, 2, 3, 4, 5], None, True)


@pytest.mark.parametrize("size", [1, 4096, 100_000])
def test_an_end_of_zeros(path: Path, lines: list[bytes], size: int) -> None:
    seqs, reader = reading(path, b"".join(lines) + bytes(size))
    assert seqs == [1, 2, 3, 4, 5]
    assert (stopped(reader).size, stopped(reader).damage) == (size, False)
    assert "filled with zeros" in stopped(reader).message


def test_a_file_of_zeros(path: Path) -> None:
    seqs, reader = reading(path, bytes(4096))
    assert (seqs, stopped(reader).seq, stopped(reader).damage) == ([], 1, False)


def test_line_ends_and_a_mark_that_an_editor_added(path: Path, lines: list[bytes]) -> None:
    raw = b"\xef\xbb\xbf" + b"".join(lines).replace(b"\n", b"\r\n")
    seqs, reader = reading(path, raw)
    assert (seqs, reader.stop, reader.notes) == ([1, 2, 3, 4, 5], None, [])
    assert reader.position.offset == len(raw)


def test_a_line_that_stands_twice(path: Path, lines: list[bytes]) -> None:
    for doubled in (1, 4):
        raw = b"".join([*lines[: doubled + 1], lines[doubled], *lines[doubled + 1 :]])
        seqs, reader = reading(path, raw)
        assert (seqs, reader.stop) == ([1, 2, 3, 4, 5], None)
        assert reader.notes == [f"Event {doubled + 1} stands twice; the second was passed over."]
        assert reader.position.offset == len(raw)


def test_a_part_of_a_line_and_then_the_whole(path: Path, lines: list[bytes]) -> None:
    raw = b"".join([*lines[:2], lines[2][:40], *lines[2:]])
    seqs, reader = reading(path, raw)
    assert (seqs, reader.stop) == ([1, 2, 3, 4, 5], None)
    assert reader.notes == ["A part of event 3 stands before it and was passed over."]
    raw = b"".join([*lines[:2], lines[2][:40] + b"\n", *lines[2:]])
    seqs, reader = reading(path, raw)
    assert (seqs, reader.stop) == ([1, 2, 3, 4, 5], None)
    assert reader.notes == ["41 bytes before event 3 were passed over; nothing is missing."]


def test_damage_in_the_middle(path: Path, lines: list[bytes]) -> None:
    seqs, reader = reading(path, b"".join([*lines[:2], lines[2][:30] + b"\n", *lines[3:]]))
    stop = stopped(reader)
    assert seqs == [1, 2]
    assert (stop.damage, stop.seq, stop.whole, stop.offset) == (True, 3, 2, sum(map(len, lines[:2])))
    assert stop.message.startswith("Event 3 of this session cannot be read, at byte ")
    assert "it is not whole; 2 lines from there on look whole." in stop.message


def test_a_changed_line(path: Path, lines: list[bytes]) -> None:
    for changed in (2, 4):
        raw = [*lines]
        raw[changed] = raw[changed].replace(b"Zwei", b"Zehn").replace(b"done", b"DONE")
        seqs, reader = reading(path, b"".join(raw))
        assert seqs == list(range(1, changed + 1))
        assert stopped(reader).damage, "a torn write leaves no whole line with another content"
        assert "its sum does not fit" in stopped(reader).message


def test_a_gap(path: Path, lines: list[bytes]) -> None:
    seqs, reader = reading(path, b"".join([*lines[:2], *lines[3:]]))
    assert (seqs, stopped(reader).damage) == ([1, 2], True)
    assert "the number goes from 2 to 4, 3 is missing" in stopped(reader).message
    _, reader = reading(path, b"".join([lines[0], *lines[3:]]))
    assert "the number goes from 1 to 4, 2 to 3 is missing" in stopped(reader).message


def test_a_repeat(path: Path, lines: list[bytes]) -> None:
    seqs, reader = reading(path, b"".join([*lines[:4], lines[1]]))
    assert seqs == [1, 2, 3, 4]
    assert "the number 2 comes again after 4" in stopped(reader).message
    seqs, reader = reading(path, b"".join([*lines[:4], lines[1], lines[4]]))
    assert (seqs, reader.stop) == ([1, 2, 3, 4, 5], None)


def test_invalid_utf8(path: Path, lines: list[bytes]) -> None:
    bad = lines[2].replace(b"Zwei", b"Zw\xff\xfe")
    _, reader = reading(path, b"".join([*lines[:2], bad, *lines[3:]]))
    assert stopped(reader).damage
    assert "not valid UTF-8" in stopped(reader).message
    _, reader = reading(path, b"".join([*lines[:4], b"\xff\xfe\n"]))
    assert not stopped(reader).damage


def test_a_line_over_the_limit(path: Path, lines: list[bytes], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(codec, "LINE_LIMIT", 1000)
    long = b'{"at":1,"x":"' + b"x" * 3_000_000 + b'"}\n'
    seqs, reader = reading(path, b"".join([*lines[:2], long, *lines[3:]]))
    assert (seqs, stopped(reader).damage, stopped(reader).whole) == ([1, 2], True, 2)
    assert "longer than 64 MiB" in stopped(reader).message
    seqs, reader = reading(path, b"".join(lines) + b"\0" * 3000)
    assert (seqs, stopped(reader).damage, stopped(reader).size) == ([1, 2, 3, 4, 5], False, 3000)
    seqs, reader = reading(path, b"".join([*lines[:2], long, *lines[2:]]))
    assert (seqs, reader.stop) == ([1, 2, 3, 4, 5], None)


def test_a_line_of_64_mebibytes(path: Path, lines: list[bytes]) -> None:
    long = b'{"at":1,"x":"' + b"x" * codec.LINE_LIMIT + b'"}\n'
    seqs, reader = reading(path, b"".join([*lines, long]))
    assert (seqs, stopped(reader).damage, stopped(reader).size) == ([1, 2, 3, 4, 5], False, len(long))


def test_a_line_without_an_end_after_lost_ones(path: Path) -> None:
    """An unsynced group may lose its start and keep its end; that is no damage, as nothing was promised."""
    write_journal(path, EVENTS, sync_each=False)
    raw = path.read_bytes().splitlines(keepends=True)
    seqs, reader = reading(path, b"".join([*raw[:2], bytes(len(raw[2])), *raw[3:]]))
    assert (seqs, stopped(reader).damage) == ([1, 2], False)


def test_an_unknown_event_is_kept(path: Path) -> None:
    future = UnknownEvent(raw={"type": "FromTheFuture", "v": 1, "what": [1, {"x": None}]})
    write_journal(path, [created(), future, closed()])  # pyright: ignore[reportArgumentType]
    records, reader = read_journal(path)
    assert [record.seq for record in records] == [1, 2, 3]
    assert records[1].event == future
    assert reader.notes == ["Event 2: an event of the unknown type 'FromTheFuture' is kept as it is."]


def test_a_newer_format(path: Path) -> None:
    path.write_bytes(b'{"event":{"type":"SessionCreated","journal_format":2,"postil":"3.0"},"check":"new"}\n')
    with pytest.raises(NewerFormat) as raised:
        read_journal(path)
    assert str(raised.value) == (
        "This session was written by Postil 3.0 in journal format 2; this version reads up to format 1. "
        "Update Postil to open it."
    )


def test_a_missing_blob_is_told(path: Path) -> None:
    long = "ü" * 70_000
    write_journal(path, [created(), result(long), closed()])
    assert path.stat().st_size < 2_000
    records, reader = read_journal(path)
    assert records[1].event == result(long)
    assert reader.notes == []
    blob = next((path.parent / "blobs").iterdir())
    blob.write_bytes(b"spoilt")
    records, reader = read_journal(path)
    assert len(records) == 3
    assert reader.notes == [f"Event 2: a long text is missing (blob {blob.name[:12]}…)."]


def test_a_clock_that_goes_back_changes_nothing(path: Path) -> None:
    from postil.journal.blobs import Blobs
    from postil.journal.log import Log

    disk = SimDisk()
    disk.make_dir(Path("/state"))
    clock = Ticking()
    log = Log(disk.create(Path("/state/j")), Position(), Blobs(disk, Path("/state/blobs")), clock)
    log.append([created()], sync=True)
    clock.time -= 3600
    log.append([prompt()], sync=True)
    reader = Reader(disk, Path("/state/j"), lambda _: None)
    first, second = reader.records()
    assert (first.seq, second.seq) == (1, 2)
    assert second.at < first.at


@given(st.data())
def test_any_cut_and_any_junk_keep_every_line_before(data: st.DataObject) -> None:
    disk = SimDisk()
    folder = Path("/state")
    disk.make_dir(folder)
    path = folder / "journal.jsonl"
    write_journal(path, EVENTS, disk=disk)
    raw = disk.read(path)
    at = data.draw(st.integers(0, len(raw)))
    junk = data.draw(st.binary(max_size=60))
    disk.replace(path, raw[:at] + junk)
    reader = Reader(disk, path, lambda _: None)
    seqs = [record.seq for record in reader.records()]
    whole = raw[:at].count(b"\n")
    assert seqs[:whole] == list(range(1, whole + 1))
    assert len(seqs) <= whole + 1
    assert reader.stop is None or not reader.stop.damage or junk.rstrip().endswith(b'"}')
