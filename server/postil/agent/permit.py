"""Whether one call may run: by rule at once, else by a person, and never by an error."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from postil.agent.emitter import Emitter
from postil.agent.parts import Parts
from postil.agent.questions import Questions
from postil.core.effects import Invocation
from postil.core.ephemeral import StageChanged
from postil.core.events import PermissionAsked, PermissionDecided
from postil.core.state import CallState
from postil.permissions.evaluate import Decision, evaluate
from postil.permissions.gate import question_for
from postil.permissions.policy import policy_for


@dataclass(frozen=True, slots=True)
class Permission:
    """The outcome: whether it is denied, whether a person was asked, and what the model is told."""

    denied: bool
    asked: bool = False
    content: str = ""


class Permit:
    """Decides the calls of one session."""

    def __init__(self, emitter: Emitter, parts: Parts, questions: Questions) -> None:
        self._emitter = emitter
        self._parts = parts
        self._questions = questions

    async def permission(self, call: CallState, invocation: Invocation) -> Permission:
        """Return whether `call` may run as `invocation`, asking a person where the rules say so."""
        known = self._known(call, invocation)
        if known is not None:
            return known
        workflow = self._emitter.state.workflow
        roots = self._parts.workspace.roots
        if not self._still_asked(call, invocation):
            decision = evaluate(invocation.access, policy_for(workflow, self._parts.standing.rules(), roots))
            if decision.verdict != "ask":
                return await self._by_rule(call, invocation, decision)
            if not self._parts.interactive:
                return await self._by_nobody(call, invocation, decision)
            anchor = workflow.turn.prompt.anchor if workflow.turn is not None else None
            question = question_for(self._parts.ids.new("question"), invocation, decision, roots, anchor)
            await self._emitter.emit(
                PermissionAsked(
                    turn_id=call.turn_id,
                    call_id=call.call.id,
                    fingerprint=invocation.fingerprint,
                    question=question,
                ),
                sync=True,
            )
        self._emitter.show(
            StageChanged(turn_id=call.turn_id, stage="waiting", detail=invocation.title, step=call.step)
        )
        await self._questions.wait(call.question_id or "")
        return _by_person(call)

    def _known(self, call: CallState, invocation: Invocation) -> Permission | None:
        """A person's decision on exactly this, given before the session was interrupted."""
        if call.by != "person" or call.status not in ("decided", "started"):
            return None
        return _by_person(call) if call.fingerprint == invocation.fingerprint else None

    def _still_asked(self, call: CallState, invocation: Invocation) -> bool:
        """Whether the question about exactly this is still open from before an interruption."""
        is_open = call.question_id in self._emitter.state.workflow.questions
        return call.status == "asking" and is_open and call.fingerprint == invocation.fingerprint

    async def _by_rule(self, call: CallState, invocation: Invocation, decision: Decision) -> Permission:
        allowed = decision.verdict == "allow"
        await self._record(call, invocation, "allow" if allowed else "deny", "rule", decision)
        if allowed:
            return Permission(denied=False)
        return Permission(denied=True, content=f"Denied: {decision.why}. Do not try to get around this.")

    async def _by_nobody(self, call: CallState, invocation: Invocation, decision: Decision) -> Permission:
        await self._record(call, invocation, "deny", "nobody", decision)
        words = (
            f"Denied: {decision.why}, and nobody is there to ask. Go on without it, or say what is needed."
        )
        return Permission(denied=True, content=words)

    async def _record(
        self,
        call: CallState,
        invocation: Invocation,
        verdict: Literal["allow", "deny"],
        by: Literal["rule", "nobody"],
        decision: Decision,
    ) -> None:
        await self._emitter.emit(
            PermissionDecided(
                turn_id=call.turn_id,
                call_id=call.call.id,
                fingerprint=invocation.fingerprint,
                decision=verdict,
                by=by,
                rule=decision.rule,
                why=decision.why,
            )
        )


def _by_person(call: CallState) -> Permission:
    if call.decision == "allow":
        return Permission(denied=False, asked=True)
    reason = call.why.removeprefix("denied").lstrip(": ")
    words = (
        f"The user denied this: {reason}" if reason else "The user denied this. Do not try it again as it is."
    )
    return Permission(denied=True, asked=True, content=words)
