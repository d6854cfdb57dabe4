"""`postil sessions rewind`, as a real process: what it says, what it asks, what it does."""

from __future__ import annotations

import asyncio
import os
import pty
import signal
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from postil.journal.layout import JOURNAL
from tests.support.asking import Answered, Desk, desk, run

SCRIPT = [
    {
        "when": {"after": "prompt"},
        "blocks": [
            {"tool": "edit", "input": {"path": "a.txt", "edits": [{"old": "one", "new": "1"}]}},
            {"tool": "delete", "input": {"path": "b.txt"}},
            {"tool": "move", "input": {"path": "c.txt", "to": "d.txt"}},
            {"tool": "shell", "input": {"command": "sh -c true"}},
        ],
    },
    {"when": {"tool": "shell"}, "text": "Done."},
    "Hello.",
]
AGAIN = "Not everything went back that was to. Once nothing is in the way, go back again."
FILES = {"a.txt": "one\ntwo\n", "b.txt": "b\n", "c.txt": "c\n"}


async def worked(place: Desk) -> None:
    for name, text in FILES.items():
        (place.workspace / name).write_text(text)
    asked = await place.ask("--mode", "accept-edits", "--allow", "Bash(sh -c true)", "Do it.")
    assert asked.status == 0
    assert files(place) == {"a.txt": "1\ntwo\n", "d.txt": "c\n"}


def files(place: Desk) -> dict[str, str]:
    return {path.name: path.read_text() for path in place.workspace.iterdir()}


async def rewind(place: Desk, *arguments: str) -> Answered:
    return await run("sessions", "rewind", "latest", *arguments, cwd=place.workspace, env=place.environment)


async def test_a_turn_is_taken_back(tmp_path: Path) -> None:
    async with desk(tmp_path, SCRIPT, trusts=True) as place:
        await worked(place)
        asked = await rewind(place)
        assert (asked.status, asked.err) == (
            2,
            "postil: Nobody is here to ask. Say --yes to go back without asking.\n",
        )
        assert "  restores: a.txt" in asked.out.splitlines(), "the list can be looked at"
        done = await rewind(place, "--yes")
        assert (done.status, done.err) == (0, "")
        assert done.out.splitlines() == [
            "Back to before: Do it.",
            "  restores: a.txt",
            "  brings back: b.txt",
            "  moves back: c.txt",
            "  cannot undo: sh -c true",
            "Done.",
        ]
        assert files(place) == FILES
        again = await rewind(place, "--yes")
        assert (again.status, again.err) == (2, "postil: There is no turn to go back to.\n")
        asked = await place.ask("--resume", "latest", "And now?")
        assert asked.status == 0
        assert [it["role"] for it in place.server.requests[-1].body["messages"]] == ["user"]


async def test_a_rewind_is_taken_back(tmp_path: Path) -> None:
    async with desk(tmp_path, SCRIPT, trusts=True) as place:
        await worked(place)
        none = await rewind(place, "--undo", "--yes")
        assert (none.status, none.err) == (
            2,
            "postil: There is no rewind of files to undo, or the files were changed here since.\n",
        )
        assert (await rewind(place, "--yes")).status == 0
        mixed = await rewind(place, "--undo", "--files")
        assert (mixed.status, mixed.out) == (2, "")
        undone = await rewind(place, "--undo", "--yes")
        assert (undone.status, undone.err) == (0, "")
        assert undone.out.splitlines() == [
            "Undo: Rewind to before: Do it.",
            "  moves back: d.txt",
            "  restores: a.txt",
            "  deletes: b.txt",
            "Done.",
        ]
        assert files(place) == {"a.txt": "1\ntwo\n", "d.txt": "c\n"}


async def test_files_that_somebody_edited_since_are_named(tmp_path: Path) -> None:
    async with desk(tmp_path, SCRIPT, trusts=True) as place:
        await worked(place)
        (place.workspace / "a.txt").write_text("1, and mine\ntwo\n")
        (place.workspace / "b.txt").write_text("made again\n")
        done = await rewind(place, "--yes", "--files", "--turn", "1")
        assert done.out.splitlines()[-3:] == [
            "Done, but for these:",
            "  a.txt: The same lines were edited since.",
            "  b.txt: There is a file again.",
        ]
        assert files(place) == {"a.txt": "1, and mine\ntwo\n", "b.txt": "made again\n", "c.txt": "c\n"}


async def test_files_that_changed_places_change_them_again(tmp_path: Path) -> None:
    moves = (("a.txt", "t.txt"), ("b.txt", "a.txt"), ("t.txt", "b.txt"), ("c.txt", "t.txt"))
    calls = [{"tool": "move", "input": {"path": path, "to": to}} for path, to in moves]
    async with desk(
        tmp_path, [{"when": {"after": "prompt"}, "blocks": calls}, "Done."], trusts=True
    ) as place:
        for name, text in FILES.items():
            (place.workspace / name).write_text(text)
        assert (await place.ask("--mode", "accept-edits", "Do it.")).status == 0
        assert files(place) == {"a.txt": "b\n", "b.txt": "one\ntwo\n", "t.txt": "c\n"}
        done = await rewind(place, "--yes")
        assert (done.status, done.err) == (0, "")
        assert done.out.splitlines()[1:] == [
            "  moves back: a.txt",
            "  moves back: b.txt",
            "  moves back: c.txt",
            "Done.",
        ]
        assert files(place) == FILES


