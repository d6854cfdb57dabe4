"""A command that was allowed may change the workspace, and nothing else; what is protected there stays as it is."""

from __future__ import annotations

import asyncio
import json
import os
import socket
import subprocess
import sys
import time
import uuid
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from postil.core.effects import Command
from postil.core.outlook import Outlook
from postil.core.ports import ShellResult
from postil.workspace.commands.local_shell import LocalShell
from postil.workspace.commands.processes import process_alive, start_time
from postil.workspace.sandbox.bubblewrap import Bubblewrap, find_bubblewrap
from postil.workspace.sandbox.covers import Covers
from postil.workspace.sandbox.landlock import Landlock, landlock_version
from postil.workspace.sandbox.mechanism import Mechanism, Unconfined
from tests.support.processes import running
from tests.support.ways import ways_of

PROJECT = Path(__file__).parents[3]
PATIENCE = 40.0


def until(seen: Callable[[], bool]) -> None:
    """Wait for what another process does."""
    end = time.monotonic() + PATIENCE
    while not seen():
        assert time.monotonic() < end
        time.sleep(0.01)


class Runner:
    """A workspace in a home of its own, and a shell."""

    def __init__(self, folder: Path, mechanism: Mechanism | None = None) -> None:
        self.folder = folder
        self.home = Path(os.environ["HOME"])
        self.root = folder / "ws"
        self.root.mkdir()
        program = find_bubblewrap()
        assert program is not None, "install bubblewrap"
        self.mechanism = mechanism or Bubblewrap(program)
        self.pids: list[int] = []
        self.shell = LocalShell(ways_of(folder / "run", [self.root], self.mechanism))

    async def __call__(self, line: str, *, timeout: float = 20.0, outside: str = "") -> ShellResult:
        command = Command(line, self.root, timeout, outside=outside)
        command = replace(command, outlook=await self.shell.outlook(command))
        return await self.shell.run(command, lambda _: None, self.spawned)

    async def spawned(self, pid: int, started: float) -> None:
        self.pids.append(pid)

    async def look(self, line: str) -> Outlook:
        return await self.shell.outlook(Command(line, self.root, 20.0))

    def repository(self) -> None:
        git("init", "-q", ".", cwd=self.root)

    @property
    def names(self) -> set[str]:
        return {it.name for it in self.root.iterdir()}


def git(*words: str, cwd: Path) -> None:
    subprocess.run(["git", *words], cwd=cwd, check=True)


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Runner:
    (tmp_path / "home").mkdir()
    (tmp_path / "home/.gitconfig").write_text("[user]\n\tname = Ada\n\temail = ada@example.org\n")
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    return Runner(tmp_path)


async def test_it_changes_the_workspace_and_its_temporary_folder(run: Runner) -> None:
    line = "mkdir -p a/b && echo x > a/b/c && chmod 750 a && echo kept > $TMPDIR/x && echo gone > /tmp/x && ls /tmp/x"
    assert (await run(line)).exit_code == 0
    assert (run.root / "a/b/c").read_text() == "x\n"
    assert ((run.root / "a").stat().st_mode & 0o777) == 0o750
    assert (await run("cat $TMPDIR/x; ls /tmp/x")).output.startswith("kept\nls: ")


async def test_what_lies_elsewhere_is_not_seen_or_cannot_be_changed(run: Runner) -> None:
    (run.home / ".ssh").mkdir()
    (run.home / ".ssh/key").write_text("secret")
    result = await run(f"cat ~/.ssh/key; echo x > {run.folder}/x; echo x > /etc/x")
    assert "secret" not in result.output
    assert result.output.count("Read-only file system") == 1
    assert not (run.folder / "x").exists()
    [note] = result.notes
    assert f"{run.home}/.ssh/key is hidden there" in note
    assert "only the workspace can be written" in note
    assert "`outside_sandbox`" in note


