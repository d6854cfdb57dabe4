"""The files of configuration are read within bounds, and what is no file holds nothing up."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from postil.agent.changed_harness import ChangedHarness
from postil.core.errors import ConfigurationError
from postil.permissions import harness
from postil.permissions.harness import HarnessFiles


@pytest.fixture
def skill(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("POSTIL_CONFIG_DIR", str(tmp_path / "config"))
    made = tmp_path / "work/.agents/skills/docs"
    made.mkdir(parents=True)
    (made / "SKILL.md").write_text("x")
    return made


@pytest.fixture
def files(tmp_path: Path, skill: Path) -> HarnessFiles:
    del skill
    return HarnessFiles((tmp_path / "work",), "1")


@pytest.mark.timeout(30)
def test_a_pipe_among_them_is_not_waited_for(files: HarnessFiles, skill: Path) -> None:
    before = files.digest(trusted=True)
    os.mkfifo(skill / "pipe")
    pipe = files.digest(trusted=True)
    assert pipe != before
    (skill / "pipe").unlink()
    (skill / "pipe").write_text("x")
    assert files.digest(trusted=True) not in (before, pipe), "what takes its place is something else"


def test_what_a_link_leads_to_counts(files: HarnessFiles, skill: Path, tmp_path: Path) -> None:
    (tmp_path / "outside.md").write_text("one")
    (skill / "link.md").symlink_to(tmp_path / "outside.md")
    before = files.digest(trusted=True)
    (tmp_path / "outside.md").write_text("two")
    assert files.digest(trusted=True) != before
    (tmp_path / "outside.md").unlink()
    assert files.digest(trusted=True)


async def test_more_files_than_can_be_compared_are_refused(
    files: HarnessFiles, skill: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(harness, "MOST_FILES", 20)
    for number in range(20):
        (skill / f"{number}.md").write_text("x")
    for look in (files.mark, files.digest):
        with pytest.raises(ConfigurationError, match="more than 20 files"):
            look(trusted=True)
    refused = await ChangedHarness(files, tmp_path / "state", lambda: True).refusal(lambda: None)
    assert refused is not None
    assert "so it cannot be told whether it has changed" in refused.message


def test_more_bytes_than_can_be_compared_are_refused(
    files: HarnessFiles, skill: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(harness, "MOST_BYTES", 1_000)
    for name in ("a", "b"):
        (skill / name).write_text("x" * 600)
    with pytest.raises(ConfigurationError, match="more than 1,000 bytes"):
        files.digest(trusted=True)
    (skill / "b").write_text("x" * 100)
    assert files.digest(trusted=True)