async def test_what_was_promised_and_stayed_can_be_tried_again(tmp_path: Path) -> None:
    deleting = {
        "when": {"after": "prompt"},
        "blocks": [{"tool": "delete", "input": {"path": "sub/b.txt"}}],
    }
    async with desk(tmp_path, [deleting, "Done."], trusts=True) as place:
        (place.workspace / "sub").mkdir()
        (place.workspace / "sub/b.txt").write_text("b\n")
        assert (await place.ask("--mode", "accept-edits", "Do it.")).status == 0
        (place.workspace / "sub").rmdir()
        (place.workspace / "sub").write_text("in the way")
        done = await rewind(place, "--yes")
        assert (done.status, done.err) == (1, "")
        assert done.out.splitlines()[1:-2] == ["  brings back: sub/b.txt", "Done, but for these:"]
        assert done.out.splitlines()[-1] == f"{AGAIN} Until then the conversation stays."
        (place.workspace / "sub").unlink()
        again = await rewind(place, "--yes")
        assert again.status == 0
        assert again.out.splitlines()[1:] == ["  brings back: sub/b.txt", "Done."]
        assert (place.workspace / "sub/b.txt").read_text() == "b\n"


async def test_what_cannot_be_written_is_known_before(tmp_path: Path) -> None:
    async with desk(tmp_path, SCRIPT, trusts=True) as place:
        await worked(place)
        (place.workspace / "a.txt").chmod(0o444)
        (place.workspace / "e.txt").hardlink_to(place.workspace / "d.txt")
        done = await rewind(place, "--yes")
        assert (done.status, done.err) == (0, "")
        assert done.out.splitlines()[1:5] == [
            "  brings back: b.txt",
            "  stays: a.txt. It is read-only.",
            "  stays: d.txt. It has 1 other hard link; writing it safely would part them.",
            "  cannot undo: sh -c true",
        ]


async def test_a_turn_that_only_ran_commands(tmp_path: Path) -> None:
    script = [
        {"when": {"after": "prompt"}, "blocks": [{"tool": "shell", "input": {"command": "sh -c true"}}]},
        "Done.",
    ]
    async with desk(tmp_path, script, trusts=True) as place:
        assert (await place.ask("--allow", "Bash(sh -c true)", "Do it.")).status == 0
        done = await rewind(place, "--yes")
        assert done.out.splitlines()[1:] == [
            "  files: none has to change",
            "  cannot undo: sh -c true",
            "Done.",
        ]


async def test_a_turn_that_there_is_not(tmp_path: Path) -> None:
    async with desk(tmp_path, SCRIPT, trusts=True) as place:
        await worked(place)
        done = await rewind(place, "--yes", "--turn", "2")
        assert (done.status, done.err) == (2, "postil: There is no turn 2. There are turns 1 to 1.\n")
        both = await rewind(place, "--yes", "--files", "--conversation")
        assert both.status == 2


QUESTION = b"Go back? [y/N]"


class OnTerminal:
    """A `sessions rewind` that asks, on a terminal."""

    def __init__(self, process: asyncio.subprocess.Process, end: int) -> None:
        self.process = process
        self._end = end
        self._screen = b""

    async def asked(self) -> str:
        """Return what is on the screen since the last time, once a question is."""
        while QUESTION not in self._screen:
            self._screen += await asyncio.to_thread(os.read, self._end, 4096)
        shown, _, self._screen = self._screen.partition(QUESTION)
        return shown.decode()

    def type(self, text: str) -> None:
        os.write(self._end, text.encode() + b"\n")

    async def signalled(self, how: signal.Signals) -> None:
        """Send it until it is heeded: between the question and the wait for its answer Python only notes Ctrl+C."""
        while self.process.returncode is None:
            self.process.send_signal(how)
            await asyncio.sleep(0.1)

    async def ended(self) -> int:
        return await asyncio.wait_for(self.process.wait(), 50)


@asynccontextmanager
async def on_terminal(place: Desk) -> AsyncGenerator[OnTerminal]:
    ours, theirs = pty.openpty()
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "postil", "sessions", "rewind", "latest", cwd=place.workspace, env=place.environment,
        stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True,
    )  # fmt: skip
    os.close(theirs)
    try:
        yield OnTerminal(process, ours)
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
        os.close(ours)


@pytest.mark.parametrize("how", [signal.SIGHUP, signal.SIGTERM, signal.SIGKILL, signal.SIGINT, None])
async def test_a_question_that_nobody_answers_leaves_the_session_as_it_was(
    tmp_path: Path, how: signal.Signals | None
) -> None:
    async with desk(tmp_path, SCRIPT, trusts=True) as place:
        await worked(place)
        (folder,) = (place.state / "workspaces").glob("*/sessions/*")
        before = (folder / JOURNAL).read_bytes()
        async with on_terminal(place) as asking:
            assert "  restores: a.txt" in (await asking.asked()).splitlines()
            if how is None:
                asking.type("n")
            else:
                await asking.signalled(how)
            assert await asking.ended() == {None: 1, signal.SIGINT: 130}.get(how, -(how or 0))
        assert (folder / JOURNAL).read_bytes() == before
        listed = await run("sessions", "list", cwd=place.workspace, env=place.environment)
        assert " clean " in listed.out
        assert files(place) == {"a.txt": "1\ntwo\n", "d.txt": "c\n"}


async def test_what_changed_while_it_was_asked_is_asked_again(tmp_path: Path) -> None:
    async with desk(tmp_path, SCRIPT, trusts=True) as place:
        await worked(place)
        async with on_terminal(place) as asking:
            await asking.asked()
            (place.workspace / "b.txt").write_text("made again\n")
            asking.type("y")
            again = (await asking.asked()).splitlines()
            assert "That is no longer so, and nothing was changed. It is now:" in again
            assert "  stays: b.txt. There is a file again." in again
            asking.type("y")
            assert await asking.ended() == 0
        assert files(place) == FILES | {"b.txt": "made again\n"}
