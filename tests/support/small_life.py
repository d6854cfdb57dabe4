"""The work of `disk_turn` on real files, with a journal and an agent alone: what a small process does, and its check."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from contextlib import suppress
from pathlib import Path
from unittest.mock import patch

from postil.agent.session import Session
from postil.core.effects import Command
from postil.core.errors import ProtocolError
from postil.core.events import CallFinished, CallStarted, Durable, Recorded
from postil.core.outlook import Outlook
from postil.core.ports import ShellResult
from postil.core.state import State
from postil.core.submissions import Close, Prompt, Resume
from postil.journal.store import SessionStore
from postil.journal.writer import FileJournal
from postil.workspace.local import LocalWorkspace
from tests.support.agent_checks import check_answers, check_ended
from tests.support.agent_reference import Person
from tests.support.agent_world import SESSION, World
from tests.support.disk_checks import check_effects
from tests.support.disk_turn import COMMAND, LINE, LOG, Work, go_back, turns_end
from tests.support.memory_shell import ended

Promise = Callable[[int], None]


class FileShell:
    """A `Shell` whose one command appends a line to a real file."""

    def __init__(self, root: Path) -> None:
        self._log = root / LOG

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
        with self._log.open("ab", buffering=0) as log:
            log.write(LINE)
        return ended("")

    def machine(self) -> str:
        return ""

    async def end(self, pid: int, started: float) -> bool:
        return True

    def runs(self, pid: int, started: float) -> bool:
        return False


def lay_out(root: Path, work: Work) -> None:
    """Make the files that the work begins with."""
    for name, data in work.files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(data)


async def go(state: Path, root: Path, work: Work, promise: Promise = lambda _: None) -> None:
    """Do the work from where it stands to its end; tell `promise` of every number that the journal promised."""
    store = SessionStore(state)
    world = World(work.plays, mode=work.mode, rules=work.rules)
    workspace = LocalWorkspace((root,), rg=None)
    world.real = (workspace, FileShell(root))
    try:
        session, journal = await _opened(store, world, root, promise)
        person = Person(session)
        if session.suspended and not person.answer_open():
            await session.resume(Resume())
        await turns_end(session)
        for prompt in work.prompts[session.state.workflow.turn_count :]:
            await session.prompt(Prompt(prompt, face="test"))
            await turns_end(session)
        if work.goes_back:
            await go_back(session)
        await session.close(Close("done"))
        await journal.close()
    finally:
        workspace.close()


async def _opened(
    store: SessionStore, world: World, root: Path, promise: Promise
) -> tuple[Session, FileJournal]:
    try:
        state, journal, report = await store.open(SESSION)
    except ProtocolError:
        journal = await store.create(root, SESSION)
        _tell(journal, promise)
        return await world.start(journal), journal
    world.lives = report.fence - 1
    _tell(journal, promise)
    return await world.open(journal, state), journal


def _tell(journal: FileJournal, promise: Promise) -> None:
    append = journal.append

    async def telling(event: Durable, *, sync: bool) -> Recorded:
        record = await append(event, sync=sync)
        if sync:
            promise(record.seq)
        return record

    patch.object(journal, "append", telling).start()  # for as long as the process lives


def check(state: Path, root: Path, work: Work, promised: int, outcomes: Counter[str]) -> None:
    """Hold the finished session and its files to account."""
    records = list(asyncio.run(SessionStore(state).record(SESSION)).events)
    assert len(records) >= promised, "a promised event is lost"
    check_ended(records, asyncio.run(_reopened(state)))
    check_answers(records)
    names = {*work.files, *(name for it in work.changes.values() for name in it.after)}
    files = {name: _content(root / name) for name in names}
    check_effects(work, records, files)
    ends = {it.event.call_id: it.event.outcome for it in records if isinstance(it.event, CallFinished)}
    started = {it.event.call_id for it in records if isinstance(it.event, CallStarted)}
    lines = (files[LOG] or b"").count(LINE)
    if ends["shell1"] == "unknown":
        assert lines <= 1
    else:
        assert lines == (ends["shell1"] == "completed") == ("shell1" in started)
    outcomes.update(f"{it}: {ends[it]}" for it in ("shell1", *work.changes))


async def _reopened(state: Path) -> State:
    """Open and let go; what was let go of before can be opened, and was closed."""
    found, journal, report = await SessionStore(state).open(SESSION)
    await journal.close()
    assert report.clean
    return found


def _content(path: Path) -> bytes | None:
    with suppress(FileNotFoundError):
        return path.read_bytes()
    return None
