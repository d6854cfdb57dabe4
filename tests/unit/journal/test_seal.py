"""What was checked once is checked again by its hash, and whatever is wrong with a seal, the lines decide."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from postil.core.events import Durable, Recorded
from postil.core.fold import fold
from postil.journal import seal as sealing
from postil.journal.blobs import Blobs
from postil.journal.layout import BLOBS, JOURNAL
from postil.journal.log import Mark
from postil.journal.opening import load, load_checked
from postil.journal.reader import Position
from postil.journal.seal import SEAL, Seal
from postil.journal.snapshot import Snapshots
from postil.workspace.files.real_disk import RealDisk
from tests.support.golden import SESSIONS
from tests.support.journals import closed, prompt, read_journal, write_journal

LONG = prompt(8, "A long text. " * 6_000)


@pytest.fixture(autouse=True)
def _small_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sealing, "PIECE", 2_000)


def written(folder: Path, first: Durable = LONG) -> tuple[list[Recorded], Position]:
    """A session with snapshots of its last event; a long text is its first one."""
    folder.mkdir(exist_ok=True)
    records = write_journal(folder / JOURNAL, [first, *SESSIONS["edit_and_shell"], closed()])
    _, reader = read_journal(folder / JOURNAL)
    end, size = reader.position, len((folder / JOURNAL).read_bytes().splitlines(keepends=True)[-1])
    mark = Mark(end.seq, end.sum, end.offset - size, end.offset)
    assert Snapshots(RealDisk(), folder, folder / JOURNAL).save(fold(records), mark)
    return records, end


def sealed(folder: Path) -> Seal:
    return Seal(RealDisk(), folder / SEAL, folder / JOURNAL)


def blobs(folder: Path) -> Callable[[str], bytes | None]:
    return Blobs(RealDisk(), folder / BLOBS).get


def flip(path: Path, place: int) -> None:
    data = bytearray(path.read_bytes())
    data[place] ^= 1
    path.write_bytes(data)


def test_pieces_are_whole_lines_from_the_start(tmp_path: Path) -> None:
    _, end = written(tmp_path)
    pieces, raw = sealed(tmp_path).pieces, (tmp_path / JOURNAL).read_bytes()
    assert len(pieces) > 2
    assert json.loads((tmp_path / SEAL).read_bytes())["pieces"][0][:2] == [pieces[0].end, pieces[0].sum]
    start = 0
    for piece in pieces:
        assert piece.end - start >= 2_000
        assert raw[start : piece.end].endswith(f'"sum":"{piece.sum}"}}\n'.encode())
        start = piece.end
    assert end.offset - start < 2_000
    assert [len(piece.blobs) for piece in pieces] == [1, *[0] * (len(pieces) - 1)]


def test_a_byte_that_changed_is_found_wherever_it_is(tmp_path: Path) -> None:
    records, end = written(tmp_path)
    good = (tmp_path / JOURNAL).read_bytes()
    assert load_checked(RealDisk(), tmp_path).from_snapshot
    for place in range(0, len(good), 61):
        flip(tmp_path / JOURNAL, place)
        assert not sealed(tmp_path).unbroken(end, blobs(tmp_path)), f"byte {place} of {len(good)}"
        (tmp_path / JOURNAL).write_bytes(good)
    assert load_checked(RealDisk(), tmp_path).state == fold(records)


def test_a_long_text_that_is_gone_is_found(tmp_path: Path) -> None:
    _, end = written(tmp_path)
    assert sealed(tmp_path).unbroken(end, blobs(tmp_path))
    (blob,) = (tmp_path / BLOBS).iterdir()
    blob.write_bytes(b"something else")
    assert not sealed(tmp_path).unbroken(end, blobs(tmp_path))


def _gone(folder: Path) -> None:
    (folder / SEAL).unlink()


def _torn(folder: Path) -> None:
    (folder / SEAL).write_bytes((folder / SEAL).read_bytes()[:200])


def _flipped(folder: Path) -> None:
    flip(folder / SEAL, (folder / SEAL).stat().st_size // 2)


def _empty(folder: Path) -> None:
    (folder / SEAL).write_bytes(b"")


def _other(folder: Path) -> None:
    (folder / SEAL).write_bytes(b"[]")


@pytest.mark.parametrize("spoil", [_gone, _torn, _flipped, _empty, _other])
def test_without_its_seal_a_journal_is_gone_through_line_by_line(
    tmp_path: Path, spoil: Callable[[Path], None]
) -> None:
    records, end = written(tmp_path)
    spoil(tmp_path)
    assert sealed(tmp_path).pieces == ()
    loaded = load_checked(RealDisk(), tmp_path)
    assert loaded.from_snapshot
    assert loaded.state == fold(records)
    flip(tmp_path / JOURNAL, 700)
    assert not sealed(tmp_path).unbroken(end, blobs(tmp_path))


def test_a_seal_of_another_journal_is_forgotten(tmp_path: Path) -> None:
    """As after a folder was put back from a copy, all but its seal."""
    written(tmp_path / "old", prompt(9, "Something else."))
    folder = tmp_path / "new"
    records, end = written(folder)
    (folder / SEAL).write_bytes((tmp_path / "old" / SEAL).read_bytes())
    loaded = load_checked(RealDisk(), folder)
    assert (loaded.from_snapshot, loaded.state == fold(records)) == (False, True)
    loaded.snapshots.seal.extend(end.offset)
    again = load_checked(RealDisk(), folder)
    assert (again.from_snapshot, again.state == fold(records)) == (True, True)


def test_what_does_not_hold_is_never_sealed(tmp_path: Path) -> None:
    _, end = written(tmp_path)
    (tmp_path / SEAL).unlink()
    flip(tmp_path / JOURNAL, 5_000)
    seal = sealed(tmp_path)
    seal.extend(end.offset)
    assert seal.pieces
    assert seal.pieces[-1].end <= 5_000


def test_a_seal_grows_with_its_journal(tmp_path: Path) -> None:
    written(tmp_path)
    first = sealed(tmp_path).pieces
    seal = sealed(tmp_path)
    seal.extend(first[-1].end + 1_999)
    assert seal.pieces == first, "there is not enough for another piece"
    (tmp_path / SEAL).unlink()
    whole = sealed(tmp_path)
    whole.extend(first[1].end)
    whole.extend(first[-1].end)
    assert whole.pieces == first == sealed(tmp_path).pieces


def test_snapshots_that_are_older_than_the_seal_are_checked_to_their_own_line(tmp_path: Path) -> None:
    records, _ = written(tmp_path)
    loaded = load(RealDisk(), tmp_path)
    middle = len(records) // 2
    lines = (tmp_path / JOURNAL).read_bytes().splitlines(keepends=True)
    start = sum(map(len, lines[: middle - 1]))
    mark = Mark(middle, json.loads(lines[middle - 1])["sum"], start, start + len(lines[middle - 1]))
    assert loaded.snapshots.save(fold(records[:middle]), mark)
    assert sealed(tmp_path).pieces[-1].end > mark.end
    again = load_checked(RealDisk(), tmp_path)
    assert (again.start.seq, again.state == fold(records)) == (middle, True)
