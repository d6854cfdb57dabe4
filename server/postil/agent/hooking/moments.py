"""The moments of a session at which hooks run, and what becomes of what they want. They tighten; none can loosen.

Each does nothing, and loads nothing, in a session that has no hook for it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from postil.agent.emitter import Emitter
from postil.agent.granting.trusts import Trusts
from postil.agent.parts import Parts
from postil.core.events import PromptReceived
from postil.core.hooks import HookEnded, HookMark, Moment
from postil.core.state import CallState, TurnState, Workflow

if TYPE_CHECKING:
    from postil.agent.hooking.runs import HookRuns, Subject

MOST_CHANGES = 3
"""How often hooks may change the input of one call."""
MOST_CONTINUED = 5
"""How often hooks may have one turn go on."""
_ASKING = ("asks", "failed", "stopped", "interrupted", None)
"""Ends of a hook before a call that have somebody asked: it wants that, or nobody knows what it wants."""
_RESULT = 20_000
"""Characters of a result that hooks are given."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What the hooks before a call want together: the strictest of them."""

    denies: str = ""
    asks: str = ""
    source: str = "hook"
    """What denies."""
    changed: bool = False
    """Whether the call has another input by now, which is judged from the start."""

    def also(self, other: Wish) -> Wish:
        """Return what both want together."""
        asks = "; ".join(it for it in (self.asks, other.asks) if it)
        denies, source = (self.denies, self.source) if self.denies else (other.denies, other.source)
        return Wish(denies, asks, source, self.changed or other.changed)


NOTHING = Wish()


