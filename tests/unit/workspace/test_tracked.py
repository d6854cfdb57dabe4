"""Which files a repository tracks, as its index has it, in every form that git writes."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from postil.workspace.commands.tracked import tracked_files

NAMES = ("a", "folder/b", "folder/below/c", "folder/below/long-" + "x" * 40, ".env", "ä b")


def git(folder: Path, *words: str) -> None:
    subprocess.run(("git", "-C", str(folder), *words), check=True, capture_output=True)


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    git(tmp_path, "init", "-q")
    for name in NAMES:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("x", "utf-8")
    return tmp_path


@pytest.mark.parametrize("version", ["2", "3", "4"])
def test_every_file_is_named_once(repository: Path, version: str) -> None:
    git(repository, "add", "-A")
    git(repository, "update-index", "--index-version", version)
    want = sorted(str(repository / it) for it in NAMES)
    assert sorted(tracked_files(repository) or ()) == want
    assert sorted(tracked_files(repository / "folder") or ()) == want


def test_an_entry_that_is_only_meant_to_be_added_counts(repository: Path) -> None:
    git(repository, "add", "-N", ".env", "a")
    assert sorted(tracked_files(repository) or ()) == [str(repository / ".env"), str(repository / "a")]


def test_without_a_repository_or_an_index_there_is_nothing(tmp_path: Path, repository: Path) -> None:
    assert tracked_files(repository) == ()
    (tmp_path / "plain").mkdir()
    assert tracked_files(Path("/")) == ()


def test_a_worktree_has_an_index_of_its_own(
    repository: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    git(repository, "add", "a")
    git(repository, "-c", "user.name=x", "-c", "user.email=x@x", "commit", "-qm", "x")
    other = tmp_path_factory.mktemp("other") / "tree"
    git(repository, "worktree", "add", "-q", str(other))
    assert tracked_files(other) == (str(other / "a"),)


def test_what_is_no_index_is_not_known(repository: Path) -> None:
    (repository / ".git/index").write_bytes(b"DIRC\0\0\0\2\0\0\0\5short")
    assert tracked_files(repository) is None
    (repository / ".git/index").write_bytes(b"what")
    assert tracked_files(repository) is None
