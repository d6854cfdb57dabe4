"""A session with everything around it in memory: files, a shell, a person, a journal, a model and a clock.

world = World([says(call("read", path="a.py")), says("Done.")], files={"a.py": "x = 1\\n"})
session = await world.start()
await session.prompt(Prompt("Look."))
await session.idle()

The world outlives the process: `reopen` is the next process, with the same files and the same journal.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, TypeVar

from postil.agent.budgets.projecting import Projector
from postil.agent.commanding.collection import PromptFiles
from postil.agent.emitter import Emitter
from postil.agent.parts import Compacting, Ledger, Parts, Tools
from postil.agent.session import Session
from postil.context import prompt
from postil.context.estimate import Estimator
from postil.core.effects import Command, FileChange, FileEdit
from postil.core.event import Event
from postil.core.events import (
    ConfigurationInForce,
    Limits,
    Publication,
    SessionCreated,
    SessionResumed,
)  # fmt: skip
from postil.core.hooks import Hook, HookRunner, NoHookRunner
from postil.core.ids import CountedIds
from postil.core.ports import (
    FileView,
    Journal,
    ModelRequest,
    NoSkills,
    NoWeb,
    Shell,
    ShellResult,
    Skills,
    Web,
    Workspace,
)
from postil.core.ports.checks import Checks
from postil.core.state import State
from postil.permissions.grants import StoredGrant
from postil.permissions.rule import Rule, parse
from postil.permissions.trust import Verdict
from postil.permissions.trusting import InForce
from postil.permissions.world import this_machine
from tests.support.fake_model import FakeModel, Play
from tests.support.few_tools import BUILD_WORDS, registry, schemas
from tests.support.memory_journal import MemoryJournal, SimulatedCrash
from tests.support.memory_ledger import MemoryLedger
from tests.support.memory_shell import MemoryShell
from tests.support.memory_workspace import MemoryWorkspace

SESSION = "s1"
_E = TypeVar("_E", bound=Event)


class FakeClock:
    """Time that moves only when a test moves it."""

    def __init__(self) -> None:
        self.seconds = 1_000.0

    def now(self) -> float:
        return self.seconds

    def monotonic(self) -> float:
        return self.seconds

    async def sleep(self, seconds: float) -> None:
        self.seconds += seconds


class FakeStanding:
    """Rules beyond the session, and grants for the workspace."""

    def __init__(self, rules: Sequence[Rule] = ()) -> None:
        self.fixed = list(rules)
        self.granted: list[str] = []
        self.fails: Exception | None = None

    async def rules(self) -> tuple[Rule, ...]:
        return (*self.fixed, *(parse(rule, "allow", "user") for rule in self.granted))

    async def grant(self, grant: StoredGrant) -> None:
        await asyncio.sleep(0)
        if self.fails is not None:
            raise self.fails
        self.granted.append(grant.rule)


class FakeTrust:
    """A workspace that is trusted, or that nobody has decided about."""

    def __init__(self, roots: Sequence[Path], *, trusted: bool) -> None:
        self.roots = tuple(roots)
        self.said: list[tuple[Verdict, str]] = []
        self.fails: OSError | None = None
        self.elsewhere: InForce | None = None
        """What another process has made of it, seen at the next look."""
        self._now = InForce(trusted, "told by the test", () if trusted else self.roots)
        self._listeners: list[Callable[[], None]] = []
        self._asking = ""

    @property
    def now(self) -> InForce:
        return self._now

    def listen(self, told: Callable[[], None]) -> Callable[[], None]:
        self._listeners.append(told)
        return lambda: self._listeners.remove(told)

    async def look(self) -> InForce:
        await asyncio.sleep(0)
        if self.elsewhere is not None:
            self._set(self.elsewhere)
        return self._now

    async def decide(
        self,
        verdict: Verdict,
        face: str,
        folders: Sequence[Path] | None = None,
        shown: Mapping[Path, str] | None = None,
    ) -> InForce:
        del shown
        await asyncio.sleep(0)
        if self.fails is not None:
            raise self.fails
        self.said.append((verdict, face))
        self._set(InForce(verdict == "trusted", f"{len(folders or self.roots)} {verdict} in {face}"))
        return self._now

    def claim(self, session_id: str) -> bool:
        self._asking = self._asking or session_id
        return self._asking == session_id

    def release(self, session_id: str) -> None:
        if self._asking == session_id:
            self._asking = ""

    def _set(self, now: InForce) -> None:
        if now != self._now:
            self._now = now
            for told in tuple(self._listeners):
                told()


class SteppingWorkspace(MemoryWorkspace):
    """Every operation has a suspension before and after it, and a dead process does nothing more."""

    dead = False
    on_effect: Callable[[FileEdit | Command], None] | None = None
    """Told of each effect at the moment of it."""

    async def read(self, path: Path) -> FileView:
        await asyncio.sleep(0)
        return await super().read(path)

    async def apply(self, edit: FileEdit, label: str, change_id: str) -> FileChange:
        await asyncio.sleep(0)
        if self.dead:
            raise SimulatedCrash
        change = await super().apply(edit, label, change_id)
        if self.on_effect is not None:
            self.on_effect(edit)
        await asyncio.sleep(0)
        return change


class SteppingShell(MemoryShell):
    """The same for commands."""

    dead = False
    on_effect: Callable[[FileEdit | Command], None] | None = None

    async def run(
        self,
        command: Command,
        output: Callable[[str], None],
        spawned: Callable[[int, float], Awaitable[None]],
    ) -> ShellResult:
        await asyncio.sleep(0)
        if self.dead:
            raise SimulatedCrash
        if self.on_effect is not None:
            self.on_effect(command)
        result = await super().run(command, output, spawned)
        await asyncio.sleep(0)
        return result


class Watch:
    """What a face saw, and a way to wait for what it has yet to see."""

    def __init__(self, session: Session) -> None:
        self.seen: list[Publication] = []
        self._waiting: list[tuple[Callable[[Event], bool], asyncio.Future[Event]]] = []
        session.subscribe(self._see)

    async def event(self, kind: type[_E], where: Callable[[_E], bool] = lambda _: True) -> _E:
        """Return the first event of this kind, seen or still to come."""

        def fits(event: Event) -> bool:
            return isinstance(event, kind) and where(event)

        event = next((it.event for it in self.seen if fits(it.event)), None)
        if event is None:
            future: asyncio.Future[Event] = asyncio.get_running_loop().create_future()
            self._waiting.append((fits, future))
            event = await future
        assert isinstance(event, kind)
        return event

    def all(self, kind: type[_E]) -> list[_E]:
        """Return the events of this kind so far."""
        return [it.event for it in self.seen if isinstance(it.event, kind)]

    def _see(self, publication: Publication) -> None:
        self.seen.append(publication)
        for waiting in tuple(self._waiting):
            fits, future = waiting
            if fits(publication.event):
                self._waiting.remove(waiting)
                if not future.done():
                    future.set_result(publication.event)


@dataclass
class World:
    """What a session lives in. Change its fields before `start`."""

    plays: Sequence[Play]
    files: Mapping[str, str | bytes] = field(default_factory=dict[str, str | bytes])
    interactive: bool = True
    mode: str = "default"
    model_name: str = "fake"
    rules: tuple[str, ...] = ()
    limits: Limits = field(default_factory=Limits)
    tools: Tools = registry
    trusted: bool = True
    request: Callable[[State], Awaitable[ModelRequest]] | None = None
    """What builds the requests, where it is not the usual."""
    real: tuple[Workspace, Shell] | None = None
    """What tools work with in place of what is in memory."""

    hooks: tuple[Hook, ...] = ()
    hook_runner: HookRunner = field(default_factory=NoHookRunner)
    skills: Skills = field(default_factory=NoSkills)
    commands: PromptFiles | None = None

    def __post_init__(self) -> None:
        self.workspace = SteppingWorkspace(self.files)
        self.shell = SteppingShell()
        self.standing = FakeStanding()
        self.trust = FakeTrust(self.workspace.roots, trusted=self.trusted)
        self.clock = FakeClock()
        self.make_model: Callable[[], FakeModel] = lambda: FakeModel(self.plays)
        self.model = self.make_model()
        self.session_id = SESSION
        self.journal: MemoryJournal = MemoryJournal()
        self.ledger: Ledger = MemoryLedger()
        self.compacting = Compacting()
        self.web: Web = NoWeb()
        self.checks: Checks | None = None
        self.lives = 0
        self.death = asyncio.Event()

    def use_model(self, make: Callable[[], FakeModel]) -> None:
        """Let every process of this world have a model of this kind."""
        self.make_model = make
        self.model = make()

    def configuration(self) -> ConfigurationInForce:
        return ConfigurationInForce(
            agent_type="build",
            mode=self.mode,
            model=self.model_name,
            tools=self.tools.names,
            limits=self.limits,
            rules=self.rules,
            trusted=self.trust.now.trusted,
            trust=self.trust.now.why,
            cause="session start",
        )

    def parts(self) -> Parts:
        workspace, shell = self.real or (self.workspace, self.shell)
        stable = prompt.prefix([str(root) for root in workspace.roots], schemas, agent=BUILD_WORDS)

        async def request(state: State) -> ModelRequest:
            await asyncio.sleep(0)
            return prompt.request(state, stable, max_tokens=1_000)

        return Parts(
            model=self.model,
            workspace=workspace,
            shell=shell,
            tools=self.tools,
            standing=self.standing,
            trust=self.trust,
            request=self.request or request,
            projector=Projector(self.model, Estimator()),
            ledger=self.ledger,
            hooks=self.hooks,
            skills=self.skills,
            commands=self.commands,
            hook_runner=self.hook_runner,
            compacting=self.compacting,
            web=self.web,
            checks=self.checks,
            clock=self.clock,
            ids=CountedIds(self.lives * 1_000),
            around=this_machine(workspace.roots, []),
            interactive=self.interactive,
        )

    async def start(self, journal: Journal | None = None) -> Session:
        """Return a new session, in a journal of its own kind where one is given."""
        self.lives += 1
        emitter = self._emitter(journal or self.journal, State.empty())
        roots = tuple(str(root) for root in self.workspace.roots)
        await emitter.emit(SessionCreated(session_id=self.session_id, roots=roots, face="test", postil="0"))
        session = Session(emitter, self.parts())
        await session.begin(self.configuration())
        skills = await self.skills.begin(trusted=self.trust.now.trusted)
        if skills is not None:
            await emitter.emit(skills, sync=True)
        return session

    async def reopen(self, journal: MemoryJournal | None = None) -> Session:
        """Return the session as the next process opens it."""
        self.journal = journal or self.journal.reopened()
        return await self.open(self.journal, self.journal.state())

    async def open(self, journal: Journal, state: State) -> Session:
        """Open the session of a journal that was read to `state`."""
        self.lives += 1
        self.model = self.make_model()
        self.workspace.dead = self.shell.dead = False
        self.death = asyncio.Event()
        clean = state.workflow.closed
        session = Session(self._emitter(journal, state), self.parts())
        await session.recover(SessionResumed(face="test", postil="0", clean=clean))
        await session.begin(self.configuration())
        return session

    def die(self) -> None:
        """From now on the process does nothing to the world."""
        self.workspace.dead = self.shell.dead = True
        self.death.set()

    def copy(self) -> World:
        """Return the world as it is after its process died, for another future."""
        other = replace(self)
        other.workspace.disk = dict(self.workspace.disk)
        other.workspace.buffers = dict(self.workspace.buffers)
        other.workspace.applied = list(self.workspace.applied)
        other.shell.answers = dict(self.shell.answers)
        other.shell.commands = list(self.shell.commands)
        other.standing.granted = list(self.standing.granted)
        other.web = self.web
        other.checks = self.checks
        other.clock.seconds = self.clock.seconds
        other.journal = self.journal.reopened()
        other.lives = self.lives
        return other

    def events(self, kind: type[_E]) -> list[_E]:
        """Return the journal's events of this kind."""
        return [record.event for record in self.journal.records if isinstance(record.event, kind)]

    def names(self) -> list[str]:
        """Return the names of the journal's events, in order."""
        return [type(record.event).__name__ for record in self.journal.records]

    def _emitter(self, journal: Journal, state: State) -> Emitter:
        asyncio.get_running_loop().set_exception_handler(_report)
        return Emitter(self.session_id, journal, state)


def _report(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    """Report what nobody waits for, but not the simulated end of the process."""
    if not isinstance(context.get("exception"), SimulatedCrash):
        loop.default_exception_handler(context)
