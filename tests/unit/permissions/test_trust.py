"""What is kept of the folders that a person trusts, and when it counts."""

from __future__ import annotations

import json
import os
import shutil
import stat
from pathlib import Path

import pytest

from postil.permissions.trust import Standing, TrustStore, is_broad


@pytest.fixture
def state(tmp_path: Path) -> Path:
    return tmp_path / "state"


@pytest.fixture
def store(state: Path) -> TrustStore:
    return TrustStore(state)


@pytest.fixture
def work(tmp_path: Path) -> Path:
    folder = tmp_path / "code" / "work"
    folder.mkdir(parents=True)
    return folder


def allow(store: TrustStore, folder: Path, *, below: bool = False) -> None:
    store.decide(folder, "trusted", 1.0, "test", below=below)


def test_nobody_trusts_what_nobody_has_decided_about(store: TrustStore, work: Path) -> None:
    assert store.standing(work) == Standing(False, False, "is not known to be trusted")
    assert list(store.records()) == []


def test_what_was_said_is_kept_for_another_process(store: TrustStore, state: Path, work: Path) -> None:
    allow(store, work)
    assert TrustStore(state).standing(work) == Standing(True, True, "is trusted, as you said")
    store.decide(work, "restricted", 2.0, "test")
    assert TrustStore(state).standing(work) == Standing(False, True, "is restricted, as you said")
    assert [it.verdict for it in store.records()] == ["restricted"]
    assert store.forget(work)
    assert not store.forget(work)
    assert not TrustStore(state).standing(work).decided


def test_it_is_private_and_nothing_is_written_into_the_folder(
    store: TrustStore, state: Path, work: Path
) -> None:
    allow(store, work)
    [file] = (state / "trust").iterdir()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE((state / "trust").stat().st_mode) == 0o700
    assert list(work.iterdir()) == []


def test_the_name_is_not_the_folder(store: TrustStore, work: Path, tmp_path: Path) -> None:
    allow(store, work)
    work.rename(tmp_path / "moved")
    assert not store.standing(tmp_path / "moved").decided
    assert not store.standing(work).trusted, "it is gone"
    work.mkdir()
    assert store.standing(work) == Standing(
        False, False, "was trusted, but another folder has taken its place"
    )
    work.rmdir()
    (tmp_path / "moved").rename(work)
    assert store.standing(work).trusted, "it is back"


def test_a_link_stands_as_what_it_leads_to(store: TrustStore, work: Path, tmp_path: Path) -> None:
    link = tmp_path / "link"
    link.symlink_to(work)
    allow(store, link)
    assert store.standing(work).trusted
    other = tmp_path / "other"
    other.mkdir()
    link.unlink()
    link.symlink_to(other)
    assert not store.standing(link).decided


def test_folders_below_are_covered_only_where_the_person_says_so(store: TrustStore, work: Path) -> None:
    inner = work / "inner"
    inner.mkdir()
    allow(store, work)
    assert not store.standing(inner).decided
    allow(store, work, below=True)
    assert store.standing(inner).trusted
    assert not store.standing(work.parent).decided


def test_a_restriction_covers_what_lies_below_and_the_nearest_word_counts(
    store: TrustStore, work: Path
) -> None:
    inner = work / "a" / "b"
    inner.mkdir(parents=True)
    allow(store, work.parent, below=True)
    store.decide(work, "restricted", 1.0, "test")
    assert store.standing(inner) == Standing(False, True, "is restricted, as you said")
    allow(store, inner)
    assert store.standing(inner).trusted
    assert not store.standing(work / "a").trusted


def test_trust_from_above_ends_with_the_folder_above(store: TrustStore, work: Path) -> None:
    allow(store, work.parent, below=True)
    shutil.rmtree(work.parent)
    work.mkdir(parents=True)
    assert not store.standing(work).trusted


@pytest.mark.parametrize("spoilt", ["{", "[]", '{"verdict": "trusted"}', "[" * 100_000, "\xff"])
def test_what_cannot_be_read_trusts_nothing(store: TrustStore, state: Path, work: Path, spoilt: str) -> None:
    allow(store, work)
    [file] = (state / "trust").iterdir()
    file.write_text(spoilt, "latin-1")
    assert not store.standing(work).decided
    assert list(store.records()) == []


def test_a_record_of_another_path_or_that_others_may_write_trusts_nothing(
    store: TrustStore, state: Path, work: Path, tmp_path: Path
) -> None:
    allow(store, work)
    [file] = (state / "trust").iterdir()
    kept = file.read_text()
    file.chmod(0o620)
    assert not store.standing(work).decided
    file.chmod(0o600)
    assert store.standing(work).decided
    data = json.loads(kept)
    data["folder"]["path"] = str(tmp_path)
    file.write_text(json.dumps(data))
    assert not store.standing(work).decided
    file.rename(tmp_path / "kept")
    file.symlink_to(tmp_path / "kept")
    assert not store.standing(work).decided


def test_what_cannot_be_looked_at_is_not_trusted(store: TrustStore, work: Path) -> None:
    allow(store, work)
    assert not store.standing(work / "gone" / "far").decided
    assert not store.standing(Path("/" + "x" * 5_000)).trusted
    assert not store.standing(Path("a\0b")).trusted


def test_what_is_too_broad_to_be_a_project(tmp_path: Path) -> None:
    home = tmp_path / "home" / "me"
    (home / "work").mkdir(parents=True)
    (tmp_path / "link").symlink_to(home)
    assert is_broad(home / "work", home) == ""
    assert is_broad(home, home).startswith("It is your home folder")
    assert is_broad(tmp_path / "link", home).startswith("It is your home folder")
    assert is_broad(Path("/"), home).startswith("Your home folder lies in it")
    assert is_broad(tmp_path, home).startswith("Your home folder lies in it")


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a file away")
def test_a_record_that_somebody_else_owns_trusts_nothing(store: TrustStore, state: Path, work: Path) -> None:
    allow(store, work)
    [file] = (state / "trust").iterdir()
    os.chown(file, 12_345, -1)
    assert not store.standing(work).decided
