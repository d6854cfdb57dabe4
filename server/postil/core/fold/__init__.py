"""How each event changes the state: one handler for each, and nothing else ever changes it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from postil.core import events as ev
from postil.core.event import Event
from postil.core.fold import (
    answers,
    calls,
    findings,
    found,
    hooks,
    jobs,
    rewinds,
    shown,
    skills,
    spending,
    subagents,
    turns,
    verifying,
    waiting,
)  # fmt: skip
from postil.core.state import State


def fold(records: Iterable[ev.Recorded], state: State | None = None) -> State:
    """Return the state after `records`, starting from `state` or from nothing."""
    state = state or State.empty()
    for record in records:
        apply(state, record)
    return state


def apply(state: State, record: ev.Recorded) -> None:
    """Advance `state` by one event.

    An event of a later version, or of a turn or call that is over, changes nothing but the sequence number:
    a journal can always be folded.
    """
    state.seq = record.seq
    state.workflow.updated_at = record.at
    handler = _handlers.get(type(record.event))
    if handler is not None:
        handler(state, record.event, record)


_handlers: dict[type[Event], Callable[[State, Any, ev.Recorded], None]] = {
    ev.SessionCreated: turns.session_created,
    ev.AgentTypeInForce: turns.begun_as,
    ev.ConfigurationInForce: turns.configured,
    ev.MemoryInForce: turns.remembered,
    ev.PromptReceived: turns.prompted,
    ev.PromptQueued: waiting.queued,
    ev.PromptTakenBack: waiting.taken_back,
    ev.PromptSteered: waiting.steered,
    ev.Routed: turns.routed,
    ev.ToolsMatched: found.matched,
    ev.PrefixChanged: spending.prefix_changed,
    ev.ModelCalled: spending.called,
    ev.ModelBrokeOff: spending.broke_off,
    ev.ModelReplied: calls.replied,
    ev.ModelFailed: calls.model_failed,
    ev.PermissionAsked: answers.asked,
    ev.PermissionDecided: answers.decided,
    ev.GrantAdded: answers.granted,
    ev.GrantRevoked: answers.revoked,
    ev.QuestionAsked: answers.question_asked,
    ev.QuestionAnswered: answers.question_answered,
    ev.CallStarted: calls.started,
    ev.ProcessStarted: calls.process_started,
    ev.FileChanged: calls.file_changed,
    ev.CallFinished: calls.finished,
    ev.SubagentStarted: subagents.started,
    ev.SubagentFinished: subagents.finished,
    ev.TodoUpdated: turns.todo,
    ev.TurnEnded: turns.turn_ended,
    ev.RewindStarted: rewinds.rewind_started,
    ev.Rewound: rewinds.rewound,
    ev.ChangesKept: rewinds.kept,
    ev.SessionResumed: turns.resumed,
    ev.SessionClosed: turns.closed,
    ev.SessionRenamed: turns.renamed,
    ev.JournalRepaired: turns.repaired,
    ev.ResultsFaded: shown.faded,
    ev.CompactionStarted: shown.started,
    ev.Compacted: shown.compacted,
    ev.CompactionFailed: shown.failed,
    ev.HookStarted: hooks.hook_started,
    ev.HookEnded: hooks.hook_ended,
    ev.SkillsInForce: skills.skills_in_force,
    ev.SkillActivated: skills.skill_activated,
    ev.FindingReported: findings.reported,
    ev.FindingApplying: findings.applying,
    ev.FindingSettled: findings.settled,
    ev.JobStarted: jobs.started,
    ev.JobEnded: jobs.ended,
    ev.ChecksStarted: verifying.checks_started,
    ev.EvidenceRecorded: verifying.evidence_recorded,
    ev.ChecksFailed: verifying.checks_failed,
    ev.VerificationEnded: verifying.ended,
}
unfolded: set[type[Event]] = set()
"""Durable events that are for the record alone; a test holds that every variant is here or handled."""
