"""What a command gets that runs unasked, in a workspace that is trusted and in one that is not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from postil.workspace.commands.reading import Reading
from postil.workspace.sandbox.confinement import Confinement
from postil.workspace.sandbox.mechanism import Launch


class Kept:
    """A sandbox that keeps what it was asked for."""

    title = "none"
    lets_work = True
    lays_over = False

    def __init__(self) -> None:
        self.environment: Mapping[str, str] = {}
        self.within = Confinement()

    def launch(
        self, argv: Sequence[str], cwd: Path, environment: Mapping[str, str], within: Confinement
    ) -> Launch:
        del cwd
        self.environment, self.within = environment, within
        return Launch(tuple(argv), environment)


@pytest.mark.parametrize("trusted", [True, False])
def test_a_repository_is_shown_only_where_it_is_trusted(tmp_path: Path, *, trusted: bool) -> None:
    """A `.git` that is a file names whatever folder it likes, a private one too."""
    root, named, kept = tmp_path / "work", tmp_path / "named", Kept()
    for folder in (root, named / "objects"):
        folder.mkdir(parents=True)
    (named / "config").write_text('[filter "evil"]\n\tclean = evil\n')
    (root / ".git").write_text(f"gitdir: {named}\n")
    reading = Reading(tmp_path / "run", [root], sandbox=lambda: kept, own={}, trusted=lambda: trusted)
    reading.launch(["bash", "-c", "ls"], root)
    assert (named in kept.within.readable) is trusted
    assert root in kept.within.readable
    assert ("filter.evil.clean" in kept.environment.values()) is trusted, "its configuration is not looked at"
    assert ("GIT_DIR" in kept.environment) is not trusted
    assert "core.fsmonitor" in kept.environment.values()
