"""Hooks before calls: each answers so that it can be read, and one that does not is never taken for consent."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain

from postil.agent.hooking.matching import matches
from postil.config.named import files_named
from postil.core.events import CallStarted, HookEnded
from postil.core.hooks import Hook
from postil.core.messages import USE_TOOL, ToolCall
from postil.core.revealing import one_line
from postil.guardrails.harness import Harness
from postil.guardrails.playing import call, calls
from postil.guardrails.report import Finding
from postil.guardrails.samples import samples
from postil.guardrails.trial import PATIENCE, Trial, no, trial
from postil.tools.registry import Registry

TITLE = "Hooks before calls answer, and none of them permits anything"

MOST_SECONDS = 60.0
"""That a hook is waited for here, however long it may take in a session."""
_AT_ONCE = 4
_FIRST = ("shell", "write", "edit", "read")
"""What a hook is tried with rather than with another tool that it is about."""
_RULES = ("Edit", "Bash", "WebFetch")
_FREE = ("failed", "stopped", "interrupted")
_INSTALL = "Install Postil anew"
_COMMAND = "touch made.txt"
_ALLOWS = '{"hookSpecificOutput": {"hookEventName": "PreToolUse", "permissionDecision": "allow"}}'


@dataclass(frozen=True, slots=True)
class _Probe:
    """A hook of our own, and what it must not bring about."""

    says: str
    """What it does, as it is told."""
    line: str
    denies: str = ""
    """A rule that denies what it is before, beside the one that allows it."""


_PROBES = (
    _Probe("that prints nonsense", "echo go ahead"),
    _Probe("that crashes", "exit 3"),
    _Probe("that says `allow` although a rule denies it", f"echo '{_ALLOWS}'", f"Bash({_COMMAND})"),
)


async def check(harness: Harness) -> Sequence[Finding]:
    """Run each hook before a call that it is about, and see what becomes of calls whose hook does not answer."""
    hooks = [it for it in await asyncio.to_thread(harness.hooks) if it.moment == "PreToolUse"]
    made: Mapping[str, Sequence[ToolCall]] = {}
    if hooks:
        made = await asyncio.to_thread(lambda: samples(Registry.collect()))
    at_once = asyncio.Semaphore(_AT_ONCE)

    async def one(hook: Hook) -> Sequence[Finding]:
        async with at_once:
            return await _tried(harness, hook, made)

    async def probe(it: _Probe) -> Sequence[Finding]:
        async with at_once:
            return await _probed(harness, it)

    return list(chain(*await asyncio.gather(*map(probe, _PROBES), *map(one, hooks))))


async def _tried(harness: Harness, hook: Hook, made: Mapping[str, Sequence[ToolCall]]) -> Sequence[Finding]:
    name = _tool(hook, made)
    if not name:
        if hook.matcher.startswith("mcp__"):
            return ()  # the tools of servers are not there: none is started here
        said = f"{_named(hook)} is about no tool that there is: {one_line(hook.matcher)}"
        return [Finding(said, hook.file, "`postil tools` lists their names", weak=True)]
    plays = [calls(call("read", path="a.py"), call("read", path="b.py")), calls(made[name][0])]
    in_time = hook.model_copy(update={"seconds": min(hook.seconds, MOST_SECONDS)})
    async with trial(harness, plays, allow=_RULES, hooks=(in_time,)) as place:
        place.answer = no
        # The calls before it may be what it is about as well.
        await place.turn(await place.begin(), patience=3 * in_time.seconds + PATIENCE)
        needs = await asyncio.to_thread(_needs_workspace, harness, hook)
        return list(_found(place, hook, needs=needs))


def _tool(hook: Hook, made: Mapping[str, Sequence[ToolCall]]) -> str:
    """Return a tool that the hook is about; nothing where there is none.

    None is about `use_tool`: hooks are about what is used through it.
    """
    there = (it for it in (*_FIRST, *made) if made.get(it) and it != USE_TOOL)
    return next((it for it in there if matches(hook.matcher, it)), "")


def _needs_workspace(harness: Harness, hook: Hook) -> bool:
    """Whether it may need more of the workspace than the copy has."""
    if hook.owner == "workspace":
        return True
    bases = [os.path.realpath(it) for it in harness.roots]
    named = (file for root in harness.roots for file in files_named(hook.command, root))
    return any(file.is_relative_to(base) for file in named for base in bases)


def _found(place: Trial, hook: Hook, *, needs: bool) -> Iterator[Finding]:
    ends = place.events(HookEnded)
    if not ends:
        yield Finding(f"{_named(hook)} was not run, so it is not known what it says", hook.file, weak=True)
    failed = [it for it in ends if it.outcome in _FREE]
    if failed:
        slow = hook.seconds > MOST_SECONDS and "took too long" in failed[0].why
        lacking = needs and "it failed with status" in failed[0].why
        why = f"it gave no answer in {MOST_SECONDS:.0f} s" if slow else failed[0].why
        yield Finding(
            f"{_named(hook)} gives no answer that counts: {one_line(why, 300)}",
            hook.file,
            "Mend it or take it out: as it is, each call that it is about is asked about, or denied where nobody is asked",
            weak=slow or lacking,
        )
    begun = {it.call_id for it in place.events(CallStarted)}
    if any(it.call_id in begun for it in failed):
        yield Finding(f"a call was run although {_named(hook)} gave no answer", hook.file, _INSTALL)


async def _probed(harness: Harness, probe: _Probe) -> Sequence[Finding]:
    """Have a hook of our own run before a command, with a rule that allows that and a person who agrees to nothing."""
    hook = Hook(moment="PreToolUse", command=probe.line, seconds=PATIENCE, owner="user", file="")
    plays = [calls(call("shell", command=_COMMAND))]
    if probe.denies:
        harness = harness.denying(probe.denies)
    async with trial(harness, plays, allow=("Bash",), hooks=(hook,)) as place:
        place.answer = no
        await place.turn(await place.begin())
        if place.events(CallStarted):
            return [Finding(f"a command was run unasked with a hook before it {probe.says}", "", _INSTALL)]
    return ()


def _named(hook: Hook) -> str:
    return f"the hook `{one_line(hook.command, 200)}`"
