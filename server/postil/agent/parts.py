"""What a session works with: the ports and collections that `app` hands it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from postil.agent.budgets.projecting import Projector
from postil.agent.calls.scheduler import AT_ONCE
from postil.agent.hooking.scripts import HookScripts
from postil.core.effects import Access, Invocation
from postil.core.errors import ConfigurationError, JournalError, UsageError, WriteFailed
from postil.core.events import AgentTypeInForce, ConfigurationInForce
from postil.core.hooks import Hook, HookRunner, NoHookRunner
from postil.core.ids import Ids
from postil.core.messages import ToolCall
from postil.core.ports import (
    Clock,
    Jobs,
    Memory,
    Model,
    ModelRequest,
    NoJobs,
    NoMemory,
    NoSkills,
    NoWeb,
    Shell,
    Skills,
    ToolPorts,
    Web,
    Workspace,
)
from postil.core.ports.checks import Checks
from postil.core.ports.servers import NoServers, ToolServers
from postil.core.remembered import MemoryInForce
from postil.core.spending import Allowance, Balance, Spent
from postil.core.state import State, Workflow
from postil.core.submissions import Cancel, Close, Prompt
from postil.permissions.grants import StoredGrant
from postil.permissions.rule import Rule
from postil.permissions.shell.surroundings import Surroundings
from postil.permissions.trust import Verdict
from postil.permissions.trusting import InForce
from postil.tools.session_tools import SessionTools

if TYPE_CHECKING:
    from postil.agent.commanding.collection import PromptFiles
    from postil.agent.delegating.above import Above
    from postil.agent.delegating.birth import Birth


class Tools(Protocol):
    """The session's pool of tools."""

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the tools, sorted."""
        ...

    def beside(self, name: str) -> str:
        """Return whose calls may run beside each other, by one word for all of them; empty for a tool whose calls run alone."""
        ...

    async def prepare(self, call: ToolCall, ports: ToolPorts, has: SessionTools) -> Invocation:
        """Return what the call would do. Raises ToolError; changes nothing.

        `has` is what the session has of all the tools.
        """
        ...


class Standing(Protocol):
    """Rules that hold beyond one session: settings, and grants for the workspace."""

    async def rules(self) -> tuple[Rule, ...]:
        """Return the rules in force now."""
        ...

    async def grant(self, grant: StoredGrant) -> None:
        """Keep a grant for the workspace."""
        ...


class Trust(Protocol):
    """Whether the workspace is trusted, for all of its sessions."""

    @property
    def now(self) -> InForce:
        """What is in force, as it was last looked at."""
        ...

    def listen(self, told: Callable[[], None]) -> Callable[[], None]:
        """Call `told` whenever something else is in force; returns what ends that."""
        ...

    async def look(self) -> InForce:
        """Look again at what is kept."""
        ...

    async def decide(
        self,
        verdict: Verdict,
        face: str,
        folders: Sequence[Path] | None = None,
        shown: Mapping[Path, str] | None = None,
    ) -> InForce:
        """Keep what a person says of folders of the workspace. Raises OSError where it cannot be kept.

        `shown` has the digests of what they were shown that the folders would run by themselves.
        """
        ...

    def claim(self, session_id: str) -> bool:
        """Whether the session may ask: one question for all sessions of a workspace."""
        ...

    def release(self, session_id: str) -> None:
        """Let another session ask."""
        ...


class SubSession(Protocol):
    """The session of a sub-agent, to the one that it works for."""

    @property
    def id(self) -> str:
        """Its own."""
        ...

    @property
    def state(self) -> State:
        """Its state; read it, never change it."""
        ...

    @property
    def busy(self) -> bool:
        """Whether its turn is running or waiting for a person."""
        ...

    @property
    def halted(self) -> JournalError | None:
        """Why nothing more can be recorded; None where it can."""
        ...

    async def prompt(self, prompt: Prompt) -> str:
        """Take its task."""
        ...

    async def idle(self) -> None:
        """Return when its turn has ended."""
        ...

    async def cancel(self, cancel: Cancel) -> bool:
        """Stop its turn."""
        ...

    async def close(self, close: Close) -> None:
        """Let go of its journal."""
        ...


class SubSessions(Protocol):
    """Where the sessions of sub-agents are kept, and what they begin with."""

    async def types(
        self, agent: str, above: Workflow, depth: int
    ) -> tuple[AgentTypeInForce, ConfigurationInForce]:
        """Return what a sub-agent of a type begins with below a session. Raises UsageError for a type that cannot be had."""
        ...

    async def begin(self, birth: Birth, parts: Parts) -> SubSession:
        """Make one, so that faces find it. Raises JournalError."""
        ...

    def forget(self, session_id: str) -> None:
        """Let faces find it no more."""
        ...

    async def settle(self, session_id: str, parts: Parts, face: str) -> State | None:
        """End one that an earlier process left, and return what it came to; None where there is none. Raises JournalError."""
        ...


class NoSubSessions:
    """Stands where there are none."""

    async def types(
        self, agent: str, above: Workflow, depth: int
    ) -> tuple[AgentTypeInForce, ConfigurationInForce]:
        """Raise UsageError."""
        del agent, above, depth
        raise UsageError("There are no sub-agents here.")

    async def begin(self, birth: Birth, parts: Parts) -> SubSession:
        """Raise WriteFailed."""
        del parts
        raise WriteFailed(f"Session {birth.created.session_id} cannot be kept here.")

    def forget(self, session_id: str) -> None:
        """Forget nothing."""

    async def settle(self, session_id: str, parts: Parts, face: str) -> State | None:
        """Find none."""
        del session_id, parts, face


async def _nothing() -> MemoryInForce | None:
    return None


class Ledger(Protocol):
    """What all sessions of the user spend in a day, in whichever process. Raises WriteFailed where it cannot be kept."""

    def today(self) -> str:
        """Return the day it is here, as in 2026-11-22."""
        ...

    async def balance(self, day: str, most: Allowance) -> Balance:
        """Return where the day's limit stands."""
        ...

    def last_balance(self, day: str, most: Allowance) -> Balance | None:
        """Return where the day's limit stood when this process last looked; None where it has not looked yet."""
        ...

    async def reserve(
        self, day: str, key: str, worst: Spent, most: Allowance, *, priced: bool
    ) -> Balance | None:
        """Set aside what a call may use. Return where the limit stood before; None where it has less than that left."""
        ...

    async def settle(self, day: str, key: str, used: Spent) -> None:
        """Put what was used in the place of what was set aside under the key."""
        ...

    async def raise_to(self, day: str, most: Allowance) -> None:
        """Keep that a person raised the day's limit, for every session."""
        ...


