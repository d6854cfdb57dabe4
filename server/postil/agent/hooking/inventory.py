"""What hooks there are: in force, or not and why. For whoever lists what an agent can do here."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from postil.config.hooks import SETTINGS
from postil.core.hooks import Hook, Moment, Owner
from postil.permissions.trusting import InForce


@dataclass(frozen=True, slots=True)
class HookRow:
    """One hook in a list."""

    moment: Moment
    matcher: str
    """What it is about; empty for everything."""
    command: str
    seconds: float
    owner: Owner
    file: str
    confined: bool
    """Whether it runs in the sandbox of a command that was allowed; else as its owner wrote it."""
    state: Literal["in force", "off"]
    why: str = ""
    """Why it is off."""


def inventory(own: Sequence[Hook], trust: InForce) -> Sequence[HookRow]:
    """Return every hook, in the order in which they run; those of a workspace that is not trusted are off."""
    return (*(_row(it, "") for it in own), *_of_workspace(trust))


def unread(trust: InForce) -> Sequence[tuple[str, str]]:
    """Return the files of a workspace whose hooks cannot be read, each with why."""
    found = ((root / SETTINGS, it.why_not) for root, it in trust.configured if it.why_not)
    return [(str(file), why.removeprefix(f"{file}: ").removesuffix(".")) for file, why in found]


def _of_workspace(trust: InForce) -> Iterator[HookRow]:
    for _, configured in trust.configured:
        why = "" if trust.trusted else trust.why
        yield from (_row(it, why) for it in configured.hooks)


def _row(hook: Hook, why: str) -> HookRow:
    return HookRow(
        hook.moment, hook.matcher, hook.command, hook.seconds, hook.owner, hook.file, hook.owner == "workspace",
        "off" if why else "in force", why,
    )  # fmt: skip
