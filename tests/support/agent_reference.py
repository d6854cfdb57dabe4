"""The reference turn of the crash tests, the person who answers in it, and one process after another that lives it."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Coroutine
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from postil.agent.session import Session
from postil.core.events import (
    CallFinished,
    PermissionAsked,
    PermissionDecided,
    Publication,
    QuestionAnswered,
    QuestionAsked,
    Recorded,
    TurnEnded,
)  # fmt: skip
from postil.core.ports import Journal
from postil.core.question import Question
from postil.core.state import State
from postil.core.submissions import Answer, Prompt, Resume
from tests.support.agent_checks import check_answers, check_ended
from tests.support.agent_world import World
from tests.support.fake_model import call, says
from tests.support.memory_journal import Hook, SimulatedCrash
from tests.support.memory_shell import ended

FILES = {"src/a.py": "x = 1\n", "src/b.py": "y = 2\n", "notes.md": "# Notes\n"}
AFTER = {"src/a.py": "x = 2\n", "notes.md": "# Notes\n\nDone.\n"}
COMMAND = "pytest -q"
PLAYS = [
    says(
        "I look first.",
        call("todo", "todo1", items=[{"text": "Mend a.py", "status": "in_progress"}]),
        call("read", "read1", path="src/a.py"),
        call("read", "read2", path="src/b.py"),
        call("read", "read3", path="missing.py"),
        call("read", "read4", path="notes.md"),
    ),
    says("Now the edit.", call("edit", "edit1", path="src/a.py", edits=[{"old": "1", "new": "2"}])),
    says(
        call("shell", "shell1", command=COMMAND),
        call("ask_user", "ask1", question="Note it down?", options=["Yes", "No"]),
    ),
    says(
        call("write", "write1", path="notes.md", content=AFTER["notes.md"]),
        call("todo", "todo2", items=[{"text": "Mend a.py", "status": "completed"}]),
    ),
    says("All done."),
]
EDITS = {"edit1": "src/a.py", "write1": "notes.md"}
SHELLS = ("shell1",)


def reference_world() -> World:
    """Return the world of the reference turn before anything happened."""
    world = World(PLAYS, FILES)
    world.shell.answers[COMMAND] = ended("1 passed\n")
    return world


class Person:
    """Answers every question as soon as it is seen: yes to commands for this session, else yes once."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._answers: set[asyncio.Task[None]] = set()
        session.subscribe(self._see)

    def answer_open(self) -> bool:
        """Answer what is open already; returns whether anything was."""
        opened = list(self._session.state.workflow.questions.values())
        for one in opened:
            self._answer(one.question)
        return bool(opened)

    def _see(self, publication: Publication) -> None:
        if isinstance(publication.event, PermissionAsked | QuestionAsked):
            self._answer(publication.event.question)

    def _answer(self, question: Question) -> None:
        kinds = {"Run this command?": "allow_session", "The agent asks": "choice_1"}
        option = kinds.get(question.title, "allow_once")
        if option not in {it.id for it in question.options}:
            option = "allow_once"  # what a hook wants asked about is answered once, each time
        answer = Answer(question.id, option, face="test")
        task = asyncio.ensure_future(self._session.answer(answer))
        self._answers.add(task)
        task.add_done_callback(_quiet)


def _quiet(task: asyncio.Task[None]) -> None:
    """Take note of an answer that came too late, such as after a cancel."""
    if not task.cancelled():
        task.exception()


class _Inline(ThreadPoolExecutor):
    """Does at once what is meant for a thread, so that nothing depends on how threads take turns."""

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        future: Future[Any] = Future()
        try:
            future.set_result(fn(*args, **kwargs))
        except BaseException as error:  # noqa: BLE001 - as a thread would hand it on
            future.set_exception(error)
        return future


