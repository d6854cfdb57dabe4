"""Waiting for a person: a question is an event, its one answer another; here the two meet."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Generator, Sequence
from contextlib import contextmanager, nullcontext, suppress
from typing import Literal

from postil.agent.emitter import Emitter
from postil.agent.parts import Parts
from postil.core.effects import UserQuestion
from postil.core.ephemeral import StageChanged
from postil.core.errors import ProtocolError
from postil.core.events import GrantAdded, GrantRevoked, PermissionDecided, QuestionAnswered, QuestionAsked
from postil.core.question import Anchor, Option, Question, QuestionKind
from postil.core.revealing import one_line
from postil.core.state import CallState, OpenQuestion
from postil.core.submissions import Answer
from postil.permissions.answers import read_answer
from postil.permissions.grants import StoredGrant

ASKED_LENGTH = 200
"""Characters of what was asked about that a grant is kept with."""

log = logging.getLogger(__name__)

NOBODY = "Nobody is there to answer. Go on with what is most likely right, and say what you assumed."


class Questions:
    """The open questions of one session, as its state has them, and who waits for them."""

    def __init__(self, emitter: Emitter, parts: Parts) -> None:
        self._emitter = emitter
        self._parts = parts
        self._waiting: dict[str, asyncio.Event] = {}
        self._waited = 0.0
        self._since = 0.0
        emitter.on_halt(self._halted)

    @property
    def waited(self) -> float:
        """Seconds during which somebody waited for a person; no limit on time counts them."""
        now = self._parts.clock.monotonic() - self._since if self._waiting else 0.0
        return self._waited + now

    async def wait(self, question_id: str) -> None:
        """Return when the question's answer is recorded; raises JournalError where nothing more can be."""
        if self._emitter.failure is not None:
            raise self._emitter.failure
        if question_id not in self._emitter.state.workflow.questions:
            return
        with self.waiting(question_id) as event:
            await event.wait()
        if self._emitter.failure is not None and question_id in self._emitter.state.workflow.questions:
            raise self._emitter.failure

    @contextmanager
    def waiting(self, question_id: str) -> Generator[asyncio.Event]:
        """Count the time as waiting for a person; what is given is set once there is an answer to a question of this session's own."""
        above = self._parts.above
        with above.waiting(question_id) if above is not None else nullcontext():
            if not self._waiting:
                self._since = self._parts.clock.monotonic()
            event = self._waiting.setdefault(question_id, asyncio.Event())
            try:
                yield event
            finally:
                del self._waiting[question_id]
                if not self._waiting:
                    self._waited += self._parts.clock.monotonic() - self._since

    def _halted(self) -> None:
        for event in self._waiting.values():
            event.set()

    async def ask(self, call: CallState, asked: UserQuestion) -> str:
        """Ask the model's own question, once, and return the answer as the call's result."""
        if call.answer is None:
            open_id = next(iter(self.open_of(call, "ask_user")), None)
            if not self._parts.interactive:
                await self.withdraw(call, "ask_user", by="nobody")
                return NOBODY
            if open_id is None:
                open_id = self._parts.ids.new("question")
                question = _user_question(open_id, asked, self.anchor())
                event = QuestionAsked(turn_id=call.turn_id, call_id=call.call.id, question=question)
                await self._emitter.emit(event, sync=True)
            self._emitter.show(
                StageChanged(turn_id=call.turn_id, stage="waiting", detail="your answer", step=call.step)
            )
            await self.wait(open_id)
        return answer_text(call.answer)

    async def wait_unless(self, question_id: str, settled: Awaitable[None]) -> None:
        """Return when the question's answer is recorded; withdraw the question where the world settles it first."""
        answered = asyncio.ensure_future(self.wait(question_id))
        world = asyncio.ensure_future(settled)
        try:
            await asyncio.wait({answered, world}, return_when=asyncio.FIRST_COMPLETED)
            if not answered.done():
                world.result()
                await self.take_back(question_id)
        finally:
            answered.cancel()
            world.cancel()
            await asyncio.wait({answered, world})

    async def withdraw(
        self, call: CallState, kind: QuestionKind, by: Literal["nobody", "withdrawn"] = "withdrawn"
    ) -> None:
        """Take back the questions that a call has open of a kind: they are no longer what is asked."""
        for question_id in self.open_of(call, kind):
            await self._withdraw(question_id, by)

    async def take_back(self, question_id: str) -> None:
        """Take a question back, unless it is answered in the same moment."""
        with suppress(ProtocolError):
            await self._withdraw(question_id, "withdrawn")

    def open_of(self, call: CallState, kind: QuestionKind) -> dict[str, Question]:
        """Return the questions of this kind that the call has open, by their ids."""
        questions = self._emitter.state.workflow.questions
        return {
            key: it.question
            for key, it in questions.items()
            if it.call_id == call.call.id and it.turn_id == call.turn_id and it.question.kind == kind
        }

    async def _withdraw(self, question_id: str, by: Literal["nobody", "withdrawn"]) -> None:
        def check() -> None:
            if question_id not in self._emitter.state.workflow.questions:
                raise ProtocolError("That question is not open.")

        await self._emitter.emit(QuestionAnswered(question_id=question_id, by=by), sync=True, check=check)

    def anchor(self) -> Anchor | None:
        """Return the place that the turn in progress is about."""
        turn = self._emitter.state.workflow.turn
        return turn.prompt.anchor if turn is not None else None

    async def answer(self, answer: Answer) -> None:
        """Record the answer and wake who waits. The first answer wins; raises ProtocolError for any other."""
        question = self._open(answer)
        try:
            if question.question.kind == "permission":
                await self._decide(question, answer)
            else:
                await self._emitter.emit(_answered(answer), sync=True, check=lambda: self.check(answer))
        finally:
            event = self._waiting.get(answer.question_id)
            if event is not None and answer.question_id not in self._emitter.state.workflow.questions:
                event.set()

    def check(self, answer: Answer) -> None:
        """Raise ProtocolError where the question is not open, or has no such answer."""
        self._open(answer)

    def _open(self, answer: Answer) -> OpenQuestion:
        """Return the question where it can be answered so; raises ProtocolError where it cannot."""
        question = self._emitter.state.workflow.questions.get(answer.question_id)
        if question is None:
            raise ProtocolError("That question is not open: it was answered, or its turn has ended.")
        options = question.question.options
        if any(it.id == answer.option_id for it in options):
            return question
        if question.question.free_text and not answer.option_id and answer.text.strip():
            return question
        offered = ", ".join(it.id for it in options) or "none"
        raise ProtocolError(f"The question has no answer {answer.option_id!r}.", f"It offers {offered}.")

    async def _decide(self, question: OpenQuestion, answer: Answer) -> None:
        """Record the decision, then what was given beyond it: a grant without its decision would be nobody's."""
        answered = read_answer(question.question, answer.option_id, answer.text)
        call = self._emitter.state.workflow.calls.get(question.call_id or "")
        if call is None:
            raise ProtocolError("The call behind that question has ended.")
        await self._emitter.emit(
            PermissionDecided(
                turn_id=call.turn_id,
                call_id=call.call.id,
                fingerprint=call.fingerprint or "",
                decision=answered.decision,
                by="person",
                why=answered.why,
                rule="\n".join(answered.rules),
                question_id=answer.question_id,
                option_id=answer.option_id,
                face=answer.face,
            ),
            sync=True,
            check=lambda: self.check(answer),
        )
        if answered.scope is not None:
            await self._grant(answered.rules, answered.scope, question.question, answer.face)

    async def _grant(
        self, rules: Sequence[str], scope: Literal["session", "workspace"], question: Question, face: str
    ) -> None:
        """Record a grant for each rule, all of them safe from a power cut together."""
        granted = [(self._parts.ids.new("grant"), rule) for rule in rules]
        for grant_id, rule in granted:
            added = GrantAdded(grant_id=grant_id, rule=rule, scope=scope, question_id=question.id)
            await self._emitter.emit(added, sync=grant_id == granted[-1][0])
        for grant_id, rule in granted if scope == "workspace" else ():
            await self._keep(grant_id, rule, question, face)

    async def _keep(self, grant_id: str, rule: str, question: Question, face: str) -> None:
        try:
            stored = StoredGrant(
                id=grant_id,
                rule=rule,
                at=self._parts.clock.now(),
                session_id=self._emitter.session_id,
                face=face,
                asked=one_line(question.subject, ASKED_LENGTH),
            )
            await self._parts.standing.grant(stored)
        except Exception:
            log.exception("a grant for the workspace could not be kept")
            await self._emitter.emit(GrantRevoked(grant_id=grant_id), sync=True)


def answer_text(answer: str | None) -> str:
    """Return what the model reads of a person's answer."""
    return f"The user answered: {answer}" if answer else "The user gave no answer."


def _answered(answer: Answer) -> QuestionAnswered:
    return QuestionAnswered(
        question_id=answer.question_id,
        option_id=answer.option_id or None,
        text=answer.text,
        by="person",
        face=answer.face,
    )


def _user_question(question_id: str, asked: UserQuestion, anchor: Anchor | None) -> Question:
    titles = asked.options or ("No answer, go on",)  # an editor may have nowhere to write words
    options = tuple(
        Option(id=f"choice_{number}", title=title, kind="choice") for number, title in enumerate(titles, 1)
    )
    return Question(
        id=question_id,
        kind="ask_user",
        title="The agent asks",
        subject=asked.text,
        options=options,
        anchor=anchor,
        free_text=True,
    )
