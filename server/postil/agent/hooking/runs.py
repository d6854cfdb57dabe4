"""Runs the hooks of one session and puts on record what each did. None is run twice about the same, in whatever process.

A hook that began and of which nobody saw the end counts as one that failed: before a call that is a question.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from postil.agent.emitter import Emitter
from postil.agent.granting.trusts import Trusts
from postil.agent.hooking.answer import Answer, answer_of
from postil.agent.hooking.matching import fitting, in_force
from postil.agent.parts import Parts
from postil.agent.whole import whole
from postil.config.named import VARIABLES
from postil.core.errors import PostilError
from postil.core.hooks import (
    Hook,
    HookEnded,
    HookMark,
    HookOutput,
    HookRun,
    HookStarted,
    Moment,
    key_of,
)
from postil.core.messages import Remark
from postil.core.origin import Source
from postil.core.redaction.redact import redact
from postil.core.revealing import legible, one_line

_LONGEST_REMARK = 10_000
"""Characters that a hook tells the model at most."""


@dataclass(frozen=True, slots=True)
class Subject:
    """What hooks run about."""

    moment: Moment
    key: str
    """What makes it this one and no other of the session, its input aside."""
    given: Mapping[str, Any]
    """What hooks are given of it, beside what all are given."""
    name: str = ""
    """What matchers are held against."""
    turn_id: str | None = None
    call_id: str | None = None


class HookRuns:
    """The hooks of one session."""

    def __init__(self, emitter: Emitter, parts: Parts, trusts: Trusts) -> None:
        self._emitter = emitter
        self._parts = parts
        self._trusts = trusts

    async def about(self, subject: Subject) -> AsyncIterator[HookMark]:
        """Run the hooks in force about something, one after another, and yield what each wants."""
        if self._parts.trust.now.hooks:
            # What is not as it was trusted does not run: the workspace is restricted from here on, and that is on record.
            await self._trusts.look()
        for hook in fitting(in_force(self._parts), subject.moment, subject.name):
            yield await self._one(hook, subject)

    async def all(self, subject: Subject) -> list[HookMark]:
        """Run all hooks in force about something; return what they want."""
        return [it async for it in self.about(subject)]

    async def _one(self, hook: Hook, subject: Subject) -> HookMark:
        given = json.dumps(subject.given, sort_keys=True, default=str)
        key = key_of(hook, subject.key, given)
        known = self._emitter.state.workflow.hooks.get(key)
        if known is not None:
            return known
        hook_id = self._parts.ids.new("hook")
        started = HookStarted(
            hook_id=hook_id, key=key, moment=subject.moment, owner=hook.owner, file=hook.file,
            command=redact(hook.command).text, turn_id=subject.turn_id, call_id=subject.call_id,
        )  # fmt: skip
        await self._emitter.emit(started, sync=True)
        try:
            answer, output = await self._answered(hook, subject)
        except asyncio.CancelledError:
            await whole(self._end(hook, started, subject, Answer("stopped", "the turn was stopped"), None))
            raise
        await self._end(hook, started, subject, answer, output)
        return self._emitter.state.workflow.hooks[key]

    async def _answered(self, hook: Hook, subject: Subject) -> tuple[Answer, HookOutput | None]:
        if hook.owner != "workspace":  # of those the trust was looked at
            why = await self._parts.scripts.objection(hook, trusted=self._parts.trust.now.trusted)
            if why:
                return Answer("failed", f"it was not run: {why}"), None
        output = await self._run(hook, subject)
        return answer_of(output, subject.moment), output

    async def _run(self, hook: Hook, subject: Subject) -> HookOutput:
        run = HookRun(
            line=hook.command,
            cwd=self._folder(hook),
            seconds=hook.seconds,
            confined=hook.owner == "workspace",
            variables=tuple((it, self._root(hook)) for it in VARIABLES),
        )
        data = json.dumps(self._common(subject) | dict(subject.given), ensure_ascii=True, default=str)
        try:
            return await self._parts.hook_runner.run(run, data.encode())
        except PostilError as error:
            return HookOutput(None, "", "", 0.0, error.message.removesuffix("."))
        except Exception as error:  # noqa: BLE001 - whatever fails about a hook is no consent
            return HookOutput(None, "", "", 0.0, f"running it failed inside Postil ({type(error).__name__})")

    def _folder(self, hook: Hook) -> Path:
        """Return where a hook runs: in the workspace once that is trusted, for what starts there may look at its settings."""
        return Path(self._root(hook)) if self._parts.trust.now.trusted else Path(hook.file).parent

    def _root(self, hook: Hook) -> str:
        roots = self._parts.workspace.roots
        return hook.root or (str(roots[0]) if roots else "/")

    def _common(self, subject: Subject) -> dict[str, Any]:
        workflow, roots = self._emitter.state.workflow, self._parts.workspace.roots
        configuration = workflow.configuration
        return {
            "session_id": self._emitter.session_id,
            "turn_id": subject.turn_id,
            "hook_event_name": subject.moment,
            "cwd": str(roots[0]) if roots else "",
            "workspace_trusted": self._parts.trust.now.trusted,
            "permission_mode": configuration.mode if configuration is not None else "",
        }

    async def _end(
        self, hook: Hook, started: HookStarted, subject: Subject, answer: Answer, output: HookOutput | None
    ) -> None:
        answer = await asyncio.to_thread(_told, _unless_same(answer, subject))
        ended = HookEnded(
            hook_id=started.hook_id,
            key=started.key,
            moment=subject.moment,
            owner=hook.owner,
            turn_id=subject.turn_id,
            call_id=subject.call_id,
            outcome=answer.outcome,
            why=answer.why,
            remark=self._remark(hook, subject, answer),
            input=answer.input,
            ends_turn=answer.ends_turn,
            message=answer.message,
            exit_code=output.exit_code if output is not None else None,
            seconds=round(output.seconds, 3) if output is not None else 0.0,
        )
        await self._emitter.emit(ended, sync=True)

    def _remark(self, hook: Hook, subject: Subject, answer: Answer) -> Remark | None:
        """Return what the model is told: the hook's words as material, and in any case that an input is another."""
        parts = [answer.said]
        if answer.outcome == "changed" and answer.input is not None:
            parts.insert(
                0, f"The input of this call was changed to {json.dumps(answer.input, ensure_ascii=False)}"
            )
        if answer.outcome == "blocks" and subject.moment in ("PostToolUse", "Stop", "SubagentStop"):
            parts.insert(0, answer.why)
        text = "\n".join(it for it in parts if it)
        if not text:
            return None
        if len(text) > _LONGEST_REMARK:
            text = (
                f"{text[:_LONGEST_REMARK]}\n[{len(text) - _LONGEST_REMARK:,} characters more are left out.]"
            )
        sources = [Source(origin="hook", name=hook.owner)]
        if hook.owner == "workspace":
            sources.append(Source(origin="workspace", name=hook.root))
        return Remark(text=text, sources=tuple(sources))


def _unless_same(answer: Answer, subject: Subject) -> Answer:
    """Return the answer without an input that is the one which the call has already."""
    if answer.input is None or answer.input != subject.given.get("tool_input"):
        return answer
    outcome = "said" if answer.outcome == "changed" and answer.said else answer.outcome
    return replace(answer, input=None, outcome="nothing" if outcome == "changed" else outcome)


def _told(answer: Answer) -> Answer:
    """Return the answer as it may be recorded: without secrets, and with nothing in it that hides."""
    text = json.dumps(answer.input, ensure_ascii=False) if answer.input is not None else ""
    if redact(text).text != text:
        return Answer("blocks", "the input that it wants holds a secret, which would be on record")
    return Answer(
        answer.outcome,
        legible(redact(answer.why).text),
        legible(redact(answer.said).text),
        answer.input,
        answer.ends_turn,
        one_line(redact(answer.message).text, 500),
    )
