"""Programs of Postil's own are found where a workspace cannot have put them."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from postil.workspace.commands.programs import own_program


def planted(folder: Path, name: str = "rg") -> str:
    folder.mkdir(parents=True, exist_ok=True)
    program = folder / name
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    return str(folder)


@pytest.fixture
def work(tmp_path: Path) -> Path:
    return tmp_path / "work"


def test_a_folder_of_the_workspace_is_passed_over(
    work: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    inside, outside = planted(work / "node_modules" / ".bin"), planted(tmp_path / "bin")
    monkeypatch.setenv("PATH", f"{inside}{os.pathsep}{outside}")
    assert own_program("rg") == f"{inside}/rg"
    assert own_program("rg", [work]) == f"{outside}/rg"
    (tmp_path / "link").symlink_to(work)
    monkeypatch.setenv("PATH", f"{tmp_path / 'link' / 'node_modules' / '.bin'}")
    assert own_program("rg", [work]) is None


def test_so_is_a_link_that_leads_into_it(work: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    inside = planted(work)
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "rg").symlink_to(f"{inside}/rg")
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    assert own_program("rg", [work]) is None


@pytest.mark.parametrize("path", ["", ".", "bin", f"{os.pathsep}", f".{os.pathsep}bin"])
def test_relative_folders_are_passed_over(work: Path, monkeypatch: pytest.MonkeyPatch, path: str) -> None:
    planted(work)
    planted(work / "bin")
    monkeypatch.chdir(work)
    monkeypatch.setenv("PATH", path)
    assert own_program("rg") is None


def test_a_workspace_that_holds_the_system_leaves_its_programs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/usr/bin:/bin")
    assert own_program("sh", [Path("/")]) is not None
