"""Hooks: commands that run at eight moments of a session and may tighten what happens, and what is on record of them."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Protocol

from pydantic import JsonValue

from postil.core.event import Event
from postil.core.messages import Remark, Value

Moment = Literal[
    "PreToolUse", "PostToolUse", "UserPromptSubmit", "SessionStart", "Stop", "SubagentStart", "SubagentStop",
    "PreCompact",
]  # fmt: skip
"""When a hook runs, in the words that editors share."""

Owner = Literal["administrator", "user", "workspace"]
"""Whose file a hook stands in."""

HookOutcome = Literal["nothing", "said", "changed", "asks", "blocks", "failed", "stopped", "interrupted"]
"""What a hook wants: nothing, something told to the model, another input, a question, that it does not happen. `failed`: it
crashed, took too long, or said what cannot be read. `stopped`: the turn was, while it ran. `interrupted`: nobody saw its end."""

MOST_HOOK_OUTPUT = 100_000
"""Characters of what a hook prints; one that prints more is ended."""


class Hook(Value):
    """One command and when it runs."""

    moment: Moment
    matcher: str = ""
    """A regular expression that the whole subject has to match; empty for every one."""
    command: str
    seconds: float = 60.0
    """After which it is ended."""
    owner: Owner
    file: str
    """The file of settings that it stands in."""
    root: str = ""
    """The folder of the workspace that it comes with; empty for one of a person's."""

    @property
    def key(self) -> str:
        """A hash of what it is."""
        return _hash(self.moment, self.matcher, self.command, str(self.seconds), self.owner, self.file)


class HookStarted(Event):
    """A hook begins, written and synced before: it is never run a second time for the same."""

    type: Literal["HookStarted"] = "HookStarted"
    hook_id: str
    key: str
    """Of the hook, what it runs about and what it is given."""
    moment: Moment
    owner: Owner
    file: str
    command: str
    turn_id: str | None = None
    call_id: str | None = None


class HookEnded(Event):
    """The one end of a hook, and what it wants."""

    type: Literal["HookEnded"] = "HookEnded"
    hook_id: str
    key: str
    moment: Moment
    owner: Owner
    turn_id: str | None = None
    call_id: str | None = None
    outcome: HookOutcome
    why: str = ""
    """For people and for the model: its reason, or how it failed."""
    remark: Remark | None = None
    """What the model is told, with its origin."""
    input: dict[str, JsonValue] | None = None
    """The whole input that the call has from here on."""
    ends_turn: bool = False
    """Whether it wants the turn to end."""
    message: str = ""
    """For the person alone."""
    exit_code: int | None = None
    """None where it was ended, or could not be started."""
    seconds: float = 0.0


class HookMark(Value):
    """What the state keeps of a hook that was run, so that it is not run again."""

    hook_id: str
    moment: Moment
    owner: Owner
    turn_id: str | None = None
    call_id: str | None = None
    outcome: HookOutcome | None = None
    """None while it runs."""
    why: str = ""


@dataclass(frozen=True, slots=True)
class HookRun:
    """A hook as it is started."""

    line: str
    cwd: Path
    seconds: float
    confined: bool
    """Whether it gets the sandbox of a command that was allowed; else it runs as its owner wrote it."""
    variables: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class HookOutput:
    """How it ended, and what it printed."""

    exit_code: int | None
    stdout: str
    stderr: str
    seconds: float
    ended_for: str = ""
    """Why it was ended before its end; empty where it was not."""


class HookRunner(Protocol):
    """What runs hooks."""

    async def run(self, run: HookRun, data: bytes) -> HookOutput:
        """Give a hook its input and return how it ended. Cancelling ends it. Raises CommandFailed where it cannot be started."""
        ...


class NoHookRunner:
    """Of whoever runs none."""

    async def run(self, run: HookRun, data: bytes) -> HookOutput:
        """Say that it was not run."""
        del run, data
        return HookOutput(None, "", "", 0.0, "nothing runs hooks here")


def key_of(hook: Hook, subject: str, given: str) -> str:
    """Return the key of a run: the same hook is not run twice about the same."""
    return _hash(hook.key, subject, given)


def _hash(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()[:32]
