"""The Shell port in memory: command lines are answered from a table, and no process is started."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping

from postil.core.effects import Command
from postil.core.errors import ToolError
from postil.core.outlook import Outlook
from postil.core.ports import ShellResult


def ended(
    output: str = "", exit_code: int | None = 0, seconds: float = 0.01, left_out: int = 0
) -> ShellResult:
    """Return how a command ended; None as exit code stands for the time limit."""
    return ShellResult(exit_code=exit_code, output=output, left_out=left_out, seconds=seconds)


Answer = ShellResult | ToolError | Callable[[Command], Awaitable[ShellResult]]


class MemoryShell:
    """Answers command lines from a table; what is not in it ends well and says nothing."""

    def __init__(self, answers: Mapping[str, Answer] | None = None) -> None:
        self.answers = dict(answers or {})
        self.commands: list[Command] = []
        """Every command that was run."""
        self.alive: set[int] = set()
        """Processes that still run although nobody waits for them."""
        self.stubborn: set[int] = set()
        """Those of them that do not end when they are to."""
        self.machine_now = "this machine"
        self.seen = Outlook()
        """How every command would run."""
        self._pid = 1000

    async def outlook(self, command: Command) -> Outlook:
        return self.seen

    async def run(
        self,
        command: Command,
        output: Callable[[str], None],
        spawned: Callable[[int, float], Awaitable[None]],
    ) -> ShellResult:
        self.commands.append(command)
        answer = self.answers.get(command.line, ended())
        if isinstance(answer, ToolError):
            raise answer
        self._pid += 1
        await spawned(self._pid, 1.0)
        result = answer if isinstance(answer, ShellResult) else await answer(command)
        if result.output:
            output(result.output)
        return result

    def machine(self) -> str:
        return self.machine_now

    async def end(self, pid: int, started: float) -> bool:
        if pid in self.stubborn:
            return False
        self.alive.discard(pid)
        return True

    def runs(self, pid: int, started: float) -> bool:
        return pid in self.alive
