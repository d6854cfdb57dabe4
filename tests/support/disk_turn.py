"""Turns of the real agent with the real tools, whose files and whose journal lie on one simulated disk."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest.mock import patch

from postil.agent.session import Session
from postil.core.effects import Command
from postil.core.ephemeral import SessionHalted
from postil.core.events import Durable, Publication, Recorded
from postil.core.outlook import Outlook
from postil.core.ports import ShellResult
from postil.core.state import State
from postil.core.submissions import Close, Prompt, Rewind, Target
from postil.journal.layout import JOURNAL, LOCK, Layout
from postil.journal.lock import Lock
from postil.journal.log import Log
from postil.journal.opening import Loaded, OpenReport, open_to_write
from postil.journal.store import SessionStore
from postil.journal.writer import FileJournal
from postil.workspace.local import LocalWorkspace
from tests.support.agent_reference import Person, live, next_life
from tests.support.agent_world import SESSION, World
from tests.support.fake_model import Play, call, says
from tests.support.journals import Ticking
from tests.support.memory_journal import MemoryLock
from tests.support.memory_shell import ended
from tests.support.mirrored_disk import MirroredDisk
from tests.support.sim_disk import SimDisk, Tree

STATE = Path("/state")
CREATED, PROMISED = "created", "promised"
LOG, LINE = "log.txt", b"line\n"
COMMAND = "append line"
LONG = "".join(f"{number:05d} a long file, line by line\n" for number in range(2_500))


Files = dict[str, bytes | None]


@dataclass(frozen=True, slots=True)
class Change:
    """What one call makes of files, by their names; None for no file."""

    before: Files
    after: Files


@dataclass(frozen=True, slots=True)
class Work:
    """A session's work: its files, what is asked, and what the model answers."""

    files: dict[str, bytes]
    plays: Sequence[Play]
    changes: dict[str, Change]
    """By the id of the call."""
    mode: str = "default"
    rules: tuple[str, ...] = ()
    prompts: tuple[str, ...] = ("Mend it.",)
    """Each but the first comes after the session was closed and opened again."""
    goes_back: bool = False
    """Whether all of it is taken back in the end, files and conversation."""


def change(path: str, before: bytes | None, after: bytes | None) -> Change:
    """Return what a call makes of one file."""
    return Change({path: before}, {path: after})


def _edit(name: str, path: str, old: str, new: str) -> Any:
    return call("edit", name, path=path, edits=[{"old": old, "new": new}])


ASKED = Work(
    files={"a.py": b"x = 1\r\ny = 2\r\n", "b.py": "# caf\xe9\nz = 3".encode("latin-1"), LOG: b""},
    plays=[
        says("I look first.", call("read", "read1", path="a.py"), call("read", "read2", path="missing.py")),
        says("Now the edit.", _edit("edit1", "a.py", "x = 1", "x = 10")),
        says(call("shell", "shell1", command=COMMAND), call("read", "read3", path="b.py")),
        says(
            _edit("edit2", "b.py", "z = 3", "z = 30"), call("write", "write1", path="new/c.py", content="c\n")
        ),
        says("All done."),
    ],
    changes={
        "edit1": change("a.py", b"x = 1\r\ny = 2\r\n", b"x = 10\r\ny = 2\r\n"),
        "edit2": change("b.py", b"# caf\xe9\nz = 3", b"# caf\xe9\nz = 30"),
        "write1": change("new/c.py", None, b"c\n"),
    },
)
"""A person is asked about everything."""

ALLOWED = Work(
    files={"a.txt": b"one\n", "b.txt": b"\xef\xbb\xbftwo\n", LOG: b""},
    plays=[
        says(
            call("todo", "todo1", items=[{"text": "Change both", "status": "in_progress"}]),
            _edit("edit1", "a.txt", "one", "eins"),
            _edit("edit2", "b.txt", "two", "zwei"),
            call("read", "read1", path="b.txt"),
        ),
        says(call("write", "write1", path="long.txt", content=LONG)),
        says("The first part is done."),
        says(call("read", "read2", path="a.txt"), call("shell", "shell1", command=COMMAND)),
        says(call("write", "write2", path="deep/er/d.txt", content="d")),
        says("All done."),
    ],
    changes={
        "edit1": change("a.txt", b"one\n", b"eins\n"),
        "edit2": change("b.txt", b"\xef\xbb\xbftwo\n", b"\xef\xbb\xbfzwei\n"),
        "write1": change("long.txt", None, LONG.encode()),
        "write2": change("deep/er/d.txt", None, b"d"),
    },
    mode="accept-edits",
    rules=("Bash",),
    prompts=("Do the first part.", "Do the rest."),
)
"""Two prompts, the second in another process; a text so long that the journal keeps it in a file of its own."""

TAKEN_BACK = Work(
    files={
        "a.txt": b"one\r\n",
        "name.txt": b"caf\xe9",
        "old.txt": "\ufeffold\n".encode("utf-16-le"),
        LOG: b"",
    },
    plays=[
        says(
            _edit("edit1", "a.txt", "one", "eins"),
            call("move", "move1", path="name.txt", to="other.txt"),
            call("delete", "delete1", path="old.txt"),
        ),
        says(
            call("shell", "shell1", command=COMMAND),
            call("write", "write1", path="new/c.txt", content="c\n"),
        ),
        says("All done."),
    ],
    changes={
        "edit1": change("a.txt", b"one\r\n", b"eins\r\n"),
        "move1": Change(
            {"name.txt": b"caf\xe9", "other.txt": None}, {"name.txt": None, "other.txt": b"caf\xe9"}
        ),
        "delete1": change("old.txt", "\ufeffold\n".encode("utf-16-le"), None),
        "write1": change("new/c.txt", None, b"c\n"),
    },
    mode="accept-edits",
    rules=("Bash",),
    goes_back=True,
)
"""A file is renamed within its folder and others are deleted; then all of it is taken back."""

