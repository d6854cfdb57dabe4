"""Command lines run as real processes, and end."""

from __future__ import annotations

import asyncio
import os
import signal
import tracemalloc
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from time import monotonic

import pytest

from postil.core.effects import Command
from postil.core.errors import CommandFailed
from postil.core.ports import ShellResult
from postil.workspace.commands.environment import program_environment, shell_environment
from postil.workspace.commands.local_shell import LocalShell
from postil.workspace.commands.processes import process_alive, start_time
from postil.workspace.commands.shell import run_program


async def until(condition: Callable[[], bool]) -> None:
    """Wait for what another process does; nobody can tell us."""
    async with asyncio.timeout(20):
        while not condition():  # noqa: ASYNC110
            await asyncio.sleep(0.005)


class Runner:
    """Runs lines in a folder and remembers what was heard."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.shell = LocalShell()
        self.heard: list[str] = []
        self.pids: list[tuple[int, float]] = []

    async def __call__(self, line: str, timeout: float = 20) -> ShellResult:
        return await self.shell.run(Command(line, self.folder, timeout), self.heard.append, self.spawned)

    async def spawned(self, pid: int, started: float) -> None:
        self.pids.append((pid, started))

    def number(self, name: str) -> int:
        """The process id that a command wrote to a file; 0 as long as it has not."""
        path = self.folder / name
        return int(path.read_text().strip() or 0) if path.exists() else 0


@pytest.fixture
async def run(tmp_path: Path) -> AsyncIterator[Runner]:
    runner = Runner(tmp_path)
    yield runner
    runner.shell.close()


async def test_both_streams_in_order_and_the_exit_code(run: Runner) -> None:
    result = await run("echo one; echo two >&2; echo three; exit 3")
    assert (result.exit_code, result.output, result.left_out) == (3, "one\ntwo\nthree\n", 0)
    assert "".join(run.heard) == result.output


async def test_the_folder_and_no_input(run: Runner) -> None:
    assert (await run("pwd; cat; read x || echo no input")).output == f"{run.folder}\nno input\n"


async def test_a_signal_counts_as_in_the_shell(run: Runner) -> None:
    assert (await run("kill -9 $$")).exit_code == 137


async def test_escapes_and_controls_are_stripped(run: Runner) -> None:
    result = await run(
        r"printf '\033[31mred\033[0m\033]0;title\007 \033]8;;http://x\033\\link\a\b\r\n50%%\r100%%\n\xff\n'"
    )
    assert result.output == "red link\n50%\n100%\n\ufffd\n"


async def test_it_is_known_before_anything_is_read(run: Runner) -> None:
    order: list[str] = []

    async def spawned(pid: int, started: float) -> None:
        await asyncio.sleep(0)
        assert process_alive(pid, started) or not order
        assert started > 0
        order.append("spawned")

    await run.shell.run(Command("echo x", run.folder, 20), order.append, spawned)
    assert order == ["spawned", "x\n"]


async def test_output_is_heard_while_it_runs(run: Runner) -> None:
    task = asyncio.create_task(run("echo ready; until [ -e go ]; do sleep 0.01; done; echo done"))
    await until(lambda: run.heard == ["ready\n"])
    (run.folder / "go").touch()
    assert (await task).output == "ready\ndone\n"


async def test_too_much_keeps_head_and_tail(run: Runner) -> None:
    result = await run("echo first; seq 1 100000; echo last")
    assert result.output.startswith("first\n1\n2\n")
    assert result.output.endswith("100000\nlast\n")
    assert len(result.output) < 31_000
    assert f"[{result.left_out:,} characters left out here]" in result.output


async def test_endless_output_takes_no_memory_and_no_time_of_the_loop(run: Runner) -> None:
    tracemalloc.start()
    longest = 0.0
    task = asyncio.create_task(run("yes", timeout=1))
    while not task.done():
        before = monotonic()
        await asyncio.sleep(0.005)
        longest = max(longest, monotonic() - before)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    result = await task
    assert result.exit_code is None
    assert result.left_out > 1_000_000
    assert peak < 5_000_000
    assert sum(map(len, run.heard)) < 1_000_000
    assert longest < 1


async def test_a_timeout_ends_the_whole_group(run: Runner) -> None:
    result = await run("sleep 1000 & echo $! > child; echo begun; wait", timeout=0.5)
    assert (result.exit_code, result.output) == (None, "begun\n")
    await until(lambda: not process_alive(run.number("child"), 0))


async def test_who_does_not_listen_is_killed(run: Runner) -> None:
    result = await run("trap '' TERM; echo $$ > child; while :; do sleep 0.1; done", timeout=0.1)
    assert result.exit_code is None
    assert 2 <= result.seconds < 15
    assert not process_alive(*run.pids[0])


async def test_cancelling_ends_the_group(run: Runner) -> None:
    task = asyncio.create_task(run("sleep 1000 & echo $! > child; wait"))
    await until(lambda: bool(run.pids and run.number("child")))
    before = monotonic()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert monotonic() - before < 1
    await until(lambda: not process_alive(run.number("child"), 0) and not process_alive(*run.pids[0]))


async def test_cancelling_who_does_not_listen_returns_and_ends_it_later(run: Runner) -> None:
    task = asyncio.create_task(run("trap '' TERM; echo $$ > child; while :; do sleep 0.1; done"))
    await until(lambda: bool(run.pids and run.number("child")))
    before = monotonic()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert monotonic() - before < 1
    await until(lambda: not process_alive(*run.pids[0]))


async def test_cancelling_at_any_moment_of_the_start_leaves_nothing(run: Runner) -> None:
    for turns in range(12):
        task = asyncio.create_task(run(f"echo $$ > child{turns}; exec sleep 1000"))
        for _ in range(turns):
            await asyncio.sleep(0.0005 * turns)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
    await until(lambda: not any(process_alive(pid, started) for pid, started in run.pids))
    await until(
        lambda: (
            not any(process_alive(run.number(f"child{n}"), 0) for n in range(12) if run.number(f"child{n}"))
        )
    )


async def test_a_refusal_to_record_ends_it(run: Runner) -> None:
    pids: list[int] = []

    async def spawned(pid: int, started: float) -> None:
        pids.append(pid)
        raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"):
        await run.shell.run(Command("sleep 1000", run.folder, 20), run.heard.append, spawned)
    await until(lambda: not process_alive(pids[0], 0))


async def test_what_is_left_behind_holding_the_output_is_ended(run: Runner) -> None:
    result = await run("echo now; sleep 1000 & echo $! > child")
    assert result.exit_code == 0
    assert result.output.startswith("now\n")
    assert "left running in the background was ended" in result.output
    assert result.seconds < 15
    await until(lambda: not process_alive(run.number("child"), 0))


async def test_what_is_left_behind_and_ignores_being_asked(run: Runner) -> None:
    result = await run(
        "(trap '' TERM; echo ready > r; sleep 1000) & until [ -e r ]; do sleep 0.01; done; echo $! > child"
    )
    assert result.seconds < 15
    await until(lambda: not process_alive(run.number("child"), 0))


async def test_a_daemon_that_left_the_group_does_not_hang_us(run: Runner) -> None:
    result = await run("setsid sleep 30 & echo $! > child; echo done")
    assert result.output.startswith("done\n")
    assert result.seconds < 15
    os.kill(run.number("child"), signal.SIGKILL)


async def test_what_redirected_its_output_lives_on(run: Runner) -> None:
    result = await run("sleep 1000 >/dev/null 2>&1 & echo $! > child; echo done")
    assert result.output == "done\n"
    child = run.number("child")
    assert process_alive(child, 0)
    os.kill(child, signal.SIGKILL)


async def test_late_output_of_the_group_is_kept(run: Runner) -> None:
    assert (await run("(sleep 0.05; echo late) & echo now")).output == "now\nlate\n"


async def test_output_closed_early(run: Runner) -> None:
    result = await run("exec >&- 2>&-; sleep 0.1; exit 4")
    assert (result.exit_code, result.output) == (4, "")


@pytest.mark.parametrize(("line", "folder"), [("echo", "missing"), ("a\0b", "."), ("x" * 3_000_000, ".")])
async def test_what_cannot_be_started(run: Runner, line: str, folder: str) -> None:
    with pytest.raises(CommandFailed):
        await run.shell.run(Command(line, run.folder / folder, 5), run.heard.append, run.spawned)


async def test_closing_ends_what_runs(run: Runner) -> None:
    task = asyncio.create_task(run("trap '' TERM; echo $$ > child; while :; do sleep 0.1; done"))
    await until(lambda: bool(run.pids and run.number("child")))
    run.shell.close()
    assert (await task).exit_code == 137
    assert not process_alive(*run.pids[0])


async def test_many_at_once(run: Runner) -> None:
    results = await asyncio.gather(*(run(f"echo {n}") for n in range(20)))
    assert [result.output for result in results] == [f"{n}\n" for n in range(20)]


async def test_helpers_run_and_end(tmp_path: Path) -> None:
    done = await run_program(["sh", "-c", "cat; echo out; echo err >&2; exit 2"], tmp_path, 20)
    assert (done.code, done.stdout, done.stderr) == (2, b"out\n", "err\n")
    assert (await run_program(["sleep", "1000"], tmp_path, 0.1)).code is None
    with pytest.raises(CommandFailed):
        await run_program([str(tmp_path / "none")], tmp_path, 1)


async def test_a_cancelled_helper_is_ended(tmp_path: Path) -> None:
    pid = tmp_path / "pid"
    task = asyncio.create_task(run_program(["sh", "-c", "echo $$ > pid; exec sleep 1000"], tmp_path, 100))
    await until(lambda: pid.exists() and bool(pid.read_text().strip()))
    number = int(pid.read_text())
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await until(lambda: not process_alive(number, 0))


def test_a_process_is_known_by_its_start() -> None:
    own = os.getpid()
    assert process_alive(own, start_time(own))
    assert not process_alive(own, start_time(own) + 1)
    assert start_time(2**22 + 1) == 0


def test_the_environment_holds_no_secret_and_asks_nothing() -> None:
    own = {
        "PATH": "/bin", "HOME": "/h", "PWD": "/x", "SSH_AUTH_SOCK": "/s", "JAVA_HOME": "/j", "KEYBOARD": "de", "HTTP_PROXY": "http://u:p@h",
        "ANTHROPIC_API_KEY": "1", "POSTIL_X": "1", "GITHUB_TOKEN": "1", "AWS_SECRET_ACCESS_KEY": "1", "DB_PASSWORD": "1", "NPM_AUTH": "1",
        "DATABASE_URL": "postgres://u:p@h/d", "BASH_ENV": "x", "GIT_DIR": "x", "BASH_FUNC_x%%": "()", "RIPGREP_CONFIG_PATH": "x", "MYKEY_PAT": "x",
        "OPENAI_API_KEY": "x", "SIGNING_KEY": "x", "PAGER": "less",
    }  # fmt: skip
    env = shell_environment(own)
    assert set(env) & set(own) == {
        "PATH",
        "HOME",
        "PWD",
        "SSH_AUTH_SOCK",
        "JAVA_HOME",
        "KEYBOARD",
        "HTTP_PROXY",
        "PAGER",
    }
    assert env["PAGER"] == "cat"
    assert env["TERM"] == "dumb"
    assert set(program_environment(own)) & set(own) == {"PATH", "HOME", "PAGER"}
