"""How skills, and those that were loaded, change the state."""

from __future__ import annotations

from postil.core import events as ev
from postil.core.fold.sources import note_read
from postil.core.origin import Source
from postil.core.skills import ActiveSkill, SkillGiven
from postil.core.state import State, Workflow


def skills_in_force(state: State, event: ev.SkillsInForce, record: ev.Recorded) -> None:
    """Keep what the session has from its start."""
    state.workflow.skills = event
    if any(it.owner == "workspace" for it in event.skills):
        root = next(iter(state.workflow.roots), "")
        note_read(state, [Source(origin="workspace", name=root)], record)


def skill_activated(state: State, event: ev.SkillActivated, record: ev.Recorded) -> None:
    """Keep the skill's words, and what it leaves out; loaded again they are what they are by then."""
    active = state.workflow.active
    active.pop(event.name, None)
    active[event.name] = ActiveSkill(
        name=event.name, owner=event.owner, path=event.path, turn_id=event.turn_id, seq=record.seq,
        text=event.text, allowed=event.allowed, sources=event.sources,
    )  # fmt: skip


def skill_given(state: State, turn_id: str, given: SkillGiven, record: ev.Recorded) -> None:
    """Keep a skill that a person has chosen as one that was loaded: from the start of its turn on."""
    active = state.workflow.active
    active.pop(given.name, None)
    active[given.name] = ActiveSkill(
        name=given.name, owner=given.owner, path=given.path, turn_id=turn_id, seq=record.seq,
        text=given.text, allowed=given.allowed, sources=given.sources,
    )  # fmt: skip
    note_read(state, given.sources, record)


def forget_since(workflow: Workflow, seq: int) -> None:
    """Forget the skills that were loaded since an event."""
    workflow.active = {name: it for name, it in workflow.active.items() if it.seq < seq}
