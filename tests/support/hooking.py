"""Hooks in memory: what each says, and what each was given."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from postil.core.hooks import Hook, HookOutput, HookRun, Moment

Says = HookOutput | Callable[[dict[str, Any]], HookOutput]


def hook(moment: Moment, command: str = "look", matcher: str = "") -> Hook:
    return Hook(moment=moment, command=command, matcher=matcher, owner="user", file="/home/ada/settings.toml")


def prints(text: str = "", *, status: int = 0, stderr: str = "") -> HookOutput:
    return HookOutput(status, text, stderr, 0.25)


def says(moment: Moment, **specific: Any) -> HookOutput:
    return prints(json.dumps({"hookSpecificOutput": {"hookEventName": moment, **specific}}))


@dataclass
class MemoryHooks:
    """Runs hooks by looking up what they say; one that nobody told what to say says nothing."""

    answers: Mapping[str, Says] = field(default_factory=dict[str, Says])
    runs: list[tuple[HookRun, dict[str, Any]]] = field(default_factory=list[tuple[HookRun, dict[str, Any]]])
    held: str = ""
    """The hook that does not end."""
    reached: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def commands(self) -> list[str]:
        return [run.line for run, _ in self.runs]

    async def run(self, run: HookRun, data: bytes) -> HookOutput:
        given = json.loads(data)
        self.runs.append((run, given))
        await asyncio.sleep(0)
        if run.line == self.held:
            self.reached.set()
            await asyncio.Event().wait()
        answer = self.answers.get(run.line, prints())
        return answer if isinstance(answer, HookOutput) else answer(given)
