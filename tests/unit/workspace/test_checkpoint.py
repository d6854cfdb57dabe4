"""Kept texts: found under their hashes, after a restart too, within bounds, and never taken for what they are not."""

from __future__ import annotations

from pathlib import Path

import pytest

from postil.core.effects import text_hash
from postil.workspace.files.checkpoint import Checkpoint
from postil.workspace.files.real_disk import RealDisk
from tests.support.sim_disk import SimDisk, Sync

TEXTS = ("", "a\r\nb", "\ufeffmark", "bytes \udcff and half \ud83d", "数 \U0001f4c8")


def test_texts_come_back_as_they_were(tmp_path: Path) -> None:
    Checkpoint(RealDisk(), tmp_path / "kept").keep(TEXTS)
    again = Checkpoint(RealDisk(), tmp_path / "kept")
    assert [again.text(text_hash(text)) for text in TEXTS] == list(TEXTS)
    assert again.text(text_hash("other")) is None


def test_they_are_private(tmp_path: Path) -> None:
    Checkpoint(RealDisk(), tmp_path / "kept").keep(["secret"])
    (file,) = (path for path in (tmp_path / "kept").rglob("*") if path.is_file())
    assert file.stat().st_mode & 0o777 == 0o600
    assert (tmp_path / "kept").stat().st_mode & 0o777 == 0o700


def test_each_text_is_kept_once(tmp_path: Path) -> None:
    checkpoint = Checkpoint(RealDisk(), tmp_path)
    checkpoint.keep(["one", "one", "two"])
    checkpoint.keep(["two", "one"])
    (pack,) = tmp_path.iterdir()
    assert (pack.read_bytes().count(b"one"), pack.read_bytes().count(b"two")) == (1, 1)


def test_one_edit_costs_one_sync() -> None:
    disk = SimDisk()
    checkpoint = Checkpoint(disk, Path("/kept"))
    checkpoint.keep(["first"])
    before = len(disk.steps)
    checkpoint.keep(["before", "after"])
    assert [type(step).__name__ for step in disk.steps[before:]] == ["Write", "Sync"]


def test_the_oldest_go_first_and_the_whole_stays_bounded(tmp_path: Path) -> None:
    texts = [f"{number:04}" * 25 for number in range(200)]
    for part in (texts[:70], texts[70:150], texts[150:]):
        checkpoint = Checkpoint(RealDisk(), tmp_path, pack_bytes=1000, total_bytes=3000)
        for text in part:
            checkpoint.keep([text])
    there = [checkpoint.text(text_hash(text)) is not None for text in texts]
    assert there == sorted(there), "what was kept later stays longer"
    assert 12 <= sum(there) <= 26
    assert sum(path.stat().st_size for path in tmp_path.iterdir()) <= 3000 + 1200


def test_a_text_that_was_forgotten_can_be_kept_again(tmp_path: Path) -> None:
    checkpoint = Checkpoint(RealDisk(), tmp_path, pack_bytes=10, total_bytes=100)
    for text in ("first text", "second text", "third text", "first text"):
        checkpoint.keep([text])
    assert checkpoint.text(text_hash("first text")) == "first text"


@pytest.mark.parametrize("cut", range(1, 76))
def test_what_was_torn_is_none_and_what_came_before_is_there(tmp_path: Path, cut: int) -> None:
    Checkpoint(RealDisk(), tmp_path).keep(["whole", "torn \n text"])
    (pack,) = tmp_path.iterdir()
    pack.write_bytes(pack.read_bytes()[:-cut])
    checkpoint = Checkpoint(RealDisk(), tmp_path)
    assert checkpoint.text(text_hash("whole")) == "whole"
    assert checkpoint.text(text_hash("torn \n text")) == ("torn \n text" if cut == 1 else None)
    checkpoint.keep(["torn \n text"])
    assert Checkpoint(RealDisk(), tmp_path).text(text_hash("torn \n text")) == "torn \n text"


def test_a_spoilt_text_is_none(tmp_path: Path) -> None:
    Checkpoint(RealDisk(), tmp_path).keep(["right"])
    (pack,) = tmp_path.iterdir()
    pack.write_bytes(pack.read_bytes().replace(b"right", b"wrong"))
    assert Checkpoint(RealDisk(), tmp_path).text(text_hash("right")) is None


@pytest.mark.parametrize("size", [b"x", b"9" * 30, b"9" * 5000, b"99999", b"0"])
def test_behind_a_spoilt_head_the_others_are_found(tmp_path: Path, size: bytes) -> None:
    texts = ["first\n", "second", "third"]
    Checkpoint(RealDisk(), tmp_path).keep(texts)
    (pack,) = tmp_path.iterdir()
    pack.write_bytes(pack.read_bytes().replace(b" 6\nfirst", b" " + size + b"\nfirst"))
    again = Checkpoint(RealDisk(), tmp_path)
    assert [again.text(text_hash(it)) for it in texts] == [None, "second", "third"]


def test_after_an_error_another_pack_is_begun(tmp_path: Path) -> None:
    disk = SimDisk()
    checkpoint = Checkpoint(disk, Path("/kept"))
    checkpoint.keep(["one"])
    disk.room = 5
    with pytest.raises(OSError, match="No space"):
        checkpoint.keep(["two"])
    disk.room = None
    checkpoint.keep(["two"])
    assert disk.list(Path("/kept")) == ["000001.pack", "000002.pack"]
    again = Checkpoint(disk, Path("/kept"))
    assert [again.text(text_hash(text)) for text in ("one", "two")] == ["one", "two"]


@pytest.mark.parametrize("text", TEXTS)
def test_what_is_kept_is_durable(text: str) -> None:
    disk = SimDisk()
    Checkpoint(disk, Path("/kept")).keep([text])
    assert isinstance(disk.steps[-1], Sync)


@pytest.mark.parametrize("left", [0, 30, 66, 200, 1060])
def test_a_torn_pack_hides_no_older_text(tmp_path: Path, left: int) -> None:
    text = "x" * 1000
    for _ in range(2):
        Checkpoint(RealDisk(), tmp_path).keep([text])
    newest = max(tmp_path.iterdir())
    newest.write_bytes(newest.read_bytes()[:left])
    assert Checkpoint(RealDisk(), tmp_path).text(text_hash(text)) == text


def test_a_spoilt_text_hides_no_older_one(tmp_path: Path) -> None:
    for _ in range(2):
        Checkpoint(RealDisk(), tmp_path).keep(["right"])
    newest = max(tmp_path.iterdir())
    newest.write_bytes(newest.read_bytes().replace(b"right", b"wrong"))
    assert Checkpoint(RealDisk(), tmp_path).text(text_hash("right")) == "right"


@pytest.mark.parametrize("between", range(1, 60))
def test_both_texts_of_an_edit_are_there_whatever_goes_for_them(tmp_path: Path, between: int) -> None:
    checkpoint = Checkpoint(RealDisk(), tmp_path, pack_bytes=1000, total_bytes=3000)
    before, after = "A" * 50, "B" * 50
    checkpoint.keep([before])
    for number in range(between):
        checkpoint.keep([f"{number:04}" * 25])
    checkpoint.keep([before, after])
    assert [checkpoint.text(text_hash(text)) for text in (before, after)] == [before, after]
