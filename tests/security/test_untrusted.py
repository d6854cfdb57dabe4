"""In a workspace that nobody trusts, nothing of it is run: every program that a whole run starts is watched."""

from __future__ import annotations

import asyncio
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.support.asking import Answered, Desk, desk, run

STRACE = ("strace", "-f", "-qq", "-e", "trace=execve", "-e", "signal=none")
CALLS: list[Any] = [
    {"tool": "list", "input": {}},
    {"tool": "read", "input": {"path": "a.txt"}},
    {"tool": "glob", "input": {"pattern": "**/*.txt"}},
    {"tool": "grep", "input": {"pattern": "c"}},
    *(
        {"tool": "shell", "input": {"command": it}}
        for it in ("ls -l", "cat a.txt | head", "git status", "git log -p")
    ),
    {"tool": "shell", "input": {"command": "make"}},
]
SCRIPT: list[Any] = [{"blocks": CALLS}, "Done."]
_EXECUTED = re.compile(r'execve\("([^"]+)"')


@pytest.fixture
def hostile(tmp_path: Path) -> Path:
    """A repository in which whatever could be started leaves a mark."""
    root, marks = tmp_path / "work", tmp_path / "marks"
    (root / "bin").mkdir(parents=True)
    evil = f'#!/bin/sh\necho "$0 $@" >> {marks}\ncat\n'
    for name in ("git", "rg", "bash", "sh", "bwrap", "python3", "ls", "evil"):
        (root / "bin" / name).write_text(evil)
        (root / "bin" / name).chmod(0o755)
    program = str(root / "bin" / "evil")
    subprocess.run(["git", "init", "-q", str(root)], check=True)
    for key in ("core.fsmonitor", "diff.external", "core.pager", "filter.evil.clean", "core.sshCommand"):
        subprocess.run(["git", "-C", str(root), "config", key, program], check=True)
    (root / ".gitattributes").write_text("*.txt filter=evil diff=evil\n")
    (root / "a.txt").write_text("c\n")
    (root / "Makefile").write_text(f"all:\n\t{program}\n")
    return root


async def watched(place: Desk, log: Path, *arguments: str) -> tuple[Answered, list[str]]:
    """Run `postil ask` with the workspace's own programs first on PATH; return what it said and what was started."""
    path = f"{place.workspace / 'bin'}:.:{place.environment['PATH']}"
    strace = shutil.which("strace")
    assert strace is not None, "strace is missing"
    asked = await run(
        "ask", "--json", *arguments, "Look.",
        cwd=place.workspace, env={**place.environment, "PATH": path}, under=(strace, *STRACE[1:], "-o", str(log)),
    )  # fmt: skip
    lines = (await asyncio.to_thread(log.read_text)).splitlines()
    return asked, [it[1] for line in lines if (it := _EXECUTED.search(line))]


async def test_nothing_of_it_is_started(tmp_path: Path, hostile: Path) -> None:
    async with desk(tmp_path, SCRIPT, hostile) as place:
        asked, started = await watched(place, tmp_path / "log")
    outcomes = [it["outcome"] for it in asked.events("CallFinished")]
    assert outcomes == ["completed"] * 6 + ["denied"] * 3, asked.err
    assert not (tmp_path / "marks").exists(), (tmp_path / "marks").read_text()
    inside = [it for it in started if it.startswith((str(hostile), "."))]
    assert inside == []
    assert [it for it in started if it.endswith("/git")] == [], "no git, not even to look at a configuration"
    assert "is not known to be trusted" in asked.err


async def test_trusted_for_the_run_git_looks_and_still_starts_nothing(tmp_path: Path, hostile: Path) -> None:
    async with desk(tmp_path, SCRIPT, hostile) as place:
        asked, started = await watched(place, tmp_path / "log", "--trust")
        again = await place.ask("Look again.")
    assert [it["outcome"] for it in asked.events("CallFinished")] == ["completed"] * 8 + ["denied"]
    assert [it for it in started if it.endswith("/git")] != []
    assert not (tmp_path / "marks").exists(), (tmp_path / "marks").read_text()
    assert "not known to be trusted" not in asked.err
    assert not list((place.state / "trust").glob("*")), "nothing is kept of it"
    assert again.status == 1, "the script is at its end"
