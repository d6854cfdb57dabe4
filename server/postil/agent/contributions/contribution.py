"""One thing that adds to what the agent can do, and where it is looked for."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from postil.agent.commanding.collection import FoundPrompt
from postil.agent.contributions.faulty import Faulty
from postil.agent.hooking.inventory import HookRow
from postil.agent.types.collection import Collected
from postil.core.events import Limits
from postil.permissions.policy import Policy
from postil.permissions.rule import Verdict
from postil.tools.registry import Registry
from postil.tools.skills.library import Found

State = Literal["loaded", "deferred", "off"]
"""In force in every request; found or started when it is needed; or not in force, which has a reason."""


@dataclass(frozen=True, slots=True)
class Ruled:
    """What decides about it now."""

    verdict: Verdict | Literal["as chosen", "narrows"]
    why: str
    """The rule, the mode or the check that decides, in words without a full stop."""
    rules: tuple[str, ...] = ()
    """Rules in force that speak of some of its uses, such as `allow Edit(docs/**)`."""


@dataclass(frozen=True, slots=True)
class Contribution:
    """A tool, an agent type, a skill, a slash command, a hook, a server, or whatever else adds to what the agent can do."""

    kind: str
    """What it is, in a word or two: `tool`, `agent type`, `server`."""
    name: str
    title: str
    tier: str
    """Where it comes from, as a kind: `builtin`, `plugin`, `skill`, `administrator`, `user`, `workspace`."""
    source: str
    """Whose it is: Postil's, a server's name, or the file that it stands in."""
    effects: str
    """What it may do at most, in words."""
    rule: Ruled
    state: State
    why: str = ""
    """Why it is in that state, where that needs saying."""
    icon: str = ""
    """The codicon by which clients show it; empty where it has none of its own."""


@dataclass(frozen=True, slots=True)
class ServerHere:
    """A server of tools, as far as that is known without starting it."""

    name: str
    way: str
    layer: str
    file: str
    state: State
    why: str


@dataclass(frozen=True, slots=True)
class Here:
    """A workspace, as those look at it who say what there is."""

    root: Path
    registry: Registry
    references: bool
    """Whether the model takes references to tools."""
    collected: Collected
    default: str
    """The agent type of a session where none is named."""
    pool: Collection[str]
    """The tools of such a session."""
    servers: Sequence[ServerHere]
    policy: Policy
    """What such a session would be under."""
    trusted: bool
    mode: str
    """What the person has chosen as a mode."""
    limits: Limits
    """What the settings give at most; a type lowers it."""
    trust: str = ""
    """Why the workspace is not trusted, without a full stop; empty where it is."""
    skills: Sequence[Found] = ()
    """In the order in which one of several of a name counts, as what follows."""
    begun_with: Collection[str] | None = None
    """The files of the skills that the session has from its start; None for a new one, which has all."""
    prompts: Sequence[FoundPrompt] = ()
    hooks: Sequence[HookRow] = ()
    unread_hooks: Sequence[tuple[str, str]] = ()
    """Files of the workspace whose hooks cannot be read, each with why."""
    faults: Sequence[Faulty] = ()
    """What is wrong in files of settings."""


def without_trust(why: str, here: Here) -> str:
    """Return why something of a workspace does not count, with why the workspace is not trusted where that is it."""
    return f"{why}: {here.trust}" if why.endswith("is not trusted") and here.trust else why


Find = Callable[[Here], Sequence[Contribution]]
"""Returns what there is of one kind, in order of name. It imports no tool and starts nothing."""
