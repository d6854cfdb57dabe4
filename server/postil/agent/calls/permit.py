"""Whether one call may run: by rule at once, else by a person, and never by an error."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Literal, TypeVar

from pydantic import JsonValue

from postil.agent.aside import Aside
from postil.agent.calls.narrowing import limits_of, narrowed
from postil.agent.calls.reaching import Reaching
from postil.agent.emitter import Emitter
from postil.agent.granting.trusts import Trusts
from postil.agent.hooking.moments import NOTHING, Wish
from postil.agent.parts import Parts
from postil.agent.questions import Questions
from postil.agent.types.in_session import check_pool, way_out
from postil.core.effects import Invocation
from postil.core.ephemeral import StageChanged
from postil.core.errors import OutsidePool
from postil.core.events import PermissionAsked, PermissionDecided
from postil.core.outlook import differences
from postil.core.ports import Reach
from postil.core.revealing import revealed
from postil.core.state import CallState, Workflow
from postil.permissions.evaluate import Decision, evaluate
from postil.permissions.explain import Explanation, explain
from postil.permissions.gate import bare_question, question_for
from postil.permissions.policy import Policy, policy_for, policy_if_trusted

T = TypeVar("T")
_MOST_CHANGES = 6
LONGEST = 20.0
"""Seconds that one decision may take: what the guard itself may cost is bounded, what a disk takes to answer is not."""


@dataclass(frozen=True, slots=True)
class Permission:
    """The outcome: whether it is denied, whether a person was asked, and what the model is told."""

    denied: bool
    asked: bool = False
    only_reads: bool = False
    """Whether it is a command that runs unasked because it only reads."""
    held: str = ""
    """The mode that the call is held in beside the session's."""
    content: str = ""
    details: dict[str, JsonValue] = field(default_factory=dict[str, JsonValue])
    """Of a denial, who denied it and by which rules: what `content` says, for programs."""


