"""The folders of an asked command's programs: the user's, and none that others can put programs into."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from postil.workspace.commands.environment import SYSTEM_PATH
from postil.workspace.commands.login_path import LoginPath

SYSTEM = [Path(it) for it in SYSTEM_PATH.split(":") if Path(it).is_dir()]


def program(folder: Path, name: str = "tool") -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / name
    path.write_text("#!/bin/sh\n")
    path.chmod(0o755)
    return path


def path_of(*folders: object, trusted: bool = True, root: Path | None = None, **own: str) -> LoginPath:
    value = os.pathsep.join(map(str, folders))
    return LoginPath(
        {"PATH": value, "TERM": "xterm", **own}, [root] if root is not None else [], lambda: trusted
    )


def test_it_is_the_users_and_then_the_systems(tmp_path: Path) -> None:
    (tmp_path / "bin").mkdir()
    assert list(path_of(tmp_path / "bin", "/usr/bin").folders()) == [
        tmp_path / "bin",
        Path("/usr/bin"),
        *(it for it in SYSTEM if it != Path("/usr/bin")),
    ]


@pytest.mark.parametrize("folder", ["", ".", "bin", "./bin", "../bin", "/nowhere/bin"])
def test_what_is_relative_or_not_there_is_left_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, folder: str
) -> None:
    program(tmp_path / "bin")
    monkeypatch.chdir(tmp_path)
    assert list(path_of(folder).folders()) == SYSTEM


def test_what_everybody_may_write_is_left_out(tmp_path: Path) -> None:
    (tmp_path / "open/bin").mkdir(parents=True)
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin").chmod(0o777)
    (tmp_path / "sticky").mkdir()
    (tmp_path / "sticky").chmod(0o1777)
    (tmp_path / "open").chmod(0o777)
    assert list(path_of(tmp_path / "bin", tmp_path / "open/bin", tmp_path / "sticky").folders()) == SYSTEM


def test_of_a_workspace_only_the_environment_of_a_trusted_one_counts(tmp_path: Path) -> None:
    root = tmp_path / "ws"
    for name in (".venv/bin", "bin", "node_modules/.bin"):
        program(root / name)
    (root / ".venv/pyvenv.cfg").write_text("")
    (tmp_path / "link").symlink_to(root / "bin")
    folders = [root / ".venv/bin", root / "bin", root / "node_modules/.bin", tmp_path / "link"]
    assert list(path_of(*folders, root=root).folders()) == [root / ".venv/bin", *SYSTEM]
    assert list(path_of(*folders, root=root, trusted=False).folders()) == SYSTEM


def test_a_word_means_a_file(tmp_path: Path) -> None:
    tool = program(tmp_path / "bin")
    (tmp_path / "bin/plain").write_text("")
    (tmp_path / "bin/folder").mkdir()
    path = path_of(tmp_path / "bin")
    assert path.find("tool", tmp_path) == tool
    assert path.find("bin/tool", tmp_path) == tool
    assert path.find("../bin/tool", tmp_path / "bin") == tool
    for word in ("plain", "folder", "absent", "./absent", ""):
        assert path.find(word, tmp_path) is None, word


@pytest.mark.parametrize("shell", ["bash", "sh"])
def test_without_a_terminal_the_login_shell_is_asked(tmp_path: Path, shell: str) -> None:
    program(tmp_path / "mine")
    (tmp_path / ".profile").write_text(f'PATH="$PATH:{tmp_path}/mine"\necho noise\n')
    own = {"PATH": "/usr/bin", "HOME": str(tmp_path), "SHELL": f"/bin/{shell}"}
    assert tmp_path / "mine" in LoginPath(own).folders()
    assert tmp_path / "mine" not in LoginPath(own | {"TERM": "xterm"}).folders()


@pytest.mark.parametrize("shell", ["", "bash", "/bin/nologin", "/nowhere/bash"])
def test_a_shell_that_does_not_tell_takes_nothing_away(shell: str) -> None:
    assert LoginPath({"PATH": "/usr/bin", "SHELL": shell}).folders()[0] == Path("/usr/bin")
