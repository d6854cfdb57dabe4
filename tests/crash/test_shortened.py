"""Journals that lost whole lines at their end, or are gone: said wherever the session is seen, and nothing is out of reach."""

from __future__ import annotations

from pathlib import Path

import pytest

from postil.journal.layout import JOURNAL
from postil.journal.store import SessionStore
from tests.support.asking import Answered, Desk, desk, run


async def asked(place: Desk) -> Path:
    """Ask something; return the session's folder."""
    said = await place.ask("Hello?")
    assert said.status == 0
    return await SessionStore(place.state).folder(said.lines[0]["sessionId"])


async def sessions(place: Desk, *arguments: str) -> Answered:
    return await run("sessions", *arguments, cwd=place.workspace, env=place.environment)


@pytest.mark.parametrize("gone", [1, 3])
async def test_lines_that_are_gone_from_the_end_are_damage(tmp_path: Path, gone: int) -> None:
    async with desk(tmp_path, ["Hello.", "And?"]) as place:
        folder = await asked(place)
        lines = (folder / JOURNAL).read_bytes().splitlines(keepends=True)
        (folder / JOURNAL).write_bytes(b"".join(lines[:-gone]))
        count = len(lines)
        words = f"Event {count} is gone" if gone == 1 else f"Events {count - 2} to {count} are gone"
        (row,) = (await sessions(place, "list")).out.splitlines()
        assert "damaged" in row
        assert words in row
        shown = await sessions(place, "show", folder.name)
        assert shown.status == 1
        assert shown.err.startswith(f"postil: {words} from the journal's end. Nothing was changed on disk; ")
        assert "Go on with" not in shown.out
        made = await sessions(place, "salvage", folder.name)
        assert made.status == 0, made.err


async def test_a_session_without_its_journal_is_shown_and_can_be_deleted(tmp_path: Path) -> None:
    async with desk(tmp_path, ["Hello."]) as place:
        folder = await asked(place)
        (folder / JOURNAL).unlink()
        (row,) = (await sessions(place, "list")).out.splitlines()
        assert "damaged" in row
        assert "its journal is gone" in row
        shown = await sessions(place, "show", "latest")
        assert (shown.status, shown.out) == (2, "")
        assert shown.err.startswith(f"postil: The journal of session {folder.name} is gone. ")
        audited = await run("audit", "verify", "--all", cwd=place.workspace, env=place.environment)
        assert audited.status == 1
        assert "its journal is gone" in audited.out
        deleted = await sessions(place, "delete", folder.name, "--yes")
        assert (deleted.status, deleted.err) == (0, "")
        assert not folder.exists()
        assert "no sessions" in (await sessions(place, "list")).out
