"""What runs outside of any sandbox, a script that a person's hook or server names, is changed by no command in one."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from postil.core.effects import Command
from postil.workspace.commands.working import Working
from tests.security.test_escape import MECHANISMS

TRIES = """
import os, shutil, sys
def write(): open("tools/deep/check.sh", "w").write("evil")
def remove(): os.unlink("tools/deep/check.sh")
def replace(): open("other", "w").write("evil"); os.replace("other", "tools/deep/check.sh")
def move(): os.rename("tools/deep/check.sh", "gone")
def folder(): os.rename("tools/deep", "moved")
def top(): os.rename("tools", "moved")
def linked(): os.link("tools/deep/check.sh", "tools/deep/also"); open("tools/deep/also", "w").write("evil")
for it in (write, remove, replace, move, folder, top, linked):
    try:
        it()
    except OSError:
        continue
    print(it.__name__)
os.makedirs("tools/deep", exist_ok=True)
open("tools/deep/beside", "w").write("x")
"""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    made = Path(os.path.realpath(tmp_path)) / "ws"
    (made / "tools/deep").mkdir(parents=True)
    (made / "tools/deep/check.sh").write_text("exit 0\n")
    (made / "gen.py").write_text(TRIES)
    return made


def run(root: Path, *started: Path) -> str:
    mechanism = MECHANISMS["bubblewrap"]
    working = Working(
        root.parent / "run", [root], sandbox=lambda: mechanism, started=lambda: map(str, started)
    )
    prepared = working.prepare(
        [os.path.realpath(sys.executable), "-I", "-S", "gen.py"], Command("", root, 50.0)
    )
    launch = prepared.launch
    try:
        done = subprocess.run(
            launch.argv, cwd=root, env=launch.environment, pass_fds=launch.files, capture_output=True, text=True, check=False,
            timeout=50,
        )  # fmt: skip
    finally:
        launch.close()
    prepared.around.ended("", 0)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_it_stays_as_it_is_and_where_it_is_and_the_rest_is_free(root: Path) -> None:
    script = root / "tools/deep/check.sh"
    assert run(root, script) == ""
    assert script.read_text() == "exit 0\n"
    assert (root / "tools/deep/beside").read_text() == "x"


def test_what_nothing_starts_is_changed_like_any_file(root: Path) -> None:
    assert "write" in run(root)


def test_what_is_protected_anyway_is_opened_by_no_name_in_it(root: Path) -> None:
    folder = root / ".postil/hooks"
    folder.mkdir(parents=True)
    (folder / "check.sh").write_text("exit 0\n")
    (root / "gen.py").write_text(
        'try:\n open(".postil/hooks/evil.sh", "w")\nexcept OSError:\n pass\nelse:\n print("made")\n'
    )
    assert run(root, folder / "check.sh") == ""
