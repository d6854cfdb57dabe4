"""Standard streams that are closed, or cannot be written: no command fails over them, or blames Postil's data for them."""

from __future__ import annotations

from pathlib import Path

import pytest

from postil.core.events import SessionClosed, TurnEnded
from postil.journal.layout import JOURNAL
from postil.journal.store import SessionStore
from tests.support.asking import Answered, Desk, desk, run

SCRIPT = [
    {"when": {"after": "prompt"}, "blocks": [{"tool": "shell", "input": {"command": "sh -c 'echo hi; touch ran'"}}]},
    "Done.",
    "Hello.",
]  # fmt: skip
ASK = ("ask", "--allow", "Bash", "Go.")
HAS_FULL = Path("/dev/full").exists()
FULL = "postil: What it prints cannot be written: no space left on device.\n"
CLOSED = (">&-", "2>&-", "<&-", "<&- >&- 2>&-")


async def redirected(place: Desk, how: str, *arguments: str) -> Answered:
    """Run a command with its streams as a shell gives them."""
    under = ("sh", "-c", f'exec "$0" "$@" {how}')
    return await run(*arguments, cwd=place.workspace, env=place.environment, under=under)


@pytest.mark.parametrize("how", CLOSED)
async def test_a_turn_is_done_whatever_stream_is_closed(tmp_path: Path, how: str) -> None:
    async with desk(tmp_path, SCRIPT, trusts=True) as place:
        said = await redirected(place, how, *ASK)
        assert (said.status, said.err) == (0, "")
        assert (place.workspace / "ran").exists()
        (folder,) = (place.state / "workspaces").glob("*/sessions/*")
        record = await SessionStore(place.state).record(folder.name)
        events = [it.event for it in record.events]
        assert record.stop is None, "nothing was printed into the journal"
        assert [it.reason for it in events if isinstance(it, TurnEnded)] == ["end_turn"]
        assert isinstance(events[-1], SessionClosed)


COMMANDS = (
    ("sessions", "list"),
    ("sessions", "show", "latest"),
    ("sessions", "show", "latest", "--json"),
    ("sessions", "export", "latest"),
    ("audit", "show", "latest"),
    ("audit", "verify", "latest"),
    ("trust", "list"),
    ("permissions", "list"),
    ("data", "size"),
    ("--version",),
)


async def test_what_only_prints_does_not_fail_over_a_closed_stream(tmp_path: Path) -> None:
    async with desk(tmp_path, SCRIPT, trusts=True) as place:
        assert (await place.ask(*ASK[1:])).status == 0
        for arguments in COMMANDS:
            for how in (CLOSED[0], CLOSED[-1]):
                said = await redirected(place, how, *arguments)
                assert (said.status, said.err) == (0, ""), (arguments, how)
        for arguments in (("sessions", "rewind", "latest"), ("sessions", "delete", "latest")):
            said = await redirected(place, "<&-", *arguments)
            assert said.status == 2
            assert "Nobody is here to ask" in said.err


@pytest.mark.skipif(not HAS_FULL, reason="there is no /dev/full")
@pytest.mark.parametrize("unbuffered", ["", "1"])
async def test_output_that_is_full_is_not_taken_for_a_full_disk(tmp_path: Path, unbuffered: str) -> None:
    async with desk(tmp_path, SCRIPT, trusts=True) as place:
        assert (await place.ask(*ASK[1:])).status == 0
        environment = place.environment | {"PYTHONUNBUFFERED": unbuffered}
        # What prints its help takes any error for none, where every write goes out at once.
        for arguments in COMMANDS[:-1] if unbuffered else COMMANDS:
            said = await run(
                *arguments,
                cwd=place.workspace,
                env=environment,
                under=("sh", "-c", 'exec "$0" "$@" >/dev/full'),
            )
            assert (said.status, said.err) == (1, FULL), arguments


async def test_what_cannot_be_said_of_damage_is_no_fault_of_its_own(tmp_path: Path) -> None:
    async with desk(tmp_path, SCRIPT, trusts=True) as place:
        asked = await place.ask(*ASK[1:])
        folder = await SessionStore(place.state).folder(asked.lines[0]["sessionId"])
        lines = (folder / JOURNAL).read_bytes().splitlines(keepends=True)
        (folder / JOURNAL).write_bytes(b"".join(lines[:-1]))
        whole = await redirected(place, "2>&1", "sessions", "show", folder.name)
        for how in ("2>&-", "2>/dev/full") if HAS_FULL else ("2>&-",):
            said = await redirected(place, how, "sessions", "show", folder.name)
            assert said.status == 1
            assert said.out
            assert whole.out.startswith(said.out)
