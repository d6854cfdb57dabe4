"""Journals that lost whole lines at their end, or are gone, and deletions that were interrupted: nothing is out of reach."""

from __future__ import annotations

from pathlib import Path

import pytest

from postil.journal.layout import JOURNAL
from postil.journal.store import SessionStore
from postil.workspace.files.real_disk import RealDisk
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
        exported = await sessions(place, "export", folder.name)
        assert exported.status == 1
        assert exported.err.startswith(f"postil: {words} from the journal's end. ")
        assert len(exported.out.splitlines()) > count - gone
        made = await sessions(place, "salvage", folder.name)
        assert made.status == 0, made.err


RUNS = [{"tool": "shell", "input": {"command": "sh -c 'echo hi >> log'"}}, "Done."]


async def ran(place: Desk) -> tuple[Path, int]:
    """Have a command run; return the session's folder, and the line that says that it was begun."""
    said = await place.ask("--allow", "Bash", "Do it.")
    assert said.status == 0, said.err
    folder = await SessionStore(place.state).folder(said.lines[0]["sessionId"])
    lines = (folder / JOURNAL).read_bytes().splitlines()
    return folder, next(at for at, line in enumerate(lines) if b'"CallStarted"' in line)


@pytest.mark.parametrize("inside", [0, 40], ids=["between lines", "inside a line"])
async def test_of_a_record_without_its_end_nothing_is_said_of_what_was_left_open(
    tmp_path: Path, inside: int
) -> None:
    """The last event that is left is of a call that was not begun by then; it was, and the record does not say so."""
    async with desk(tmp_path, RUNS, trusts=True) as place:
        folder, begun = await ran(place)
        lines = (folder / JOURNAL).read_bytes().splitlines(keepends=True)
        (folder / JOURNAL).write_bytes(b"".join([*lines[:begun], lines[begun][:inside]]))
        gone = f"Events {begun + 1} to {len(lines)} are gone from the journal's end."
        salvage = f"postil sessions salvage {folder.name}"
        for command in ("resume", "show"):
            said = await sessions(place, command, folder.name)
            assert said.status == 1
            assert (gone in said.err, salvage in said.err) == (True, True), said.err
            assert "not begun" not in said.out
            assert "cut aside" not in said.out + said.err.partition(gone)[0] + said.err.partition(gone)[2]
        for form in ((), ("--json",)):
            audited = await run(
                "audit", "show", folder.name, *form, cwd=place.workspace, env=place.environment
            )
            assert audited.status == 1
            assert (gone in audited.err, salvage in audited.err) == (True, True), audited.err
        assert (place.workspace / "log").read_text() == "hi\n"


async def test_what_is_advised_of_an_emptied_journal_helps(tmp_path: Path) -> None:
    async with desk(tmp_path, ["Hello."]) as place:
        folder = await asked(place)
        (folder / JOURNAL).write_bytes(b"")
        delete = f"postil sessions delete {folder.name}"
        for command in ("show", "resume", "rewind", "salvage"):
            said = await sessions(place, command, folder.name)
            assert (said.status, delete in said.err) == (1, True), said.err
            assert f"postil sessions salvage {folder.name}" not in said.err
        said = await place.ask("--resume", folder.name, "Go on.")
        assert (said.status, delete in said.err) == (1, True), said.err
        assert "sessions salvage" not in said.err
        deleted = await sessions(place, "delete", folder.name, "--yes")
        assert (deleted.status, deleted.err) == (0, "")


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


class Interrupted(RealDisk):
    """A disk under a process that is killed once a folder that it removes has lost its name."""

    def _sweep(self, path: Path) -> None:
        raise KeyboardInterrupt


@pytest.mark.parametrize(
    "starts",
    [("sessions", "list"), ("data", "size"), ("ask", "Again.")],
    ids=["a list", "the size", "a new session"],
)
async def test_what_an_interrupted_deletion_left_goes_with_the_next_start(
    tmp_path: Path, starts: tuple[str, ...]
) -> None:
    async with desk(tmp_path, ["Hello.", "Hello."]) as place:
        folder = await asked(place)
        making = folder.with_name(".postil-salvage-s1.tmp")
        making.mkdir()
        with pytest.raises(KeyboardInterrupt):
            Interrupted().remove_tree(folder)
        other = place.state / "crashes-of-old"
        other.mkdir()
        with pytest.raises(KeyboardInterrupt):
            Interrupted().remove_tree(other)
        assert len(list(place.state.rglob(".postil-gone-*"))) == 2
        said = await run(*starts, cwd=place.workspace, env=place.environment)
        assert said.status == 0, said.err
        assert not list(place.state.rglob(".postil-gone-*"))
        assert making.is_dir(), "what somebody may be making stays"