class Permit:
    """Decides the calls of one session."""

    def __init__(self, emitter: Emitter, parts: Parts, questions: Questions, trusts: Trusts) -> None:
        self._emitter = emitter
        self._parts = parts
        self._questions = questions
        self._trusts = trusts
        self._aside = Aside()

    async def permission(self, call: CallState, invocation: Invocation, wish: Wish = NOTHING) -> Permission:
        """Return whether `call` may run as `invocation`, asking a person where the rules say so, or a hook.

        Rules that deny come before anything that a person said earlier, be it a minute or a restart ago.
        """
        return replace(await self._permission(call, invocation, wish), held=call.held)

    async def _permission(self, call: CallState, invocation: Invocation, wish: Wish) -> Permission:
        hooks = wish
        while True:
            policy = await self._policy(call.held)
            limits = limits_of(self._emitter.state.workflow, call, self._parts.above)
            if limits:
                narrow = partial(narrowed, limits, call.as_wanted.name, invocation.access, policy)
                late_wish = Wish(asks="whether a skill leaves it out could not be found out in time")
                wish = hooks.also(await self._off_loop(invocation, narrow, late_wish))
            late = Explanation(_late(policy))
            found = await self._off_loop(invocation, partial(explain, invocation.access, policy), late)
            # A reason may quote the command: what hides in it is shown.
            decision = replace(found.decision, why=revealed(found.decision.why))
            known = self._known(call, invocation)
            if decision.verdict != "deny" and not wish.denies and known is not None:
                return known
            decision = _held(decision, wish, policy)
            found = replace(found, decision=decision)
            if decision.verdict != "ask":
                return await self._by_rule(call, invocation, found)
            if not self._parts.interactive:
                return await self._by_nobody(call, invocation, found)
            await self._ask(call, invocation, found, policy, wish)
            if call.status == "decided":
                return _by_person(call)
            # The workspace is trusted since, so the question was taken back: what is asked now is decided anew.

    async def _ask(
        self, call: CallState, invocation: Invocation, found: Explanation, policy: Policy, wish: Wish
    ) -> None:
        """Ask, and return when it is answered, or when the workspace is trusted and nothing would be asked."""
        question_id = self._still_asked(call, invocation)
        if question_id is None:
            await self._questions.withdraw(call, "permission")
            question_id = self._parts.ids.new("question")
            anchor = self._questions.anchor()
            changed = _changed(call, invocation)
            asking = partial(
                question_for,
                question_id,
                invocation,
                found.decision,
                policy,
                anchor,
                changed,
                each_time=wish.asks,
            )
            bare = bare_question(question_id, invocation, found.decision.why, anchor)
            question = (
                bare if found.decision == _late(policy) else await self._off_loop(invocation, asking, bare)
            )
            await self._emitter.emit(
                PermissionAsked(
                    turn_id=call.turn_id,
                    call_id=call.call.id,
                    fingerprint=invocation.fingerprint,
                    marks=_marks(invocation),
                    question=question,
                    lost=found.lost,
                    checks=found.checks,
                ),
                sync=True,
            )
        self._emitter.show(
            StageChanged(turn_id=call.turn_id, stage="waiting", detail=invocation.title, step=call.step)
        )
        if await self._trust_would_do(invocation, policy, call.held):
            await self._trusts.ask()
            await self._questions.wait_unless(question_id, self._trusts.until_trusted())
        else:
            await self._questions.wait(question_id)

    async def _trust_would_do(self, invocation: Invocation, policy: Policy, held: str) -> bool:
        """Whether it would not be asked about if the workspace were trusted."""
        if not policy.taint.restricted:
            return False
        workflow, standing = self._workflow, await self._parts.standing.rules()
        other = policy_if_trusted(workflow, standing, self._parts.workspace.roots, self._parts.around, held)
        deciding = partial(evaluate, invocation.access, other)
        return (await self._off_loop(invocation, deciding, _late(other))).verdict == "allow"

    async def stands(self, permission: Permission, invocation: Invocation) -> bool:
        """Whether a permission still holds under the rules that are in force now: they may have changed meanwhile.

        What a person allowed holds unless it is denied; what a rule allowed only while a rule does.
        """
        policy = await self._policy(permission.held)
        deciding = partial(evaluate, invocation.access, policy)
        verdict = (await self._off_loop(invocation, deciding, _late(policy))).verdict
        return verdict != "deny" if permission.asked else verdict == "allow"

    @property
    def reach(self) -> Reach:
        """Says where a call that runs may go on the network beyond what was decided about."""
        return Reaching(self._policy)

    async def _policy(self, held: str = "") -> Policy:
        standing = await self._parts.standing.rules()
        workflow, roots = self._workflow, self._parts.workspace.roots
        return policy_for(workflow, standing, roots, self._parts.around, held)

    @property
    def _workflow(self) -> Workflow:
        """The workflow that permissions are read from; a sub-agent's is held to what is in force above."""
        workflow, above = self._emitter.state.workflow, self._parts.above
        return above.narrowed(workflow) if above is not None else workflow

    def _known(self, call: CallState, invocation: Invocation) -> Permission | None:
        """A person's decision on exactly this, given before the session was interrupted."""
        if call.by != "person" or call.status not in ("decided", "started"):
            return None
        return _by_person(call) if call.fingerprint == invocation.fingerprint else None

    def _still_asked(self, call: CallState, invocation: Invocation) -> str | None:
        """The question about exactly this, where it is still open from before an interruption."""
        same = call.status == "asking" and call.fingerprint == invocation.fingerprint
        return next(iter(self._questions.open_of(call, "permission")), None) if same else None

    async def _by_rule(self, call: CallState, invocation: Invocation, found: Explanation) -> Permission:
        decision = found.decision
        allowed = decision.verdict == "allow"
        await self._record(call, invocation, "allow" if allowed else "deny", "rule", found)
        if allowed:
            return Permission(denied=False, only_reads=decision.only_reads)
        by_mode = decision.source in ("mode", "agent_type")
        mend = way_out(self._emitter.state.workflow.configuration) if by_mode else ""
        why = decision.why.removesuffix(".")
        words = f"Denied: {why}. {mend}Do not try to get around this."
        details: dict[str, JsonValue] = {"denied_by": decision.source or "rule", "rule": decision.rule}
        return Permission(denied=True, content=words, details=details)

    async def outside_pool(self, call: CallState) -> Permission | None:
        """Return the denial of a call of a tool that the session does not have; None for one that it has.

        Raises UnknownTool where there is no such tool at all.
        """
        try:
            check_pool(call, self._emitter.state.workflow, self._parts.tools.names)
        except OutsidePool as error:
            await self._emitter.emit(
                PermissionDecided(
                    turn_id=call.turn_id,
                    call_id=call.call.id,
                    fingerprint="",
                    decision="deny",
                    by="rule",
                    why=error.message.rstrip("."),
                    subject=call.as_wanted.name,
                    source="agent_type",
                )
            )
            details: dict[str, JsonValue] = {"denied_by": "agent_type", "error": type(error).__name__}
            return Permission(denied=True, content=f"Denied: {error}", details=details)
        return None

    async def _by_nobody(self, call: CallState, invocation: Invocation, found: Explanation) -> Permission:
        await self._record(call, invocation, "deny", "nobody", found)
        words = f"Denied: {found.decision.why}, and nobody is there to ask. Go on without it, or say what is needed."
        return Permission(denied=True, content=words, details={"denied_by": "nobody"})

    async def _off_loop(self, invocation: Invocation, decide: Callable[[], T], late: T) -> T:
        """Decide away from the loop where that looks at the disk, as a command and a path make it; `late` where that takes too long."""
        access = invocation.access
        looks = access.command is not None or access.reads or access.edits
        if not looks:
            return decide()
        try:
            return await self._aside.run(decide, LONGEST)
        except TimeoutError:
            return late

    async def _record(
        self,
        call: CallState,
        invocation: Invocation,
        verdict: Literal["allow", "deny"],
        by: Literal["rule", "nobody"],
        found: Explanation,
    ) -> None:
        await self._emitter.emit(
            PermissionDecided(
                turn_id=call.turn_id,
                call_id=call.call.id,
                fingerprint=invocation.fingerprint,
                decision=verdict,
                by=by,
                rule=found.decision.rule,
                why=found.decision.why,
                question_id=next(iter(self._questions.open_of(call, "permission")), None),
                subject=invocation.title,
                source=found.decision.source,
                lost=found.lost,
                checks=found.checks,
            )
        )


