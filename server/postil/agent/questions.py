"""Waiting for a person: a question is an event, its one answer another; here the two meet."""

from __future__ import annotations

import asyncio

from postil.agent.emitter import Emitter
from postil.agent.parts import Parts
from postil.core.errors import ProtocolError
from postil.core.events import GrantAdded, PermissionDecided, QuestionAnswered
from postil.core.state import CallState, OpenQuestion
from postil.core.submissions import Answer
from postil.permissions.gate import read_answer


class Questions:
    """The open questions of one session, as its state has them, and who waits for them."""

    def __init__(self, emitter: Emitter, parts: Parts) -> None:
        self._emitter = emitter
        self._parts = parts
        self._waiting: dict[str, asyncio.Event] = {}
        self._taken: set[str] = set()
        self.waited = 0.0
        """Seconds spent waiting for a person; no limit on time counts them."""

    async def wait(self, question_id: str) -> None:
        """Return when the question's answer is recorded."""
        if question_id not in self._emitter.state.workflow.questions:
            return
        event = self._waiting.setdefault(question_id, asyncio.Event())
        since = self._parts.clock.monotonic()
        try:
            await event.wait()
        finally:
            self.waited += self._parts.clock.monotonic() - since
            self._waiting.pop(question_id, None)

    async def answer(self, answer: Answer) -> None:
        """Record the answer and wake who waits. The first answer wins; raises ProtocolError for any other."""
        question = self._emitter.state.workflow.questions.get(answer.question_id)
        if question is None or answer.question_id in self._taken:
            raise ProtocolError("That question is not open: it was answered, or its turn has ended.")
        self._check(question, answer)
        self._taken.add(answer.question_id)
        if question.question.kind == "permission":
            await self._decide(question, answer)
        else:
            await self._emitter.emit(_answered(answer), sync=True)
        if (event := self._waiting.get(answer.question_id)) is not None:
            event.set()

    def _check(self, question: OpenQuestion, answer: Answer) -> None:
        options = question.question.options
        if any(it.id == answer.option_id for it in options):
            return
        if question.question.free_text and not answer.option_id and answer.text.strip():
            return
        offered = ", ".join(it.id for it in options) or "none"
        raise ProtocolError(f"The question has no answer {answer.option_id!r}.", f"It offers {offered}.")

    async def _decide(self, question: OpenQuestion, answer: Answer) -> None:
        call = self._call(question)
        answered = read_answer(question.question, answer.option_id, answer.text)
        if answered.scope is not None:
            grant_id = self._parts.ids.new("grant")
            await self._emitter.emit(
                GrantAdded(
                    grant_id=grant_id,
                    rule=answered.rule,
                    scope=answered.scope,
                    question_id=answer.question_id,
                )
            )
            if answered.scope == "workspace":
                now = self._parts.clock.now()
                await self._parts.standing.grant(grant_id, answered.rule, self._emitter.session_id, now)
        await self._emitter.emit(
            PermissionDecided(
                turn_id=call.turn_id,
                call_id=call.call.id,
                fingerprint=call.fingerprint or "",
                decision=answered.decision,
                by="person",
                why=answered.why,
                rule=answered.rule,
                question_id=answer.question_id,
                option_id=answer.option_id,
                face=answer.face,
            ),
            sync=True,
        )

    def _call(self, question: OpenQuestion) -> CallState:
        call = self._emitter.state.workflow.calls.get(question.call_id or "")
        if call is None:
            raise ProtocolError("The call behind that question has ended.")
        return call


def _answered(answer: Answer) -> QuestionAnswered:
    return QuestionAnswered(
        question_id=answer.question_id,
        option_id=answer.option_id or None,
        text=answer.text,
        by="person",
        face=answer.face,
    )
