"""Ignore files and globs, against git's own judgement."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from postil.core.errors import InvalidInput
from postil.workspace.search.globs import expand_braces, glob_regex
from postil.workspace.search.ignores import IgnoreFile, IgnoreTree

PATTERNS = [
    "*.log", "!a.log", "/b", "b/", "b/a.log", "**/c", "c/**", "b/**/c", "*", "!*/", "!*.py", "x y", "x\\ y", "[ab]*", "[!a]", "# no",
    "\\#x", "\\!x", "a.py ", "b\r", "**", "!b/", "c", "!c", "?", "", "/", "b/*", "!b/c", "*.{log,py}", "a\\",
]  # fmt: skip
NAMES = ["a.log", "b", "c", "a.py", "x y", "#x", "!x", "z", "B"]
ignore_text = st.lists(st.sampled_from(PATTERNS), max_size=5).map("\n".join)
paths = st.lists(
    st.lists(st.sampled_from(NAMES), min_size=1, max_size=4).map("/".join), min_size=1, max_size=8
)


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("repository")
    subprocess.run(["git", "init", "-q", folder], check=True)
    return folder


@given(top=ignore_text, nested=ignore_text, wanted=paths)
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_git_agrees(repository: Path, top: str, nested: str, wanted: list[str]) -> None:
    (repository / ".gitignore").write_bytes(top.encode())
    (repository / "b").mkdir(exist_ok=True)
    (repository / "b/.gitignore").write_bytes(nested.encode())
    ask = ["git", "-c", "core.excludesFile=", "check-ignore", "--no-index", "-z", "--stdin"]
    answer = subprocess.run(
        ask, cwd=repository, input="\0".join(wanted).encode(), capture_output=True, check=False
    )
    files = {"": IgnoreFile.parse(top), "b": IgnoreFile.parse(nested)}
    tree = IgnoreTree(files.get)
    ours = {path for path in wanted if tree.ignored(path, is_folder=path == "b")}
    assert ours == set(answer.stdout.decode().rstrip("\0").split("\0")) - {""}


def test_the_nearest_file_wins() -> None:
    files = {"": IgnoreFile.parse("*.log\n"), "keep": IgnoreFile.parse("!*.log\n/x\n")}
    tree = IgnoreTree(files.get)
    assert tree.ignored("a.log")
    assert not tree.ignored("keep/deep/a.log")
    assert tree.ignored("keep/x/anything")
    assert not tree.ignored("keep/y/x")
    assert not tree.ignored("")


@pytest.mark.parametrize(
    ("pattern", "matching", "other"),
    [
        ("*.py", ["a.py", "b/c/a.py"], ["a.pyc", "a.py/x"]),
        ("**/*.py", ["a.py", "b/a.py"], ["a.txt"]),
        ("src/*.py", ["src/a.py"], ["src/b/a.py", "x/src/a.py"]),
        ("/*.py", ["a.py"], ["b/a.py"]),
        ("./src/**", ["src/a", "src/b/c"], ["src", "x/src/a"]),
        ("src/", ["src/a", "x/src/b/c"], ["src", "xsrc/a"]),
        ("*.{ts,tsx}", ["a.ts", "b/a.tsx"], ["a.t"]),
        ("{a,b/**}/x.py", ["a/x.py", "b/x.py", "b/c/x.py"], ["c/x.py"]),
        ("a{1}.py", ["a{1}.py"], ["a1.py"]),
        ("[!a]?.py", ["bc.py"], ["ac.py", "b.py"]),
        ("a[.py", ["a[.py"], ["a.py"]),
        ("*", ["a", "b/c"], []),
        ("a,b", ["a,b"], ["a"]),
        ("**/test_*/**", ["test_x/a", "b/test_x/c/d"], ["test/a"]),
    ],
)
def test_globs(pattern: str, matching: list[str], other: list[str]) -> None:
    regex = glob_regex(pattern)
    assert [path for path in matching + other if regex.match(path)] == matching


@pytest.mark.parametrize("pattern", ["", "/", "a\0", "[z-a]", "{a,b}" * 12])
def test_senseless_globs_are_refused(pattern: str) -> None:
    with pytest.raises(InvalidInput):
        glob_regex(pattern)


def test_braces_nest() -> None:
    assert sorted(expand_braces("{a,b{c,d}}e")) == ["ae", "bce", "bde"]


def test_odd_names_match() -> None:
    assert glob_regex("*").match(os.fsdecode(b"caf\xe9\n"))
