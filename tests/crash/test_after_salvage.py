"""What is known, and what is not, of work that was going on where the record of a damaged session was cut."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from postil.core.lost import WORDS
from postil.journal.layout import JOURNAL
from postil.journal.store import SessionStore
from tests.support.asking import Answered, Desk, desk, run

COMMAND = "sh step.sh"
ALLOW = ("--allow", f"Bash({COMMAND})", "--allow", "Edit(a.txt)")
EDIT = {"tool": "edit", "input": {"path": "a.txt", "edits": [{"old": "one", "new": "two"}]}}
SHELL = {"tool": "shell", "input": {"command": COMMAND}}
TOGETHER: list[Any] = [{"blocks": [EDIT, SHELL]}, "Done."]
APART: list[Any] = [{"blocks": [EDIT]}, {"blocks": [SHELL]}, "Done."]
GOES_ON = {"text": "I look first.", "times": "any"}


async def worked(place: Desk) -> Path:
    """Run a turn that edits a file and runs a command; return its session's folder."""
    (place.workspace / "a.txt").write_text("one\n")
    (place.workspace / "step.sh").write_text("echo line >> log\n")
    asked = await place.ask(*ALLOW, "Do it.")
    assert asked.end.reason == "end_turn", asked.err
    assert (place.workspace / "log").read_text() == "line\n"
    return await SessionStore(place.state).folder(asked.lines[0]["sessionId"])


def spoil(folder: Path, kind: str, number: int = 0) -> None:
    """Damage one byte in the line of an event."""
    lines = (folder / JOURNAL).read_bytes().splitlines(keepends=True)
    at = [at for at, line in enumerate(lines) if f'"type":"{kind}"'.encode() in line][number]
    lines[at] = b"#" + lines[at][1:]
    (folder / JOURNAL).write_bytes(b"".join(lines))


async def sessions(place: Desk, *arguments: str) -> Answered:
    return await run("sessions", *arguments, cwd=place.workspace, env=place.environment)


async def salvaged(place: Desk) -> str:
    """Salvage the session that was used last, and return the new one's id."""
    said = await sessions(place, "salvage", "latest")
    assert said.status == 0, said.err
    found = re.search(r"Go on with: postil sessions resume (s\w+)", said.out)
    assert found is not None
    return found[1]


def told(place: Desk) -> str:
    """Return all that the model was given in the last request."""
    return str(place.server.requests[-1].body["messages"])


@pytest.mark.parametrize(
    ("script", "number", "open_calls"), [(TOGETHER, 0, 2), (TOGETHER, 1, 1), (APART, 0, 1), (APART, 1, 1)]
)
async def test_what_was_open_at_the_cut_is_unknown_and_not_run_again(
    tmp_path: Path, script: list[Any], number: int, open_calls: int
) -> None:
    async with desk(tmp_path, [*script, GOES_ON], trusts=True) as place:
        spoil(await worked(place), "CallStarted", number)
        new = await salvaged(place)
        shown = await sessions(place, "show", new)
        assert shown.out.count("outcome unknown") == open_calls
        assert "not begun" not in shown.out
        resumed = await sessions(place, "resume", new, *ALLOW)
        assert resumed.status == 0, resumed.err
        assert "not begun" not in resumed.out
        assert (place.workspace / "log").read_text() == "line\n", "nothing is run again"
        assert told(place).count(WORDS) == open_calls
        record = await place.record(new)
        ends = [it.event.outcome for it in record.events if it.event.type == "CallFinished"]
        assert ends.count("unknown") == open_calls
        verified = await run("audit", "verify", new, cwd=place.workspace, env=place.environment)
        assert verified.status == 0, verified.out


@pytest.mark.parametrize("kind", ["Routed", "ModelReplied", "TurnEnded"])
async def test_where_no_call_was_open_the_model_is_told_once(tmp_path: Path, kind: str) -> None:
    async with desk(tmp_path, [*TOGETHER, GOES_ON], trusts=True) as place:
        spoil(await worked(place), kind)
        new = await salvaged(place)
        for words in ("And now?", "And then?"):
            asked = await place.ask(*ALLOW, "--resume", new, words)
            assert asked.status == 0, asked.err
            assert told(place).count(WORDS) == 1
        assert (place.workspace / "log").read_text() == "line\n"


async def rewind(place: Desk, session_id: str) -> list[str]:
    said = await sessions(place, "rewind", session_id, "--yes")
    assert (said.status, said.err) == (0, "")
    return said.out.splitlines()


async def test_a_rewind_over_the_cut_names_what_is_not_on_record(tmp_path: Path) -> None:
    async with desk(tmp_path, [*APART, GOES_ON], trusts=True) as place:
        spoil(await worked(place), "ModelReplied")
        assert await rewind(place, await salvaged(place)) == [
            "Back to before: Do it.",
            "  stays: a.txt. It was changed after the record of this session was cut, so its earlier text is not on record.",
            "  cannot undo: whatever was changed or run after the record of this session was cut",
            f"  cannot undo: {COMMAND}",
            "Done, as far as it is on record, but for these:",
            "  a.txt: It was changed after the record of this session was cut, so its earlier text is not on record.",
            "What was changed after the record of this session was cut is not on record: it stays as it is.",
        ]
        assert (place.workspace / "a.txt").read_text() == "two\n"


async def test_a_rewind_over_the_cut_takes_back_what_is_on_record(tmp_path: Path) -> None:
    async with desk(tmp_path, [*APART, GOES_ON], trusts=True) as place:
        spoil(await worked(place), "CallStarted", 1)
        new = await salvaged(place)
        said = await rewind(place, new)
        assert said == [
            "Back to before: Do it.",
            "  restores: a.txt",
            "  cannot undo: whatever was changed or run after the record of this session was cut",
            "Done, as far as it is on record.",
            "What was changed after the record of this session was cut is not on record: it stays as it is.",
        ]
        assert (place.workspace / "a.txt").read_text() == "one\n"
        asked = await place.ask(*ALLOW, "--resume", new, "And now?")
        assert told(place).count(WORDS) == 1, (
            "the conversation went back to before the cut, and the files did not"
        )
        assert asked.status == 0
        spoilt = await rewind(place, new)
        assert spoilt[1:] == ["  files: none has to change", "Done."], "that turn came after the cut"
