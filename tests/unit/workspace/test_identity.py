"""A folder is the same folder, or it is not, whatever its name and its numbers say."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from postil.workspace.files.identity import Identity, identity_of

ONE = Identity(path="/w", device=1, inode=2, volume=3, born=4, repository="r")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "work"
    made.mkdir()
    return made


def test_what_happens_in_a_folder_does_not_make_it_another(folder: Path) -> None:
    before = identity_of(folder)
    (folder / "a").write_text("x")
    (folder / "b").mkdir()
    folder.chmod(0o700)
    assert before.differs(identity_of(folder)) == ""
    assert before.born > 0, "this file system knows when it was made"


def test_one_that_takes_its_place_is_another_even_where_the_number_is_given_out_again(folder: Path) -> None:
    before = identity_of(folder)
    for _ in range(20):
        folder.rmdir()
        folder.mkdir()
        now = identity_of(folder)
        assert before.differs(now) == "another folder has taken its place"


def test_one_that_was_moved_lies_elsewhere(folder: Path, tmp_path: Path) -> None:
    before = identity_of(folder)
    folder.rename(tmp_path / "moved")
    assert before.differs(identity_of(tmp_path / "moved")) == "it lies elsewhere"


def test_a_link_is_what_it_leads_to(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(folder)
    assert identity_of(tmp_path / "link") == identity_of(folder)


@pytest.mark.parametrize("change", ["made", "removed", "made again", "another"])
def test_its_git_repository_is_part_of_it(folder: Path, change: str) -> None:
    repository = folder / ".git"
    if change != "made":
        subprocess.run(["git", "init", "-q", str(folder)], check=True)
    before = identity_of(folder)
    if change != "made":
        (repository / "objects" / "x").write_text("as git does")
        assert before.differs(identity_of(folder)) == ""
        shutil.rmtree(repository)
    if change in ("made", "made again"):
        subprocess.run(["git", "init", "-q", str(folder)], check=True)
    if change == "another":
        repository.write_text("gitdir: /elsewhere\n")
    assert before.differs(identity_of(folder)) == "its git repository is not the one that it was"


def test_an_empty_folder_of_that_name_is_no_repository(folder: Path) -> None:
    """A sandbox puts one there while a command runs, and a kill leaves it until the next start."""
    before = identity_of(folder)
    (folder / ".git").mkdir()
    assert before.differs(identity_of(folder)) == ""
    (folder / ".git" / "HEAD").write_text("ref: refs/heads/main\n")
    assert before.differs(identity_of(folder)) != ""


def test_where_a_worktree_points_is_part_of_it(folder: Path) -> None:
    (folder / ".git").write_text("gitdir: /one\n")
    before = identity_of(folder / ".")
    with (folder / ".git").open("r+") as file:
        file.write("gitdir: /two\n")
    assert before.differs(identity_of(folder)) != ""


def test_a_repository_above_it_counts(folder: Path) -> None:
    (folder / "inner").mkdir()
    before = identity_of(folder / "inner")
    subprocess.run(["git", "init", "-q", str(folder)], check=True)
    assert before.differs(identity_of(folder / "inner")) != ""


@pytest.mark.parametrize(
    ("other", "same"),
    [
        ({"device": 9}, True),
        ({"volume": 9}, False),
        ({"volume": 0}, True),
        ({"volume": 0, "device": 9}, False),
        ({"inode": 9}, False),
        ({"born": 9}, False),
        ({"born": 0}, False),
        ({"path": "/x"}, False),
        ({"repository": ""}, False),
    ],
)
def test_numbers_of_devices_may_change_where_the_file_system_has_an_id(
    other: dict[str, int | str], *, same: bool
) -> None:
    assert (ONE.differs(ONE.model_copy(update=other)) == "") is same


def test_no_folder_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        identity_of(tmp_path / "none")
