"""What is damaged stays as it is, and what came before it goes on as a session of its own."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from postil.core.events import SessionCreated
from postil.journal.appendix import APPENDIX
from postil.journal.layout import JOURNAL
from postil.journal.salvage import salvage
from postil.journal.store import SessionStore
from postil.workspace.files.disk import is_temporary
from postil.workspace.files.real_disk import RealDisk
from tests.support.asking import Desk, desk, run
from tests.support.golden import SESSIONS

EVENTS = SESSIONS["edit_and_shell"]
LAST = len(EVENTS)
MARK = "unverified | "
WARNING = "What follows is no part of this session's record"


async def kept(place: Desk, spoil: Callable[[list[bytes]], Sequence[bytes]]) -> Path:
    """Write a session with a kept text, spoil its journal's lines; return its folder."""
    store = SessionStore(place.state)
    journal = await store.create(place.workspace, "s1")
    for event in EVENTS:
        if isinstance(event, SessionCreated):
            event = event.model_copy(update={"session_id": "s1", "roots": (str(place.workspace),)})
        await journal.append(event, sync=True)
    await journal.keep(["a text before an edit"])
    await journal.close()
    folder = await store.folder("s1")
    lines = (folder / JOURNAL).read_bytes().splitlines(keepends=True)
    (folder / JOURNAL).write_bytes(b"".join(spoil(lines)))
    return folder


def files(folder: Path) -> dict[str, bytes]:
    return {str(it.relative_to(folder)): it.read_bytes() for it in folder.rglob("*") if it.is_file()}


def flipped(*numbers: int) -> Callable[[list[bytes]], list[bytes]]:
    """Spoil the lines with these numbers so that they are JSON no more."""
    return lambda lines: [b"#" + it[1:] if at in numbers else it for at, it in enumerate(lines, 1)]


def without_the_seventh(lines: list[bytes]) -> list[bytes]:
    return [*lines[:6], *lines[7:]]


def with_another_seventh(lines: list[bytes]) -> list[bytes]:
    """Change a value, so that the line is whole and its sum does not fit."""
    return [*lines[:6], lines[6].replace(b'"at":', b'"at":1'), *lines[7:]]


def apart(file: Path) -> list[str]:
    """Return what an export holds that is no part of the record."""
    return [it for it in file.read_text().splitlines() if "appendix" in json.loads(it)]


@pytest.mark.parametrize(
    ("spoil", "first", "later"),
    [
        (flipped(5), 5, LAST - 5),
        (flipped(5, 8, 9), 5, LAST - 7),
        (flipped(2), 2, LAST - 2),
        (without_the_seventh, 7, LAST - 7),
        (with_another_seventh, 7, LAST - 6),
    ],
    ids=["one line", "several lines", "the second line", "a line is missing", "a line says something else"],
)
async def test_what_came_before_damage_goes_on(
    tmp_path: Path, spoil: Callable[[list[bytes]], Sequence[bytes]], first: int, later: int
) -> None:
    async with desk(tmp_path, [{"text": "Gone on.", "times": "any"}]) as place:
        folder = await kept(place, spoil)
        before = files(folder)
        said = await run("sessions", "show", "s1", "--json", cwd=place.workspace, env=place.environment)
        assert (said.status, len(said.lines)) == (1, first - 1)
        assert "`postil sessions salvage s1` makes a new session of what came before." in said.err
        made = await run("sessions", "salvage", "s1", cwd=place.workspace, env=place.environment)
        assert (made.status, made.err) == (0, "")
        assert files(folder) == before, "the damaged one stays as it is"
        found = re.search(r"Session (s\w+) has what came before: (\d+) event", made.out)
        assert found is not None
        new, events = found[1], int(found[2])
        assert events == first - 1
        assert set(re.findall(r"(\d+) lines? from there on looks? whole", made.out)) == {str(later)}, made.out
        verified = await run("audit", "verify", new, cwd=place.workspace, env=place.environment)
        assert (verified.status, f"{new}: whole, {first} events" in verified.out) == (0, True), verified.out
        await _shown(place, new, said.lines, later)
        await _exported(place, new, tmp_path / "export.jsonl", later)
        resumed = await run("sessions", "resume", new, cwd=place.workspace, env=place.environment)
        assert resumed.status in {0, 1}, resumed.err
        assert "damaged" not in resumed.err
        asked = await place.ask("--resume", new, "And now?")
        assert asked.end.reason == "end_turn"
        new_folder = folder.with_name(new)
        assert files(folder / "checkpoint").items() <= files(new_folder / "checkpoint").items(), (
            "kept texts come along"
        )
        assert files(folder) == before