WORKS = {"asked": ASKED, "allowed": ALLOWED, "taken_back": TAKEN_BACK}


class LineShell:
    """A `Shell` whose one command appends a line and does not sync it, as commands do."""

    def __init__(self, disk: SimDisk, root: Path) -> None:
        self._disk = disk
        self._log = root / LOG
        self.runs_made = 0

    async def outlook(self, command: Command) -> Outlook:
        return Outlook()

    async def run(
        self,
        command: Command,
        output: Callable[[str], None],
        spawned: Callable[[int, float], Awaitable[None]],
    ) -> ShellResult:
        assert command.line == COMMAND
        await spawned(4_000_000, 1.0)
        handle = self._disk.open_append(self._log)
        try:
            handle.write(LINE)
        except OSError as error:
            return ended(f"append: {error.strerror}\n", 1)
        finally:
            handle.close()
        self.runs_made += 1
        return ended("")

    def machine(self) -> str:
        return ""

    async def end(self, pid: int, started: float) -> bool:
        return True

    def runs(self, pid: int, started: float) -> bool:
        return False


class Life:
    """Processes of one session, one after another, over the same disk."""

    def __init__(
        self,
        root: Path,
        work: Work,
        tree: Tree | None = None,
        before: int = 0,
        clock: Callable[[], float] | None = None,
    ) -> None:
        """`before` counts the lives that went before, so that ids are new; `clock` is what the journal goes by."""
        self.work = work
        self._clock = clock or Ticking()
        self.disk = MirroredDisk(root, tree, work.files)
        self.world = World(work.plays, mode=work.mode, rules=work.rules)
        self.world.lives = before
        self.workspace = LocalWorkspace((root,), disk=self.disk, rg=None)
        self.shell = LineShell(self.disk, root)
        self.world.real = (self.workspace, self.shell)
        self.root = root
        self.halts: list[SessionHalted] = []
        """What faces were told where nothing more could be recorded."""

    def whole(self) -> State:
        """Do all of the work, noting on the disk's record what the journal promised."""
        return self._live(self._whole)

    def recover(self) -> State:
        """Open the session as the disk has it, and bring what it has open to its end."""
        return self._live(self._recover)

    def records(self) -> list[Recorded]:
        """Return the journal as the disk has it."""
        return list(asyncio.run(self._store().record(SESSION)).events)

    def _live(self, life: Callable[[], Coroutine[Any, Any, State]]) -> State:
        try:
            state = live(self.world, life, inline=False)
        finally:
            self.workspace.close()
        assert state is not None
        return state

    async def _whole(self) -> State:
        journal = await self._store().create(self.root, SESSION)
        self.disk.note(CREATED, 1)
        session: Session | None = None
        for prompt in self.work.prompts:
            if session is not None:
                state, journal, _ = await self._store().open(SESSION)
            else:
                state = State.empty()
            with _noting(journal, self.disk):
                opened = self.world.open(journal, state) if session else self.world.start(journal)
                session = await opened
                session.subscribe(self._see)
                Person(session)
                try:
                    await session.prompt(Prompt(prompt, face="test"))
                    await turns_end(session)
                    if self.work.goes_back:
                        await go_back(session)
                finally:
                    await session.close(Close("done"))
        assert session is not None
        return session.state

    def _see(self, publication: Publication) -> None:
        if isinstance(publication.event, SessionHalted):
            self.halts.append(publication.event)

    def _store(self) -> SessionStore:
        holders: dict[Path, MemoryLock] = {}

        def lock(path: Path) -> Lock:
            return MemoryLock(path, holders)

        return SessionStore(STATE, disk=self.disk, clock=self._clock, lock=lock)

    async def _recover(self) -> State:
        state, journal, _ = await self._store().open(SESSION)
        with _noting(journal, self.disk):
            ended = await next_life(self.world, self.world.open(journal, state))
            await journal.close()
        return ended


async def turns_end(session: Session) -> None:
    """Return when no turn is left; raises JournalError where nothing more can be recorded."""
    while session.state.workflow.turns:
        await asyncio.sleep(0)
        await session.idle()
        if session.halted is not None:
            raise session.halted


async def go_back(session: Session) -> None:
    """Take back all that the first turn did, with the conversation, unless that is done; raises as `rewind` does."""
    for mark in session.state.workflow.marks[:1]:
        target = Target(mark.turn_id)
        plan = await session.plan(target)
        await session.rewind(Rewind(target, plan.fingerprint, conversation=True, face="test"))


def folder(disk: SimDisk) -> Path | None:
    """Return the session's folder; None where there is no session yet."""
    for path, _ in Layout(disk, STATE).sessions():
        if disk.size(path / JOURNAL) is not None:
            return path
    return None


def opened(disk: SimDisk, session: Path) -> tuple[Loaded, Log, OpenReport]:
    """Open a session's journal for writing, as a process does before anything else."""
    return open_to_write(disk, session, STATE, MemoryLock(session / LOCK), Ticking())


def _noting(journal: FileJournal, disk: SimDisk) -> Any:
    """Have the disk's record tell what the journal promised."""
    append = journal.append

    async def noting(event: Durable, *, sync: bool) -> Recorded:
        record = await append(event, sync=sync)
        if sync:
            disk.note(PROMISED, record.seq)
        return record

    return patch.object(journal, "append", noting)
