"""Commands in a sandbox see unsaved text in place of files, and leave no trace of it."""

from __future__ import annotations

import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from postil.core.effects import Command
from postil.core.outlook import Laid
from postil.core.ports import ShellResult
from postil.workspace.commands.local_shell import LocalShell
from postil.workspace.sandbox.choice import choose
from tests.support.ways import ways_of


class Screen:
    """A repository with files, and unsaved texts over some of them."""

    def __init__(self, folder: Path) -> None:
        self.root = folder / "ws"
        self.root.mkdir()
        for name in ("a.py", "sub/b.py", ".env"):
            (self.root / name).parent.mkdir(exist_ok=True)
            (self.root / name).write_text("saved\n")
        for line in ("git init -q .", "git add -A", "git commit -qm one"):
            subprocess.run(line.split(), cwd=self.root, check=True)
        assert choose().lays_over, "install bubblewrap"
        self.shell = LocalShell(ways_of(folder / "run", [self.root]))
        self.laid: list[Laid] = []

    def lay(self, name: str, data: bytes, mode: int = 0o644) -> None:
        self.laid.append(Laid(self.root / name, data, mode))

    async def run(self, line: str, *, only_reads: bool) -> ShellResult:
        command = Command(line, self.root, 20.0, only_reads=only_reads, laid=tuple(self.laid))
        command = replace(command, outlook=await self.shell.outlook(command))

        async def spawned(pid: int, started: float) -> None:
            """Nobody wants to know."""

        return await self.shell.run(command, lambda _: None, spawned)


@pytest.fixture
def screen(tmp_path: Path) -> Screen:
    return Screen(tmp_path)


@pytest.mark.parametrize("only_reads", [True, False])
async def test_it_is_read_by_every_program(screen: Screen, *, only_reads: bool) -> None:
    screen.lay("a.py", b"typed \xff\n", 0o755)
    screen.lay("sub/b.py", b"")
    line = "cat a.py | od -c | head -1; git diff --stat | tail -1; grep -rlv x . | grep py; wc -c < sub/b.py; ls -l a.py | cut -c 1-10"
    output = (await screen.run(line, only_reads=only_reads)).output
    assert output.splitlines() == [
        "0000000   t   y   p   e   d     377  \\n",
        " 2 files changed, 1 insertion(+), 2 deletions(-)",
        "./a.py",
        "0",
        "-rwxr-xr-x",
    ]
    assert {it: (screen.root / it).read_text() for it in ("a.py", "sub/b.py")} == {
        "a.py": "saved\n",
        "sub/b.py": "saved\n",
    }


async def test_it_cannot_be_changed_and_what_lies_beside_it_can(screen: Screen) -> None:
    screen.lay("a.py", b"typed\n")
    result = await screen.run("echo x > b.py; echo x > a.py; mv b.py a.py; rm -f a.py", only_reads=False)
    assert result.exit_code != 0
    assert result.notes
    assert (screen.root / "a.py").read_text() == "saved\n"
    assert (screen.root / "b.py").read_text() == "x\n"


async def test_a_secret_on_the_screen_is_none_of_the_business_of_what_runs_unasked(screen: Screen) -> None:
    screen.lay(".env", b"typed\n")
    assert "typed" not in (await screen.run("cat .env", only_reads=True)).output
    assert (await screen.run("cat .env", only_reads=False)).output == "typed\n"
