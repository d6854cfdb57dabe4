"""What a tool has handed back, as the event that says so."""

from __future__ import annotations

from collections.abc import Callable

from postil.agent.calls.intent import activated, changed
from postil.agent.types.in_session import plan_approved
from postil.core.effects import FileChange, PlanApproved, SkillOpened, TodoChanged, ToolEffect, ToolsFound
from postil.core.events import (
    CallStarted,
    ConfigurationInForce,
    Durable,
    FindingReported,
    TodoUpdated,
    ToolsMatched,
)
from postil.core.finding import Finding
from postil.core.state import CallState


def event_of(
    effect: ToolEffect,
    call: CallState,
    intent: CallStarted | None,
    now: ConfigurationInForce | None,
    new_id: Callable[[str], str],
) -> Durable | None:
    """Return the event of an effect; None for one that has none of its own. `now` is what the session runs under."""
    turn_id, call_id = call.turn_id, call.call.id
    match effect:
        case FileChange() if intent is not None:
            change_id = intent.change_id or ""
            return changed(effect, intent.title, change_id, turn_id=turn_id, call_id=call_id)
        case TodoChanged():
            return TodoUpdated(turn_id=turn_id, items=effect.items)
        case ToolsFound():
            return ToolsMatched(
                turn_id=turn_id, query=effect.query, hits=effect.hits, call_id=call_id, tools=effect.tools
            )
        case Finding():
            found = effect.model_copy(update={"id": new_id("finding")})
            return FindingReported(turn_id=turn_id, call_id=call_id, finding=found)
        case PlanApproved() if now is not None:
            return plan_approved(now)
        case SkillOpened():
            return activated(effect, turn_id, call_id)
        case _:
            return None
