"""Which commands print the name of a commit and nothing else."""

from __future__ import annotations

from postil.permissions.shell.parser import parse
from postil.permissions.shell.sources import names_commit


def test_names_of_commits() -> None:
    assert names_commit(parse("git rev-parse HEAD"))
    assert names_commit(parse("git merge-base main HEAD"))
    assert not names_commit(parse("git rev-parse --git-dir"))
    assert not names_commit(parse("git rev-parse HEAD:.env"))
    assert not names_commit(parse("git rev-parse HEAD > a"))
