"""What a tool may ask about the conversation that its call belongs to."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from pathlib import Path

from postil.agent.parts import Parts
from postil.context.fading import earlier_result
from postil.core.messages import ToolResult
from postil.core.ports import SkillView
from postil.core.seen import SeenPart, SeenText
from postil.core.state import State


@dataclass(frozen=True, slots=True)
class Sight:
    """What the model has seen, and what it is still shown."""

    state: State

    def seen(self, path: Path) -> SeenText | None:
        """Return what the model has seen of a file; None where it has seen nothing of it."""
        return self.state.workflow.seen.get(str(path))

    def stands(self, part: SeenPart) -> bool:
        """Whether a part of a file's text stands in the conversation as the model is shown it."""
        return any(it.covers(part) for it in self.state.workflow.shown.get(part.path, ()))

    def skills(self, parts: Parts) -> SkillView:
        """Return the session's skills, and which of them were loaded."""
        workflow = self.state.workflow
        rows = workflow.skills.skills if workflow.skills is not None else ()
        active = frozenset(workflow.active)
        return SkillView({it.name: it for it in rows}, active, parts.trust.now.trusted, parts.skills)

    async def earlier(self, wanted: str) -> ToolResult | None:
        """Return a result of this session by its id, as it was; None where there is none."""
        messages = self.state.conversation.messages.frozen()
        return await asyncio.to_thread(earlier_result, messages, wanted)
