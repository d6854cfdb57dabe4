"""Hooks as real processes: their input, their outputs, their time, and what is left of them."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

import pytest

from postil.core.errors import CommandFailed
from postil.core.hooks import HookOutput, HookRun
from postil.workspace.commands.hook_runner import LocalHookRunner
from postil.workspace.commands.local_shell import Plainly
from postil.workspace.commands.processes import process_alive


async def run(folder: Path, line: str, data: bytes = b"{}", seconds: float = 20) -> HookOutput:
    run = HookRun(line, folder, seconds, confined=False, variables=(("POSTIL_PROJECT_DIR", "/a b"),))
    return await LocalHookRunner(Plainly()).run(run, data)


async def gone(pid: int) -> None:
    async with asyncio.timeout(20):
        while process_alive(pid, 0):  # noqa: ASYNC110 - nobody can tell us
            await asyncio.sleep(0.005)


async def test_input_outputs_status_and_variables(tmp_path: Path) -> None:
    found = await run(tmp_path, 'cat; echo "$POSTIL_PROJECT_DIR" >&2; pwd >&2; exit 3', b'{"a": 1}')
    assert (found.exit_code, found.stdout, found.ended_for) == (3, '{"a": 1}', "")
    assert found.stderr == f"/a b\n{tmp_path}\n"


async def test_one_that_reads_nothing_of_a_large_input_is_not_waited_for(tmp_path: Path) -> None:
    found = await run(tmp_path, "echo ok", b"x" * 3_000_000)
    assert (found.exit_code, found.stdout) == (0, "ok\n")


async def test_a_large_input_arrives_whole(tmp_path: Path) -> None:
    found = await run(tmp_path, "wc -c", b"x" * 3_000_000)
    assert found.stdout.strip() == "3000000"


async def test_secrets_of_the_environment_are_not_handed_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MY_TOKEN", "abc")
    assert (await run(tmp_path, 'echo "[$MY_TOKEN]"')).stdout == "[]\n"


async def test_time_is_kept_and_the_whole_group_ends(tmp_path: Path) -> None:
    line = f"sleep 1000 & echo $! > {tmp_path}/pid; wait"
    found = await run(tmp_path, line, seconds=0.3)
    assert (found.exit_code, found.ended_for) == (None, "it took too long")
    await gone(int((tmp_path / "pid").read_text()))


async def test_what_it_leaves_in_the_background_ends_with_it(tmp_path: Path) -> None:
    found = await run(tmp_path, f"sleep 1000 & echo $! > {tmp_path}/pid; echo ok")
    assert (found.exit_code, found.stdout) == (0, "ok\n")
    await gone(int((tmp_path / "pid").read_text()))


@pytest.mark.parametrize("where", ["", ">&2"])
async def test_output_has_a_bound(tmp_path: Path, where: str) -> None:
    found = await run(tmp_path, f"yes {where}")
    assert found.exit_code is None
    assert found.ended_for.startswith("it printed more than 100,000 bytes")
    assert len(found.stdout + found.stderr) < 300_000


async def test_closed_outputs_are_no_end(tmp_path: Path) -> None:
    found = await run(tmp_path, "exec >&- 2>&-; sleep 0.2; exit 4")
    assert found.exit_code == 4


async def test_output_that_is_not_text_is_taken(tmp_path: Path) -> None:
    assert (await run(tmp_path, r"printf '\xff\xfe'")).stdout == "��"


async def test_cancelling_ends_it(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "begun")
    task = asyncio.ensure_future(run(tmp_path, f"echo $$ > {tmp_path}/begun; sleep 1000"))
    pid = int(await asyncio.to_thread((tmp_path / "begun").read_text))
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await gone(pid)


async def test_a_folder_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(CommandFailed):
        await run(tmp_path / "none", "true")
