"""What the agent needs to run commands."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Protocol

from postil.core.effects import Command
from postil.core.outlook import Outlook


@dataclass(frozen=True, slots=True)
class ShellResult:
    """How a command ended."""

    exit_code: int | None
    """None where it was ended for taking too long."""
    output: str
    """Both streams in order, escapes stripped, capped."""
    left_out: int
    """Characters that the cap cut."""
    seconds: float
    notes: tuple[str, ...] = ()
    """Sentences about its sandbox: what it may have failed for, and what was set aside."""


class Shell(Protocol):
    """Runs command lines."""

    async def outlook(self, command: Command) -> Outlook:
        """Return how the command would run now. Nothing happens. Never raises."""
        ...

    async def run(
        self,
        command: Command,
        output: Callable[[str], None],
        spawned: Callable[[int, float], Awaitable[None]],
    ) -> ShellResult:
        """Run the command to its end or its timeout. Cancelling ends its whole process group.

        Raises CommandFailed where it cannot be started.
        """
        ...

    def machine(self) -> str:
        """Return what names this run of the machine, in which a process's id and start are that process's alone.

        Empty where the system does not say.
        """
        ...

    async def end(self, pid: int, started: float) -> bool:
        """End the group of a process that an earlier Postil had started, where it is still the one that started then.

        Returns whether nothing of it runs any more. Never raises.
        """
        ...

    def runs(self, pid: int, started: float) -> bool:
        """Whether the process that `run` told of by this id and start still runs. Never raises."""
        ...
