"""Kept texts: found under their hashes, after a restart too, within bounds, and never taken for what they are not."""

from __future__ import annotations

from pathlib import Path

import pytest

from postil.core.effects import text_hash
from postil.workspace.checkpoint import Checkpoint
from postil.workspace.real_disk import RealDisk
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


def test_the_oldest_go_first_and_the_whole_stays_bounded(tmp_path: Path) -> None:
    texts = [f"{number:04}" * 25 for number in range(200)]
    checkpoint = Checkpoint(RealDisk(), tmp_path, folder_bytes=1000, folders=3)
    for text in texts[:150]:
        checkpoint.keep([text])
    # A restart in the middle of a folder goes on with the room that it has left.
    checkpoint = Checkpoint(RealDisk(), tmp_path, folder_bytes=1000, folders=3)
    for text in texts[150:]:
        checkpoint.keep([text])
    there = [checkpoint.text(text_hash(text)) is not None for text in texts]
    assert there == sorted(there), "what was kept later stays longer"
    assert 20 <= sum(there) <= 33
    size = sum(path.stat().st_size for path in tmp_path.rglob("*") if path.is_file())
    assert size <= 3 * 1100


def test_a_text_that_was_forgotten_can_be_kept_again(tmp_path: Path) -> None:
    checkpoint = Checkpoint(RealDisk(), tmp_path, folder_bytes=10, folders=2)
    for text in ("first text", "second text", "third text", "first text"):
        checkpoint.keep([text])
    assert checkpoint.text(text_hash("first text")) == "first text"


def test_a_spoilt_text_is_none(tmp_path: Path) -> None:
    Checkpoint(RealDisk(), tmp_path).keep(["right"])
    (file,) = (path for path in tmp_path.rglob("*") if path.is_file())
    file.write_bytes(b"wrong")
    checkpoint = Checkpoint(RealDisk(), tmp_path)
    assert checkpoint.text(text_hash("right")) is None
    checkpoint.keep(["right"])
    assert checkpoint.text(text_hash("right")) == "right"


@pytest.mark.parametrize("text", TEXTS)
def test_what_is_kept_is_durable(text: str) -> None:
    disk = SimDisk()
    Checkpoint(disk, Path("/kept")).keep([text])
    assert isinstance(disk.steps[-1], Sync)