async def _shown(place: Desk, new: str, old: Sequence[dict[str, Any]], later: int) -> None:
    """What came before is shown as it was, and what was kept apart after a warning."""
    said = await run("sessions", "show", new, "--json", cwd=place.workspace, env=place.environment)
    assert said.status == 0
    sure = [it for it in said.lines if "unverified" not in it]
    assert len(said.lines) - len(sure) == later
    assert [it["at"] for it in sure[:-1]] == [it["at"] for it in old]
    assert [it["event"] for it in sure[1:-1]] == [it["event"] for it in old[1:]]
    assert sure[0]["event"]["session_id"] == new
    assert (sure[-1]["event"]["type"], sure[-1]["event"]["kept_in"]) == ("JournalRepaired", APPENDIX)
    in_words = await run("sessions", "show", new, cwd=place.workspace, env=place.environment)
    assert (in_words.status, in_words.err) == (0, "")
    record, mark, unproven = in_words.out.partition(MARK)
    assert "Salvaged: the " in record
    *marked, warning = [it for it in (mark + unproven).splitlines() if it.startswith(MARK)][::-1]
    assert not warning.removeprefix(MARK)
    assert marked.pop().startswith(f"{MARK}{WARNING}")
    assert f"session {new}" not in "".join(marked), "it is not of the new session that they tell"
    rest = [it for it in (mark + unproven).splitlines() if not it.startswith(MARK)]
    assert not rest or "ended without closing" in rest[0] or rest[0].startswith("The last process"), rest


async def _exported(place: Desk, new: str, file: Path, later: int) -> None:
    """An export has what was kept apart, marked, and is as whole as the record."""
    said = await run("sessions", "export", new, "--to", str(file), cwd=place.workspace, env=place.environment)
    assert said.status == 0
    assert len(apart(file)) == later + 1, "the warning comes first"
    verified = await run("audit", "verify", "--file", str(file), cwd=place.workspace, env=place.environment)
    assert verified.status == 0, verified.out


async def test_of_what_is_damaged_from_its_start_nothing_is_made(tmp_path: Path) -> None:
    async with desk(tmp_path, []) as place:
        folder = await kept(place, flipped(1))
        before = files(folder)
        said = await run("sessions", "salvage", "s1", cwd=place.workspace, env=place.environment)
        assert (said.status, said.out) == (1, "")
        assert said.err.startswith("postil: Nothing can be salvaged of session s1: Event 1 of this session")
        assert files(folder) == before
        assert [it.name for it in folder.parent.iterdir()] == ["s1"]


@pytest.mark.parametrize("cut", [0, 7])
async def test_a_session_that_can_be_resumed_is_not_salvaged(tmp_path: Path, cut: int) -> None:
    async with desk(tmp_path, []) as place:
        folder = await kept(place, lambda it: [*it[:-1], it[-1][: len(it[-1]) - cut]])
        said = await run("sessions", "salvage", "s1", cwd=place.workspace, env=place.environment)
        assert said.status == 1
        assert said.err == "postil: Session s1 is not damaged: there is nothing to salvage. Resume it.\n"
        assert [it.name for it in folder.parent.iterdir()] == ["s1"]


class Interrupted(RealDisk):
    """A disk under a process that ends before a folder is renamed."""

    def rename(self, source: Path, target: Path) -> None:
        if source.is_dir() and not is_temporary(target.name):
            raise KeyboardInterrupt
        super().rename(source, target)


async def test_what_an_interrupted_salvage_left_is_no_session_and_goes_with_the_next(tmp_path: Path) -> None:
    async with desk(tmp_path, []) as place:
        folder = await kept(place, flipped(5))
        before = files(folder)
        with pytest.raises(KeyboardInterrupt):
            salvage(Interrupted(), folder, "s2")
        said = await run("sessions", "list", cwd=place.workspace, env=place.environment)
        assert [it.split()[0] for it in said.out.splitlines()] == ["s1"]
        salvage(RealDisk(), folder, "s3")
        assert sorted(it.name for it in folder.parent.iterdir()) == ["s1", "s3"]
        assert files(folder) == before
        said = await run("audit", "verify", "s3", cwd=place.workspace, env=place.environment)
        assert said.status == 0, said.out


async def test_damage_that_was_found_is_listed(tmp_path: Path) -> None:
    """A list looks at the ends of journals alone; what lies deeper it knows once somebody came upon it."""
    async with desk(tmp_path, [{"text": "Gone on.", "times": "any"}]) as place:
        folder = await kept(place, lambda it: it)
        asked = await place.ask("--resume", "s1", "Go on.")
        assert asked.status == 0
        whole = (folder / JOURNAL).read_bytes()
        lines = whole.splitlines(keepends=True)
        for finder in (("resume", "s1"), ("show", "s1"), ("audit", "s1")):
            assert "clean" in (await listed(place))[0]
            (folder / JOURNAL).write_bytes(b"".join(flipped(5)(lines)))
            command = ("audit", "verify", "s1") if finder[0] == "audit" else ("sessions", *finder)
            said = await run(*command, cwd=place.workspace, env=place.environment)
            assert said.status == 1
            assert "without closing" not in said.out, "nobody can read whether it was closed"
            (row,) = await listed(place)
            assert "damaged" in row
            assert "Event 5 of this session cannot be read" in row
            (folder / JOURNAL).write_bytes(whole)
            assert (await place.ask("--resume", "s1", "Go on.")).status == 0, "it was put back from a copy"
            whole = (folder / JOURNAL).read_bytes()
            lines = whole.splitlines(keepends=True)
        (folder / JOURNAL).write_bytes(b"".join(flipped(5)(lines)))
        await run("sessions", "show", "s1", cwd=place.workspace, env=place.environment)
        await run("sessions", "delete", "s1", "--yes", cwd=place.workspace, env=place.environment)
        assert not list(place.state.rglob("damaged/*")), "nothing is kept of a session that is gone"


async def listed(place: Desk) -> list[str]:
    said = await run("sessions", "list", cwd=place.workspace, env=place.environment)
    return said.out.splitlines()
