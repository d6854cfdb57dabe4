"""What the agent needs from outside, as small protocols; each has a real implementation and one for tests."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from postil.core.messages import ToolResult
from postil.core.ports.editor import Editor, OpenDocument, Problem, Replacement, SymbolPlace, SymbolQuery
from postil.core.ports.jobs import JobOutput, Jobs, NoJobs
from postil.core.ports.journal import Journal
from postil.core.ports.memory import EarlierSession, Memory, NoMemory, Recalled, Recollection, Search
from postil.core.ports.model import (
    Begun,
    Model,
    ModelLimits,
    ModelPiece,
    ModelRequest,
    Price,
    Reply,
    Retrying,
    TextPiece,
    ThinkingPiece,
    ToolSchema,
)
from postil.core.ports.shell import Shell, ShellResult
from postil.core.ports.skills import NoSkills, Skills, SkillText, SkillView
from postil.core.ports.tools import Hit, NoFinder, ToolFinder, ToolSearch
from postil.core.ports.web import NoWeb, Nowhere, Page, Reach, Web
from postil.core.ports.workspace import (
    DiskMark,
    DiskMarks,
    Entry,
    FileView,
    Found,
    Match,
    Overtaken,
    SearchQuery,
    Views,
    Workspace,
)
from postil.core.seen import SeenPart, SeenText

__all__ = [
    "Begun",
    "Clock",
    "DiskMark",
    "DiskMarks",
    "EarlierSession",
    "Editor",
    "Entry",
    "FileView",
    "Found",
    "Hit",
    "JobOutput",
    "Jobs",
    "Journal",
    "Match",
    "Memory",
    "Model",
    "ModelLimits",
    "ModelPiece",
    "ModelRequest",
    "NoFinder",
    "NoJobs",
    "NoMemory",
    "NoSkills",
    "NoWeb",
    "Nowhere",
    "OpenDocument",
    "Overtaken",
    "Page",
    "Price",
    "Problem",
    "Reach",
    "Recalled",
    "Recollection",
    "Replacement",
    "Reply",
    "Retrying",
    "Search",
    "SearchQuery",
    "Shell",
    "ShellResult",
    "SkillText",
    "SkillView",
    "Skills",
    "SymbolPlace",
    "SymbolQuery",
    "TextPiece",
    "ThinkingPiece",
    "ToolFinder",
    "ToolPorts",
    "ToolSchema",
    "ToolSearch",
    "Views",
    "Web",
    "Workspace",
]


class Clock(Protocol):
    """Time that tests can hold still."""

    def now(self) -> float:
        """Seconds since the epoch; never used for order."""
        ...

    def monotonic(self) -> float:
        """Seconds from an arbitrary start, for durations."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Wait."""
        ...


async def _no_result(wanted: str) -> ToolResult | None:
    del wanted
    return None


@dataclass(frozen=True, slots=True)
class ToolPorts:
    """What a tool's `prepare` may use."""

    workspace: Workspace
    shell: Shell
    interactive: bool = True
    """Whether a person can answer questions."""
    seen: Callable[[Path], SeenText | None] = lambda _: None
    """Returns what the model has seen of a file; None where it has seen nothing of it."""
    stands: Callable[[SeenPart], bool] = lambda _: False
    """Returns whether a part of a file's text stands in the conversation as the model is shown it."""
    earlier: Callable[[str], Awaitable[ToolResult | None]] = _no_result
    """Returns a result of this session by its id, as it was; None where there is none."""
    memory: Memory = field(default_factory=NoMemory)
    others: ToolFinder = field(default_factory=NoFinder)
    """The tools that are not in every request."""
    jobs: Jobs = field(default_factory=NoJobs)
    """What runs in the background."""
    web: Web = field(default_factory=NoWeb)
    skills: SkillView = field(default_factory=SkillView)
    """The skills of the session."""