async def test_what_went_well_is_not_explained(run: Runner) -> None:
    assert (await run("echo Read-only file system")).notes == ()
    assert (await run("echo it is broken; false")).notes == ()


async def test_toolchains_in_the_home_work_and_cannot_be_changed(
    tmp_path: Path, run: Runner, monkeypatch: pytest.MonkeyPatch
) -> None:
    tool = run.home / "sdk/bin/tool"
    for name, text in {
        "bin/tool": "#!/bin/sh\ncat ../home/sdk/lib/x\n",
        "lib/x": "works\n",
        "config": "secret\n",
    }.items():
        path = run.home / "sdk" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    tool.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tool.parent}:{os.environ['PATH']}")
    run.shell = LocalShell(ways_of(tmp_path / "again", [run.root], run.mechanism))
    result = await run("tool; echo x > ~/sdk/lib/x; cat ~/sdk/config")
    assert result.output.startswith("works\n")
    assert "Read-only" in result.output
    assert "secret" not in result.output


async def test_it_talks_within_itself_and_to_nobody_else(run: Runner) -> None:
    (run.root / "talk.py").write_text(
        "import socket\n"
        "s = socket.socket(); s.bind(('127.0.0.1', 0)); s.listen()\n"
        "socket.create_connection(s.getsockname()); print('spoken')\n"
        "try: socket.create_connection(('192.0.2.1', 80), 2)\n"
        "except OSError as error: raise SystemExit(str(error))\n"
    )
    result = await run(f"{sys.executable} -I talk.py")
    assert result.output == "spoken\n[Errno 101] Network is unreachable\n"
    assert "there is no network" in result.notes[0]


async def test_with_a_network_it_reaches_the_machine_and_no_service_behind_a_file(run: Runner) -> None:
    run.shell = LocalShell(ways_of(run.folder / "run", [run.root], run.mechanism, network=True))
    assert (await run.look("make")).network
    with socket.socket() as listener, socket.socket(socket.AF_UNIX) as service:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        service.bind(str(run.root / "service"))
        (run.root / "talk.py").write_text(
            "import socket\n"
            f"socket.create_connection({listener.getsockname()!r}); print('spoken', flush=True)\n"
            "socket.socket(socket.AF_UNIX)\n"
        )
        result = await run(f"{sys.executable} -I talk.py")
    assert result.output.startswith("spoken\n")
    assert "Operation not permitted" in result.output


async def test_no_program_is_made_that_runs_as_its_owner(run: Runner) -> None:
    result = await run("touch x; chmod u+s x; chmod 2755 x; chmod 1755 x && echo sticky")
    assert result.output.count("Operation not permitted") == 2
    assert result.output.endswith("sticky\n")
    made = "import os; os.close(os.open('y', os.O_CREAT | os.O_WRONLY, 0o4755))"
    assert (await run(f'{sys.executable} -I -c "{made}"')).exit_code == 1
    assert not (run.root / "y").exists()


async def test_commits_are_made_and_settings_and_hooks_stay(run: Runner) -> None:
    run.repository()
    before = (run.root / ".git/config").read_bytes()
    assert (
        await run(
            "echo x > a && git add -A && git commit -qm one && git branch b && git log --oneline | wc -l"
        )
    ).output == "1\n"
    for line in (
        "git config user.name x", "echo x >> .git/config", "rm -f .git/config", "echo x > .git/hooks/pre-commit", "mv .git .other",
        "mv .git/hooks .git/x", "rm -rf .git", "ln -f a .git/config",
    ):  # fmt: skip
        result = await run(line)
        assert result.exit_code != 0, line
        assert result.notes, line
    assert (run.root / ".git/config").read_bytes() == before
    assert not (run.root / ".git/hooks/pre-commit").exists()


async def test_what_git_would_act_on_ends_the_command_that_makes_it(run: Runner) -> None:
    run.repository()
    result = await run("echo ../evil > .git/commondir; sleep 600")
    assert result.exit_code == 137
    assert "Ended at once" in result.notes[0]
    assert not (run.root / ".git/commondir").exists()
    git("status", cwd=run.root)


