"""Which commands print names of files below the folder, or the name of a commit, and nothing else."""

from __future__ import annotations

import pytest

from postil.permissions.shell.parser import parse
from postil.permissions.shell.sources import names_commit, names_files


@pytest.mark.parametrize(
    "line",
    ["git ls-files", "find . -name '*.py'", "git ls-files | grep -v x | sort | head -5", "rg -l x", "ls src"],
)
def test_names_of_files(line: str) -> None:
    assert names_files(parse(line))


@pytest.mark.parametrize(
    "line",
    [
        "cat a",
        "find . -printf /etc/x",
        "git ls-files --format=/etc/x",
        "find . | sort b",
        "find . | grep -o x",
        "ls; cat a",
        "find $x",
        "rg x",
    ],
)
def test_no_names_of_files(line: str) -> None:
    assert not names_files(parse(line))


def test_names_of_commits() -> None:
    assert names_commit(parse("git rev-parse HEAD"))
    assert names_commit(parse("git merge-base main HEAD"))
    assert not names_commit(parse("git rev-parse --git-dir"))
    assert not names_commit(parse("git rev-parse HEAD:.env"))
    assert not names_commit(parse("git rev-parse HEAD > a"))
