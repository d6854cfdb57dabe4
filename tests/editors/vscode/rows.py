"""A session with many rows, on disk before a window opens: as a long day's work leaves one."""

from __future__ import annotations

from collections.abc import Iterator

from postil.core import events as ev
from postil.core.messages import Text
from postil.journal.layout import JOURNAL, Layout
from postil.workspace.files.real_disk import RealDisk
from tests.support.golden_parts import (
    call,
    configuration,
    decided,
    ended,
    finished,
    prompt,
    replied,
    routed,
    shell_started,
)
from tests.support.journals import write_journal
from tests.support.lsp_world import World

TITLE = "Row after row"
TURNS = 10
"""Few enough that none is folded away for its age."""


def write_rows(world: World, rows: int = 2_000, session_id: str = "s0001") -> None:
    """Write a session of that many rows of commands into the world's state."""
    folder = Layout(RealDisk(), world.state).new_session(world.root, session_id)
    write_journal(folder / JOURNAL, events_of(str(world.root), rows, session_id), sync_each=False)


def events_of(root: str, rows: int, session_id: str = "s0001") -> list[ev.Durable]:
    """Return the events of such a session."""
    created = ev.SessionCreated(session_id=session_id, roots=(root,), face="lsp", postil="0.1.0")
    events: list[ev.Durable] = [created, configuration("default", "session start")]
    for number in range(TURNS):
        events += _turn(f"t{number + 1:04}", rows // TURNS)
    return events


def _turn(turn: str, rows: int) -> Iterator[ev.Durable]:
    names = [f"{turn}_{number}" for number in range(rows)]
    lines = [f"echo row {turn} {number} {'and more ' * (number % 9)}" for number in range(rows)]
    yield prompt(turn, f"{TITLE}, {turn}")
    yield routed(turn)
    calls = [call(name, "shell", command=line) for name, line in zip(names, lines, strict=True)]
    yield replied(turn, 1, Text(text="I run all of them."), *calls, stop="tool_use")
    for number, (name, line) in enumerate(zip(names, lines, strict=True)):
        status = int(number % 40 == 39)  # what failed opens itself: rows are not all of one height
        yield decided(turn, name)
        yield from shell_started(turn, name, line)
        yield finished(turn, name, "shell", "row\n" * 6, details={"exit_code": status})
    yield replied(turn, 2, Text(text="All of them ran."))
    yield ended(turn, steps=2)