def _late(policy: Policy) -> Decision:
    """Return what becomes of a call that nothing was decided about in time: never that it runs by itself."""
    why = f"deciding took longer than {LONGEST:g} seconds; a disk may be slow to answer"
    return Decision("deny" if policy.deny_questions else "ask", why)


def _held(decision: Decision, wish: Wish, policy: Policy) -> Decision:
    """Return the decision, made stricter by what hooks want; never milder."""
    if decision.verdict == "deny":
        return decision
    if wish.denies:
        return Decision("deny", revealed(wish.denies), source=wish.source)
    if not wish.asks:
        return decision
    why = revealed(wish.asks)
    if policy.deny_questions:
        return Decision("deny", f"{why}, and this mode asks nothing", source="mode")
    if decision.verdict == "ask":
        return replace(decision, why=f"{decision.why}; {why}", only_reads=False)
    return replace(decision, verdict="ask", why=why, rule="", source="hook", only_reads=False)


def _marks(invocation: Invocation) -> dict[str, str]:
    command = invocation.access.command
    return dict(command.outlook.marks) if command is not None else {}


def _changed(call: CallState, invocation: Invocation) -> str:
    """Return what is not as it was when a person was last asked about this call."""
    found = differences(call.marks, _marks(invocation)) if call.marks else []
    more = len(found) - _MOST_CHANGES
    told = [*found[:_MOST_CHANGES], *([f"and {more} more"] if more > 0 else [])]
    return revealed(", ".join(told) + " since it was asked before") if told else ""


def _by_person(call: CallState) -> Permission:
    if call.decision == "allow":
        return Permission(denied=False, asked=True)
    reason = call.why.removeprefix("denied").lstrip(": ")
    words = (
        f"The user denied this: {reason}" if reason else "The user denied this. Do not try it again as it is."
    )
    return Permission(denied=True, asked=True, content=words, details={"denied_by": "person"})