@dataclass(frozen=True, slots=True)
class Compacting:
    """When conversations are compacted unasked."""

    at: float | None = 0.8
    """What part of the model's window the next request may fill; None for never."""
    between_turns: bool = False
    """Whether a conversation that is close to that is compacted when a turn has ended."""


async def _on_no_shelf(state: State) -> None:
    del state


async def holds(tells: Callable[[], None]) -> ConfigurationError | None:
    """Say that the configuration holds."""
    del tells
    return None


@dataclass(frozen=True, slots=True)
class Parts:
    """Everything outside a session that it needs."""

    model: Model
    workspace: Workspace
    shell: Shell
    tools: Tools
    standing: Standing
    trust: Trust
    request: Callable[[State], Awaitable[ModelRequest]]
    """Builds the next model request from the state."""
    projector: Projector
    ledger: Ledger
    clock: Clock
    ids: Ids
    around: Surroundings
    """The world that commands run in, as the guard has to know it."""
    interactive: bool
    """Whether there is a person to ask; where not, a question is a denial."""
    hot: Callable[[], Awaitable[MemoryInForce | None]] = _nothing
    """Returns what a new session remembers from its start; None where there is nothing."""
    memory: Memory = field(default_factory=NoMemory)
    """What was remembered before, and where."""
    servers: ToolServers = field(default_factory=NoServers)
    """Servers of tools that settings name."""
    web: Web = field(default_factory=NoWeb)
    """Pages of the network."""
    hooks: tuple[Hook, ...] = ()
    """The administrator's and the user's; those of a workspace come with its trust."""
    hook_runner: HookRunner = field(default_factory=NoHookRunner)
    scripts: HookScripts = field(default_factory=HookScripts)
    """What the session's hooks name, as it was when the session began."""
    skills: Skills = field(default_factory=NoSkills)
    commands: PromptFiles | None = None
    """Prompts that stand in files, as slash commands; None where there can be none."""
    jobs: Jobs = field(default_factory=NoJobs)
    """What the session has running in the background."""
    checks: Checks | None = None
    """The project's checks; None where nothing is to be verified."""
    harness: Callable[[Callable[[], None]], Coroutine[Any, Any, ConfigurationError | None]] = holds
    """Says why no turn may begin with the configuration as it is; None where one may. Calls what it is given where that takes a while."""
    compacting: Compacting = Compacting()
    reads_at_once: int = AT_ONCE
    """Calls that only read which run at the same time, at most."""
    shelve: Callable[[State], Awaitable[None]] = _on_no_shelf
    """Makes a session that goes on searchable as it is by now. Never raises."""
    sub_sessions: SubSessions = field(default_factory=NoSubSessions)
    """Where sub-agents work."""
    above: Above | None = None
    """Of a sub-agent, the session that it works for."""

    def lane(self, access: Access, *, only_reads: bool) -> AbstractAsyncContextManager[None]:
        """Keep what sub-agents do that work beside each other in order; a session of its own has no such company."""
        if self.above is None:
            return nullcontext()
        return self.above.lane.taken(access, only_reads=only_reads)

    @property
    def depth(self) -> int:
        """How many sessions stand above this one."""
        return self.above.depth if self.above is not None else 0

    @property
    def tool_ports(self) -> ToolPorts:
        """What a tool's `prepare` may use."""
        return ToolPorts(
            self.workspace, self.shell, self.interactive, memory=self.memory, web=self.web, jobs=self.jobs
        )
