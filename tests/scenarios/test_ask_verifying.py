"""`postil ask` where files were edited: one line says whether that is verified, and the exit status says it too."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from tests.support.asking import Desk, desk, run

SCRIPT: list[Any] = [
    {"tool": "read", "input": {"path": "a.txt"}},
    {"tool": "edit", "input": {"path": "a.txt", "edits": [{"old": "one", "new": "two"}]}},
    {"tool": "todo", "input": {"items": [{"text": "Change it", "status": "completed"}]}},
    "Done.",
]
CHECK = "#!/bin/sh\ngrep -q WORD a.txt && echo '3 passed' && exit 0\necho '1 failed'\nexit 1\n"
ALLOW = ("--allow", "Edit(a.txt)")
RUN = ("--allow", "Bash(./check.sh)")


def plant(place: Desk, word: str) -> None:
    (place.workspace / "a.txt").write_text("one\n")
    (place.workspace / "check.sh").write_text(CHECK.replace("WORD", word))
    (place.workspace / "check.sh").chmod(0o755)
    place.settings('verify_rounds = 0\n[[check]]\nname = "tests"\ncommand = "./check.sh"\n')


@pytest.mark.parametrize(
    ("word", "allowed", "status", "words"),
    [
        ("two", (*ALLOW, *RUN), 0, "verified: tests (3 passed)"),
        ("three", (*ALLOW, *RUN), 5, "not verified: tests failed (1 failed)"),
        ("two", ALLOW, 5, "not verified: tests was denied"),
    ],
)
async def test_the_line_and_the_status(
    word: str, allowed: tuple[str, ...], status: int, words: str, tmp_path: Path
) -> None:
    async with desk(tmp_path, SCRIPT, trusts=True) as place:
        plant(place, word)
        done = await run("ask", *allowed, "Change it.", cwd=place.workspace, env=place.environment)
        assert done.status == status, done.err
        assert words in done.out.splitlines()
        assert ("[x] Change it  · tests (3 passed)" in done.out) == (status == 0)
        shown = await run("sessions", "show", "latest", cwd=place.workspace, env=place.environment)
        assert words in shown.out.splitlines()


async def test_the_objects_have_it(tmp_path: Path) -> None:
    async with desk(tmp_path, SCRIPT, trusts=True) as place:
        plant(place, "two")
        done = await place.ask(*ALLOW, *RUN, "Change it.")
        (verdict,) = done.events("VerificationEnded")
        assert (verdict["verified"], verdict["words"]) == (True, "verified: tests (3 passed)")
        kinds = [it["event"]["type"] for it in done.lines]
        assert kinds[kinds.index("VerificationEnded") + 1] == "TurnEnded"
        assert done.status == 0


async def test_where_there_is_no_check_the_status_is_what_it_was(tmp_path: Path) -> None:
    async with desk(tmp_path, SCRIPT, trusts=True) as place:
        (place.workspace / "a.txt").write_text("one\n")
        done = await run(
            "ask", *ALLOW, "Change it.", cwd=place.workspace, env=dict(os.environ) | dict(place.environment)
        )
        assert done.status == 0
        assert "not verified: no check is known" in done.out.splitlines()


async def test_what_no_check_is_about_is_not_verified_by_a_check_of_other_files(tmp_path: Path) -> None:
    other = {"tool": "write", "input": {"path": "other.go", "content": "package other\n"}}
    async with desk(tmp_path, [*SCRIPT[:2], other, "Done."], trusts=True) as place:
        plant(place, "two")
        place.settings('[[check]]\nname = "tests"\ncommand = "./check.sh"\ncovers = ["*.txt"]\n')
        allow = (*ALLOW, *RUN, "--allow", "Edit(other.go)")
        done = await run("ask", *allow, "Change it.", cwd=place.workspace, env=place.environment)
        words = "not verified: no check is about other.go; of the rest: tests (3 passed)"
        assert (words in done.out.splitlines(), done.status) == (True, 5), done.out + done.err
