"""Commands that only read run through the shell as others do, whichever sandbox is around them."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from time import monotonic

import pytest

from postil.core.effects import Command
from postil.core.errors import CommandFailed
from postil.core.ports import ShellResult
from postil.workspace.commands.local_shell import LocalShell
from postil.workspace.commands.processes import process_alive
from postil.workspace.sandbox.choice import present
from postil.workspace.sandbox.confinement import Confinement
from postil.workspace.sandbox.landlock import KEEPS_SIGNALS_INSIDE, Landlock
from postil.workspace.sandbox.mechanism import Launch, Mechanism, Unconfined
from tests.support.ways import ways_of

MECHANISMS = [*present(), Unconfined()]


class Runner:
    """Runs lines in a workspace and remembers what was heard."""

    def __init__(self, folder: Path, mechanism: Mechanism) -> None:
        self.root = folder / "ws"
        self.root.mkdir()
        self.shell = LocalShell(ways_of(folder / "run", [self.root], mechanism))
        self.heard: list[str] = []
        self.pids: list[tuple[int, float]] = []

    async def __call__(self, line: str, timeout: float = 20) -> ShellResult:
        command = Command(line, self.root, timeout, only_reads=True)
        return await self.shell.run(command, self.heard.append, self.spawned)

    async def spawned(self, pid: int, started: float) -> None:
        self.pids.append((pid, started))


@pytest.fixture(params=MECHANISMS, ids=lambda it: it.title.split(":")[0])
def run(request: pytest.FixtureRequest, tmp_path: Path) -> Runner:
    mechanism: Mechanism = request.param
    return Runner(tmp_path, mechanism)


async def until(condition: Callable[[], bool]) -> None:
    """Wait for what another process does; nobody can tell us."""
    async with asyncio.timeout(20):
        while not condition():  # noqa: ASYNC110
            await asyncio.sleep(0.005)


def running(mark: str) -> list[str]:
    """Return the processes, anybody's, with this text in their command line."""
    found: list[str] = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            words = path.read_bytes()
        except OSError:
            continue
        if mark.encode() in words:
            found.append(path.parent.name)
    return found


async def test_output_and_exit_status(run: Runner) -> None:
    result = await run("echo one; echo two > /dev/stderr; echo > /dev/null; pwd; exit 3")
    assert (result.exit_code, result.output) == (3, f"one\ntwo\n{run.root}\n")
    assert "".join(run.heard) == result.output


async def test_a_signal_counts_as_in_the_shell(run: Runner) -> None:
    assert (await run("kill -TERM $$")).exit_code == 143


async def test_words_stay_what_they_are(run: Runner) -> None:
    assert (await run("printf '<%s>' 'a  b' '' '--' \"$HOME\" '*' \\$x")).output.startswith("<a  b><><--></")


async def test_pipes_substitutions_and_temporary_files(run: Runner) -> None:
    (run.root / "a").write_text("b\na\n")
    line = "sort <(cat a) | head -n 1; cat <<< here; cat > $TMPDIR/x < a; wc -l < $TMPDIR/x; rm $TMPDIR/x"
    assert (await run(line)).output == "a\nhere\n2\n"


async def test_its_time_limit_ends_everything(run: Runner) -> None:
    mark = uuid.uuid4().hex
    result = await run(f"tail -f /dev/null --retry --pid=1 {mark} & echo begun; wait", timeout=0.5)
    assert result.exit_code is None
    await until(lambda: not running(mark))
    assert not process_alive(*run.pids[0])


async def test_cancelling_ends_everything(run: Runner) -> None:
    mark = uuid.uuid4().hex
    task = asyncio.create_task(run(f"(exec -a {mark} sleep 1000) & echo begun; wait"))
    await until(lambda: bool(run.heard) and len(running(mark)) > 1)
    before = monotonic()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert monotonic() - before < 1
    await until(lambda: not running(mark) and not process_alive(*run.pids[0]))


async def test_closing_ends_what_runs(run: Runner) -> None:
    mark = uuid.uuid4().hex
    task = asyncio.create_task(run(f"echo begun; exec -a {mark} sleep 1000"))
    await until(lambda: bool(run.heard) and bool(running(mark)))
    run.shell.close()
    assert (await task).exit_code == 137
    assert not running(mark)


async def test_what_cannot_be_prepared_is_said(tmp_path: Path) -> None:
    class Broken(Unconfined):
        def launch(
            self, argv: Sequence[str], cwd: Path, environment: Mapping[str, str], within: Confinement
        ) -> Launch:
            raise OSError(24, "Too many open files")

    run = Runner(tmp_path, Broken())
    with pytest.raises(CommandFailed, match=r"bash could not be started in .*: Too many open files"):
        await run("ls")


async def test_an_older_landlock_lets_no_signal_out(tmp_path: Path) -> None:
    run = Runner(tmp_path, Landlock(KEEPS_SIGNALS_INSIDE - 1))
    result = await run("kill -0 $PPID; echo $?")
    assert result.output.endswith("Operation not permitted\n1\n")


async def test_a_plan_that_cannot_be_kept_runs_nothing(tmp_path: Path) -> None:
    class Broken(Landlock):
        def launch(
            self, argv: Sequence[str], cwd: Path, environment: Mapping[str, str], within: Confinement
        ) -> Launch:
            whole = Landlock(7).launch(argv, cwd, environment, within)
            return replace(whole, argv=tuple("0" if it.isdigit() else it for it in whole.argv))

    result = await Runner(tmp_path, Broken(7))("echo ran")
    assert result.exit_code == 126
    assert "the command was not run" in result.output
