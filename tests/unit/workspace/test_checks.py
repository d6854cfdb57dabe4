"""Which checks a project has, told from its files alone, and whether one that ran has changed files."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from pathlib import Path

import pytest

from postil.core.verification import Check
from postil.workspace.checks.checking import WorkspaceChecks
from postil.workspace.checks.detection import detected
from postil.workspace.checks.marks import differing, taken

Tree = dict[str, str]
PROGRAM = "#!/bin/sh\nexit 1\n"


def plant(folder: Path, tree: Tree) -> None:
    for name, text in tree.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        if text == PROGRAM:
            path.chmod(0o755)


def package(**scripts: str) -> str:
    pairs = ", ".join(f'"{name}": "{said}"' for name, said in scripts.items())
    return '{"scripts": {' + pairs + "}}"


TABLE: list[tuple[Tree, list[str]]] = [
    ({}, []),
    ({"README.md": "x", "main.py": "x = 1"}, []),
    # Python
    ({"pyproject.toml": "[project]\nname = 'x'\n"}, []),
    ({"pyproject.toml": "[tool.pytest.ini_options]\n"}, ["pytest"]),
    ({"pyproject.toml": "[tool.pytest.ini_options]\n[tool.ruff.lint]\n[tool.mypy]\n"}, ["pytest", "ruff check .", "mypy ."]),
    ({"pyproject.toml": "[tool.mypy]\nfiles = ['src']\n"}, ["mypy"]),
    ({"pyproject.toml": "[tool.basedpyright]\n[tool.pyright]\n"}, ["basedpyright"]),
    ({"pyproject.toml": "[tool.pytest"}, []),
    ({"pyproject.toml": "tool = 3"}, []),
    ({"pytest.ini": "[pytest]\n"}, ["pytest"]),
    ({"pytest.ini": ""}, ["pytest"]),
    ({"tox.ini": "[tox]\n[pytest]\n"}, ["pytest"]),
    ({"setup.cfg": "[tool:pytest]\n[mypy]\nfiles = src\n"}, ["pytest", "mypy"]),
    ({"setup.cfg": "[metadata]\n"}, []),
    ({"tests/conftest.py": ""}, ["pytest"]),
    ({"ruff.toml": "", "mypy.ini": "[mypy]\n", "pyrightconfig.json": "{}"}, ["ruff check .", "mypy .", "pyright"]),
    ({"pytest.ini": "", ".venv/bin/pytest": PROGRAM, "uv.lock": ""}, [".venv/bin/pytest"]),
    ({"pytest.ini": "", ".venv/bin/pytest": "no program"}, ["pytest"]),
    ({"pytest.ini": "", "uv.lock": ""}, ["uv run --no-sync pytest"]),
    ({"pytest.ini": "", "poetry.lock": ""}, ["poetry run pytest"]),
    # JavaScript
    ({"package.json": package(test="jest", lint="eslint .", build="vite build")}, ["npm test", "npm run lint"]),
    ({"package.json": package(test="vitest run", typecheck="tsc --noEmit"), "pnpm-lock.yaml": ""}, ["pnpm test", "pnpm run typecheck"]),
    ({"package.json": package(test="x", lint="eslint --fix ."), "yarn.lock": ""}, ["yarn test"]),
    ({"package.json": package(test="bun test"), "bun.lock": ""}, ["bun run test"]),
    ({"package.json": package(test="echo no test specified && exit 1")}, []),
    ({"package.json": package(test="jest --watch", lint="prettier --write .")}, []),
    ({"package.json": package(test="jest -u")}, []),
    ({"package.json": '{"scripts": {"test": 3, "lint": ["x"]}}'}, []),
    ({"package.json": '{"scripts": []}'}, []),
    ({"package.json": "["}, []),
    ({"deno.json": "{}"}, ["deno test"]),
    # Others
    ({"Cargo.toml": "[package]\n"}, ["cargo test"]),
    ({"go.mod": "module x\n"}, ["go vet ./...", "go test ./..."]),
    ({"mix.exs": ""}, ["mix test"]),
    ({"pom.xml": ""}, ["mvn -q test"]),
    ({"gradlew": PROGRAM}, ["./gradlew test"]),
    # What speaks for all of a project, where nothing more special does
    ({"Makefile": "test:\n\tx\ncheck: test\n"}, ["make check"]),
    ({"Makefile": "test: build\n\tx\n"}, ["make test"]),
    ({"Makefile": "test all::\n\tx\n"}, ["make test"]),
    ({"Makefile": "check := 3\ntests:\n\tx\n.PHONY: test\n"}, []),
    ({"GNUmakefile": "check:\n", "Makefile": "test:\n"}, ["make check"]),
    ({"justfile": "test *args:\n  x\n"}, ["just test"]),
    ({"tox.ini": "[tox]\nenvlist = py311\n"}, ["tox"]),
    ({"pyproject.toml": "[tool.tox]\n"}, ["tox"]),
    ({"Makefile": "check:\n", "pytest.ini": ""}, ["pytest"]),
    ({"Cargo.toml": "", "package.json": package(test="x")}, ["npm test", "cargo test"]),
]  # fmt: skip


@pytest.mark.parametrize(("tree", "want"), TABLE, ids=["+".join(tree) or "nothing" for tree, _ in TABLE])
def test_what_the_files_tell(tree: Tree, want: list[str], tmp_path: Path) -> None:
    plant(tmp_path, tree)
    before = sorted(tmp_path.rglob("*"))
    found = detected(tmp_path)
    assert [it.command for it in found] == want
    assert detected(tmp_path) == found
    assert sorted(tmp_path.rglob("*")) == before, "nothing is run and nothing is made"
    assert len({it.name for it in found}) == len(found)
    assert all((tmp_path / it.source).is_file() for it in found)


def test_odd_files_tell_nothing(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").mkdir()
    (tmp_path / "setup.cfg").write_bytes(b"\xff\xfe[tool:pytest")
    (tmp_path / "package.json").write_text("[" * 100_000)
    (tmp_path / "Makefile").write_bytes(b"check:\n" + b"#" * (1 << 20))
    os.mkfifo(tmp_path / "tox.ini")
    (tmp_path / "pytest.ini").symlink_to("/etc/hostname")
    assert detected(tmp_path) == ()


@pytest.mark.parametrize(
    ("covers", "path", "want"),
    [
        ((), "anything", True),
        (("*.py",), "src/deep/a.py", True),
        (("*.py",), "src/a.pyc", False),
        (("src/*",), "src/deep/a.txt", True),
        (("src/*",), "tests/a.py", False),
        (("go.mod", "*.go"), "sub/go.mod", True),
    ],
)
def test_what_a_check_is_about(covers: tuple[str, ...], path: str, want: bool) -> None:
    assert Check(name="x", command="x", covers=covers, source="x").is_about(path) is want


async def test_named_checks_stand_in_the_place_of_found_ones(tmp_path: Path) -> None:
    (tmp_path / "pytest.ini").write_text("")
    named = [Check(name="mine", command="./mine", source="settings.toml")]
    checks = WorkspaceChecks([tmp_path], lambda: named, 2)
    assert list(await checks.known()) == named
    named.clear()
    assert [it.name for it in await checks.known()] == ["pytest"]


def test_the_room_is_entered_by_nobody_before_it_is_used() -> None:
    code = (
        "import sys\nfrom postil.app import build\n"
        "print([it for it in sys.modules if it.startswith(('postil.workspace.checks.', 'postil.agent.verifying.'))])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "['postil.workspace.checks.checking', 'postil.agent.verifying.named']"


def changed(folder: Path, marks: dict[Path, str]) -> list[str]:
    return [it.relative_to(folder).as_posix() for it in differing(marks)]


def test_files_that_were_there_and_are_not_as_they_were(tmp_path: Path) -> None:
    plant(tmp_path, {"a.py": "a", "b.py": "b", "c.py": "c", "node_modules/x.js": "x", ".cache/y": "y"})
    marks = taken([tmp_path], [])
    assert changed(tmp_path, marks) == []
    plant(tmp_path, {"a.py": "A", "b.py": "b", "new.py": "n", "node_modules/x.js": "X", ".cache/y": "Y"})
    (tmp_path / "c.py").unlink()
    os.utime(tmp_path / "b.py", (1, 1))
    assert changed(tmp_path, marks) == ["a.py", "c.py"], (
        "neither what is new, nor made, nor written anew as it was"
    )


def test_in_a_repository_its_tracked_files_are_looked_at(tmp_path: Path) -> None:
    plant(tmp_path, {"a.py": "a", "made.py": "m", ".github/x.yml": "x"})
    git = ["git", "-C", str(tmp_path), "-c", "user.name=x", "-c", "user.email=x@example.org"]
    subprocess.run([*git, "init", "-q"], check=True)
    subprocess.run([*git, "add", "a.py", ".github/x.yml"], check=True)
    marks = taken([tmp_path], [])
    plant(tmp_path, {"a.py": "A", "made.py": "M", ".github/x.yml": "X"})
    assert changed(tmp_path, marks) == [".github/x.yml", "a.py"]


def test_more_files_are_looked_at_wherever_they_are_and_whether_they_are_there(tmp_path: Path) -> None:
    (tmp_path / "root").mkdir()
    outside = tmp_path / "outside.txt"
    marks = taken([tmp_path / "root"], [outside])
    assert changed(tmp_path, marks) == []
    outside.write_text("x")
    assert changed(tmp_path, marks) == ["outside.txt"]


def test_a_pipe_holds_up_nobody(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    marks = taken([tmp_path], [])
    assert changed(tmp_path, marks) == []
    (tmp_path / "pipe").unlink()
    assert changed(tmp_path, marks) == ["pipe"]


async def test_looking_is_no_work_of_the_loops_thread(tmp_path: Path) -> None:
    plant(tmp_path, {"a.py": "a"})
    checks = WorkspaceChecks([tmp_path], list, 2)
    marks, known = await asyncio.gather(checks.marks([]), checks.known())
    assert list(marks) == [tmp_path / "a.py"]
    assert known == ()