def live(
    world: World, life: Callable[[], Coroutine[Any, Any, State]], *, inline: bool = True
) -> State | None:
    """Run one process to its end and return its last state; None where it died."""

    async def main() -> State:
        if inline:
            asyncio.get_running_loop().set_default_executor(_Inline())
        return await life()

    try:
        return asyncio.run(main())
    except SimulatedCrash:
        return None
    finally:
        world.die()


def crash_at(world: World, seq: int) -> Hook:
    """Return a hook that ends the process at the event with this number."""

    def hook(record: Recorded) -> None:
        if record.seq == seq:
            world.die()
            raise SimulatedCrash

    return hook


async def first_life(world: World, journal: Journal | None = None) -> State:
    """Make the reference turn from its prompt to its end."""
    session = await world.start(journal)
    Person(session)
    await session.prompt(Prompt("Mend it.", face="test"))
    return await to_the_end(world, session)


async def next_life(world: World, opened: Awaitable[Session]) -> State:
    """Open the session again, answer what is open, resume what is suspended, and go on to the end."""
    session = await opened
    person = Person(session)
    if session.suspended and not person.answer_open():
        await session.resume(Resume())
    if not session.state.workflow.turn_count:
        await session.prompt(Prompt("Mend it.", face="test"))
    return await to_the_end(world, session)


async def to_the_end(world: World, session: Session) -> State:
    """Wait until nothing is left to do, and return the state; raises SimulatedCrash where the process dies."""
    death = asyncio.ensure_future(world.death.wait())
    while session.state.workflow.turns and not death.done():
        await asyncio.sleep(0)
        idle = asyncio.ensure_future(session.idle())
        await asyncio.wait({idle, death}, return_when=asyncio.FIRST_COMPLETED)
        idle.cancel()
    if death.done():
        raise SimulatedCrash
    death.cancel()
    return session.state


@dataclass(frozen=True, slots=True)
class Effects:
    """What really happened to the world."""

    edits: Counter[str]
    shells: Counter[str]

    @staticmethod
    def of(world: World) -> Effects:
        edits = Counter(world.workspace.display(edit.path) for edit, _, _ in world.workspace.applied)
        return Effects(edits, Counter(command.line for command in world.shell.commands))


def check(world: World, records: list[Recorded], state: State, reason: str = "end_turn") -> None:
    """Hold what must be true at the end, whatever happened on the way."""
    check_ended(records, state)
    check_answers(records)
    effects = Effects.of(world)
    outcomes = {it.event.call_id: it.event.outcome for it in records if isinstance(it.event, CallFinished)}
    for call_id, path in EDITS.items():
        done = effects.edits[path]
        assert done <= 1, "no edit is made twice"
        assert outcomes.get(call_id) != "unknown", "an edit is settled by looking"
        assert done == (outcomes.get(call_id) == "completed"), (call_id, outcomes.get(call_id), done)
        assert world.workspace.text(path) == (AFTER if done else FILES)[path]
        changes = [it for it in state.workflow.changes if it.call_id == call_id]
        assert len(changes) == done, "what was changed is on record, once"
    runs = effects.shells[COMMAND]
    assert runs <= 1, "no command is run twice"
    if outcomes.get("shell1") == "completed":
        assert runs == 1
    elif outcomes.get("shell1") not in ("unknown", "cancelled"):
        assert runs == 0, outcomes.get("shell1")
    allowed = [
        it.event.call_id
        for it in records
        if isinstance(it.event, PermissionDecided) and (it.event.decision, it.event.by) == ("allow", "person")
    ]
    assert set(allowed) >= {name for name in ("edit1", "shell1") if outcomes.get(name) == "completed"}
    reasons = [it.event.reason for it in records if isinstance(it.event, TurnEnded)]
    assert reasons == [reason]
    answers = [it for it in records if isinstance(it.event, QuestionAnswered)]
    assert len(answers) <= 1
    if reason == "end_turn":
        assert all(it is not None for it in map(outcomes.get, ("todo1", "read1", "edit1", "shell1", "ask1")))