class Moments:
    """The hooks of one session, by when they run."""

    def __init__(self, emitter: Emitter, parts: Parts, trusts: Trusts) -> None:
        self._emitter = emitter
        self._parts = parts
        self._trusts = trusts
        self._runs: HookRuns | None = None

    def any(self, moment: Moment) -> bool:
        """Whether a hook may have to run then."""
        return any(it.moment == moment for it in (*self._parts.hooks, *self._parts.trust.now.hooks))

    async def before_turn(self, turn: TurnState) -> str:
        """Run what runs when a session or a sub-agent begins in this process, and when something is asked for; return why it is not done."""
        if self._parts.above is not None:
            await self._subagent_started(turn)
        elif self.any("SessionStart"):
            await self._session_started(turn)
        return "" if turn.ended_by_hook else await self.before_joining(turn, turn.prompt)

    async def before_joining(self, turn: TurnState, prompt: PromptReceived) -> str:
        """Run what runs when something is asked for, at the beginning of its turn or within another; return why it is not done."""
        if not self.any("UserPromptSubmit"):
            return ""
        given = {"prompt": prompt.text}
        found = await self._all("UserPromptSubmit", prompt.turn_id, given, turn_id=turn.id)
        return next((_because(it) for it in found if it.outcome == "blocks"), "")

    async def before_call(self, call: CallState, kind: str) -> Wish:
        """Run what runs before a call."""
        if not self.any("PreToolUse"):
            return self._asked(call)
        given = {
            "tool_name": call.call.name,
            "tool_kind": kind,
            "tool_input": call.as_wanted.input,
            "tool_use_id": call.call.id,
        }
        key, changes = f"{call.turn_id}/{call.step}/{call.call.id}", call.inputs
        async for it in self._made().about(
            _subject("PreToolUse", key, given, call.call.name, call.turn_id, call.call.id)
        ):
            if it.outcome == "blocks":
                return Wish(denies=_because(it))
            if call.inputs > changes:
                # Those before it have judged another input: all of them are asked again.
                return self._of_changed(call)
            if it.outcome == "changed":
                return Wish(denies="a hook changed this input, and another one changed it back")
        return self._asked(call)

    def _asked(self, call: CallState) -> Wish:
        """Return the questions of all hooks that were run before the call, also about an input that it had before: another
        input, wished for with the question or by another hook, takes none of them back."""
        marks = self._emitter.state.workflow.hooks.values()
        own = [
            it
            for it in marks
            if (it.moment, it.turn_id, it.call_id) == ("PreToolUse", call.turn_id, call.call.id)
        ]
        asks = [_because(it) for it in own if it.outcome in _ASKING]
        return Wish(asks="; ".join(dict.fromkeys(asks)))

    async def after_call(self, call: CallState, content: str, *, failed: bool) -> None:
        """Run what runs after a call, whose end is on record."""
        if not self.any("PostToolUse"):
            return
        given = {
            "tool_name": call.call.name, "tool_input": call.as_wanted.input, "tool_use_id": call.call.id,
            "tool_response": {"content": content[:_RESULT], "is_error": failed},
        }  # fmt: skip
        key = f"{call.turn_id}/{call.step}/{call.call.id}"
        await self._made().all(
            _subject("PostToolUse", key, given, call.call.name, call.turn_id, call.call.id)
        )

    async def goes_on(self, turn: TurnState) -> bool:
        """Run what runs when a turn, or the work of a sub-agent, is about to end; return whether it goes on."""
        moment: Moment = "Stop" if self._parts.above is None else "SubagentStop"
        if not self.any(moment) or turn.continued >= MOST_CONTINUED:
            return False
        continued, given, name = turn.continued, dict[str, Any](), ""
        if moment == "SubagentStop":
            from postil.agent.delegating.ending import last_words  # noqa: PLC0415 - most sessions are no sub-agent's

            given, name = self._of_subagent(), self._agent_type
            given["result"] = last_words(self._emitter.state)[:_RESULT]
        given["stop_hook_active"] = continued > 0
        async for it in self._made().about(_subject(moment, f"{turn.id}/{turn.steps}", given, name, turn.id)):
            if it.outcome == "blocks":
                break
        return turn.continued > continued

    async def before_compaction(self, cause: str, turn_id: str | None, key: str) -> str:
        """Run what runs before a conversation is compacted; return why it is not to be."""
        if not self.any("PreCompact"):
            return ""
        trigger = "manual" if cause == "person" else "auto"
        found = await self._all(
            "PreCompact", key, {"trigger": trigger, "cause": cause}, name=trigger, turn_id=turn_id
        )
        return next((_because(it) for it in found if it.outcome == "blocks"), "")

    async def _session_started(self, turn: TurnState) -> None:
        workflow = self._emitter.state.workflow
        if any(it.moment == "SessionStart" for it in workflow.hooks.values()):
            return
        source = "startup" if not workflow.marks else "resume"
        await self._all("SessionStart", f"{turn.id}", {"source": source}, name=source, turn_id=turn.id)

    async def _subagent_started(self, turn: TurnState) -> None:
        """Run what runs when a sub-agent begins, before its model is asked for anything: what it says stands behind the task."""
        if self.any("SubagentStart"):
            given = self._of_subagent() | {"prompt": turn.prompt.text}
            await self._all("SubagentStart", turn.id, given, name=self._agent_type, turn_id=turn.id)

    def _of_subagent(self) -> dict[str, Any]:
        """Return what hooks are given of the sub-agent that this session is."""
        above = self._parts.above
        parent = above.session_id if above is not None else ""
        return {
            "agent_id": self._emitter.session_id,
            "agent_type": self._agent_type,
            "parent_session_id": parent,
        }

    @property
    def _agent_type(self) -> str:
        configuration = self._emitter.state.workflow.configuration
        return configuration.agent_type if configuration is not None else ""

    async def _all(
        self, moment: Moment, key: str, given: dict[str, Any], *, name: str = "", turn_id: str | None = None
    ) -> list[HookMark]:
        return await self._made().all(_subject(moment, key, given, name, turn_id))

    def _of_changed(self, call: CallState) -> Wish:
        if call.inputs > MOST_CHANGES:
            return Wish(denies="hooks change the input of this call again and again")
        return Wish(changed=True)

    def _made(self) -> HookRuns:
        if self._runs is None:
            from postil.agent.hooking.runs import HookRuns  # noqa: PLC0415 - a session without hooks needs none of it

            self._runs = HookRuns(self._emitter, self._parts, self._trusts)
        return self._runs


async def end_left(emitter: Emitter) -> None:
    """End the hooks that a process left running: nobody saw how they ended, and none is run again."""
    for key, it in _left(emitter.state.workflow):
        ended = HookEnded(
            hook_id=it.hook_id, key=key, moment=it.moment, owner=it.owner, turn_id=it.turn_id, call_id=it.call_id,
            outcome="interrupted", why="it was interrupted, and nobody saw its end",
        )  # fmt: skip
        await emitter.emit(ended, sync=True)


def _left(workflow: Workflow) -> Iterable[tuple[str, HookMark]]:
    return [(key, it) for key, it in workflow.hooks.items() if it.outcome is None]


def _subject(
    moment: Moment,
    key: str,
    given: dict[str, Any],
    name: str,
    turn_id: str | None,
    call_id: str | None = None,
) -> Subject:
    from postil.agent.hooking.runs import Subject  # noqa: PLC0415 - a session without hooks needs none of it

    return Subject(moment, key, given, name, turn_id, call_id)


def _because(mark: HookMark) -> str:
    whose = {
        "administrator": "the administrator's hook",
        "user": "a hook of yours",
        "workspace": "a hook of this workspace",
    }
    said = {"blocks": "said no", "asks": "wants it asked about"}.get(
        mark.outcome or "", "gave no answer that counts"
    )
    return f"{whose[mark.owner]} {said}: {mark.why or 'no reason given'}"