async def test_a_worktree_commits_into_its_repository_which_is_believed_and_not_the_worktree(
    run: Runner,
) -> None:
    main = run.folder / "main"
    git("init", "-q", str(main), cwd=run.folder)
    git("commit", "-q", "--allow-empty", "-m", "one", cwd=main)
    run.root.rmdir()
    git("worktree", "add", "-q", str(run.root), cwd=main)
    run.shell = LocalShell(ways_of(run.folder / "run", [run.root], run.mechanism))
    result = await run("git commit -q --allow-empty -m two && git log --oneline | wc -l")
    assert result.output == "2\n"
    assert (await run(f"echo x > {main}/y; echo x > {main}/.git/hooks/pre-commit")).exit_code != 0
    assert not (main / "y").exists()
    other = run.folder / "other"
    git("init", "-q", str(other), cwd=run.folder)
    (run.root / ".git").write_text(f"gitdir: {other}/.git\n")
    assert (await run(f"echo x > {other}/.git/x")).exit_code != 0
    assert not (other / ".git/x").exists()


@pytest.mark.parametrize(
    "name",
    [
        ".vscode/settings.json",
        ".postil/settings.toml",
        ".mcp.json",
        "sub/.claude/settings.json",
        "sub/.envrc",
    ],
)
async def test_what_is_protected_and_there_stays_as_it_is(run: Runner, name: str) -> None:
    path = run.root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("whole")
    for line in (f"echo x > {name}", f"rm -f {name}", f"touch x && mv -f x {name}"):
        assert (await run(line)).exit_code != 0, line
    assert path.read_text() == "whole"


async def test_a_program_that_the_person_uses_finds_nothing_new_to_act_on(run: Runner) -> None:
    (run.home / ".vscode").mkdir()
    result = await run(
        "mkdir -p .vscode; echo x > .vscode/settings.json; ls -d .vscode; mv .vscode x; rmdir .vscode"
    )
    assert "Read-only file system" in result.output
    assert run.names == set()
    assert (await run("echo x > a")).exit_code == 0
    assert run.names == {"a"}


async def test_what_is_protected_and_made_at_the_top_is_set_aside(run: Runner) -> None:
    line = (
        "echo x > .mcp.json; mkdir .zed; echo x > .zed/settings.json; echo x > .envrc; mkdir -p sub/.claude"
    )
    result = await run(line)
    assert result.exit_code == 0
    assert run.names == {".mcp.json.set-aside", ".zed.set-aside", ".envrc.set-aside", "sub"}
    assert result.notes[0] == (
        "Protected paths that it made were set aside: .envrc as .envrc.set-aside, .mcp.json as .mcp.json.set-aside, "
        ".zed as .zed.set-aside."
    )
    assert result.notes[1] == "It made protected paths, which no tool may change any more: sub/.claude."
    again = await run("echo y > .envrc")
    assert ".envrc as .envrc.set-aside-2" in again.notes[0]


async def test_what_only_moved_with_its_folder_stays(run: Runner) -> None:
    (run.root / "a").mkdir()
    (run.root / "a/.npmrc").write_text("x")
    assert (await run("mv a b")).notes == ()
    assert (run.root / "b/.npmrc").read_text() == "x"


async def test_another_commands_need_outlasts_the_first_to_end(run: Runner) -> None:
    (run.home / ".vscode").mkdir()
    first = asyncio.create_task(
        run("until [ -e go ]; do sleep 0.01; done; mkdir .vscode/x; ls -A .vscode; echo done")
    )
    while not (run.root / ".vscode").exists():  # noqa: ASYNC110 (another process makes it)
        await asyncio.sleep(0.005)
    await run("true")
    assert (run.root / ".vscode").exists()
    (run.root / "go").touch()
    assert (await first).output.endswith("Read-only file system\ndone\n")
    assert run.names == {"go"}


