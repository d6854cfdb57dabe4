"""What a session works with: the ports and collections that `app` hands it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Protocol

from postil.core.effects import Invocation
from postil.core.ids import Ids
from postil.core.messages import ToolCall
from postil.core.ports import Clock, Model, ModelRequest, Shell, ToolPorts, Workspace
from postil.core.state import State
from postil.permissions.grants import StoredGrant
from postil.permissions.rule import Rule
from postil.permissions.shell.surroundings import Surroundings


class Tools(Protocol):
    """The session's pool of tools."""

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the tools, sorted."""
        ...

    def shares(self, name: str) -> bool:
        """Whether calls of the tool may run beside other readers; False for a name that is unknown."""
        ...

    async def prepare(self, call: ToolCall, ports: ToolPorts) -> Invocation:
        """Return what the call would do. Raises ToolError; changes nothing."""
        ...


class Standing(Protocol):
    """Rules that hold beyond one session: settings, and grants for the workspace."""

    async def rules(self) -> tuple[Rule, ...]:
        """Return the rules in force now."""
        ...

    async def grant(self, grant: StoredGrant) -> None:
        """Keep a grant for the workspace."""
        ...


@dataclass(frozen=True, slots=True)
class Parts:
    """Everything outside a session that it needs."""

    model: Model
    workspace: Workspace
    shell: Shell
    tools: Tools
    standing: Standing
    request: Callable[[State], Awaitable[ModelRequest]]
    """Builds the next model request from the state."""
    clock: Clock
    ids: Ids
    around: Surroundings
    """The world that commands run in, as the guard has to know it."""
    interactive: bool
    """Whether there is a person to ask; where not, a question is a denial."""

    @property
    def tool_ports(self) -> ToolPorts:
        """What a tool's `prepare` may use."""
        return ToolPorts(self.workspace, self.shell, self.interactive)