def test_what_a_killed_postil_left_is_removed_and_what_somebody_made_of_it_stays(tmp_path: Path) -> None:
    covers = Covers(tmp_path / "covers")
    folders = [tmp_path / "a", tmp_path / "b"]
    note = covers.begin(folders)
    assert note is not None
    for it in folders:
        it.mkdir()
    (tmp_path / "b/x").touch()
    covers.sweep()
    assert (tmp_path / "a").exists(), "this process may still need it"
    data = json.loads(note.read_text())
    note.write_text(json.dumps(data | {"started": data["started"] + 5}))
    covers.sweep()
    assert not (tmp_path / "a").exists()
    assert (tmp_path / "b/x").exists()


async def test_its_last_words_and_its_end(run: Runner) -> None:
    mark = uuid.uuid4().hex
    result = await run(
        f"trap 'echo bye; exit 3' TERM; echo begun; (exec -a {mark} sleep 600) & wait", timeout=0.5
    )
    assert result.exit_code is None
    assert "bye\n" in result.output
    assert not running(mark)


async def test_what_it_leaves_running_ends_with_it(run: Runner) -> None:
    mark = uuid.uuid4().hex
    await run(f"(setsid bash -c 'exec -a {mark} sleep 600' > /dev/null 2>&1 &); echo done")
    assert not running(mark)


def test_it_goes_on_when_postil_is_killed(run: Runner) -> None:
    """What is half done is worse than what is done."""
    code = (
        "import asyncio, sys\nfrom pathlib import Path\nfrom postil.core.effects import Command\n"
        "from postil.workspace.commands.local_shell import LocalShell\nfrom tests.support.ways import ways_of\n"
        "async def spawned(pid, started): print(pid, flush=True)\n"
        "root = Path(sys.argv[1])\nshell = LocalShell(ways_of(root.parent / 'killed', [root]))\n"
        "line = 'echo x > begun; until [ -e go ]; do sleep 0.01; done; echo x > ended'\n"
        "asyncio.run(shell.run(Command(line, root, 60.0), lambda _: None, spawned))\n"
    )
    words = [sys.executable, "-c", code, str(run.root)]
    with subprocess.Popen(words, cwd=PROJECT, stdout=subprocess.PIPE, text=True) as postil:
        assert postil.stdout is not None
        pid = int(postil.stdout.readline())
        until((run.root / "begun").exists)
        started = start_time(pid)
        postil.kill()
    (run.root / "go").touch()
    until(lambda: not process_alive(pid, started))
    assert (run.root / "ended").exists()


async def test_outside_it_is_as_if_there_were_no_sandbox(run: Runner) -> None:
    result = await run(f"echo x > {run.folder}/x; echo $PPID", outside="it has to")
    assert int(result.output) == os.getpid()
    assert (run.folder / "x").exists()


@pytest.mark.parametrize(
    ("mechanism", "why"),
    [
        (Unconfined(), "there is none on this machine"),
        (Landlock(max(landlock_version(), 3)), "Landlock and seccomp cannot let"),
    ],
    ids=["none", "Landlock"],
)
async def test_what_cannot_be_held_runs_outside_and_says_so(
    run: Runner, mechanism: Mechanism, why: str
) -> None:
    run.shell = LocalShell(ways_of(run.folder / "run", [run.root], mechanism))
    outlook = await run.look("make")
    assert outlook.sandbox == ""
    assert outlook.why_outside.startswith(why)
    assert (await run(f"echo x > {run.folder}/x")).exit_code == 0


async def test_a_workspace_that_holds_the_home_is_given_to_nobody(
    run: Runner, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(run.root))
    run.shell = LocalShell(ways_of(run.folder / "run", [run.root], run.mechanism))
    assert (await run.look("make")).why_outside == "the workspace holds your home"
