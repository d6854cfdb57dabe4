"""The path of one call: prepare, decide, write the intent, run, write the result.

Every way through ends in exactly one CallFinished, written here or, where the turn was stopped before the
call began, by `close_turn`.
"""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass, field
from pathlib import Path

from pydantic import JsonValue

from postil.agent.emitter import Emitter
from postil.agent.limits import REPEATS_REFUSED, repeats
from postil.agent.parts import Parts
from postil.agent.permit import Permit
from postil.agent.questions import Questions
from postil.agent.settle import settle
from postil.core.effects import (
    FileChange,
    Invocation,
    Result,
    RunContext,
    TodoChanged,
    UserQuestion,
    text_hash,
)  # fmt: skip
from postil.core.ephemeral import CallProgress, StageChanged
from postil.core.errors import JournalError, StaleDocument, ToolError
from postil.core.events import (
    CallFinished,
    CallOutcome,
    CallStarted,
    EditIntent,
    FileChanged,
    ProcessStarted,
    QuestionAsked,
    TodoUpdated,
)  # fmt: skip
from postil.core.question import Option, Question
from postil.core.state import CallState

log = logging.getLogger(__name__)

STALE_TRIES = 10
"""How often an edit is computed anew because the text moved on, before the model is told."""
EDIT_GRACE = 10.0
"""Seconds that an edit which was begun is given to end when its turn is stopped."""
KEPT_OUTPUT = 8_000
"""Characters of a running command's output that are kept for the model should it be stopped."""


@dataclass(slots=True)
class Finish:
    """How the call ended."""

    outcome: CallOutcome
    content: str
    durable: bool = False
    """Whether it had an effect, so that the result is synced before it is shown as done."""
    details: dict[str, JsonValue] = field(default_factory=dict[str, JsonValue])


class Invoker:
    """Takes the calls of one session through their path."""

    def __init__(self, emitter: Emitter, parts: Parts, questions: Questions) -> None:
        self._emitter = emitter
        self._parts = parts
        self._questions = questions
        self._permit = Permit(emitter, parts, questions)

    async def invoke(self, call: CallState) -> None:
        """Take the call to its end. Raises JournalError, which stops the turn."""
        since = self._parts.clock.monotonic()
        try:
            finish = await self._attempts(call)
        except ToolError as error:
            finish = Finish("failed", str(error))
        except JournalError:
            raise
        except Exception as error:
            log.exception("call of %s", call.call.name)
            finish = Finish(
                "failed", f"The tool failed inside Postil ({type(error).__name__}).", durable=True
            )
        await self._finish(call, finish, since)

    async def _attempts(self, call: CallState) -> Finish:
        if repeats(self._emitter.state.conversation.messages, call.call) >= REPEATS_REFUSED:
            return Finish("failed", "This same call was made several times in a row. Do something else.")
        for _ in range(STALE_TRIES):
            invocation = await self._parts.tools.prepare(call.call, self._parts.tool_ports)
            permission = await self._permit.permission(call, invocation)
            if permission.denied:
                return Finish("denied", permission.content)
            if permission.asked:
                # Time has passed: what was approved is what runs, or it is asked again.
                again = await self._parts.tools.prepare(call.call, self._parts.tool_ports)
                if again.fingerprint != invocation.fingerprint:
                    continue
            try:
                return await self._run(call, invocation)
            except StaleDocument:
                self._stage(
                    call, "running", f"{invocation.title}: the text changed meanwhile, reading it again"
                )
        return Finish(
            "failed", "The user is typing here: the text changed each time. Try again later.", durable=True
        )

    async def _run(self, call: CallState, invocation: Invocation) -> Finish:
        access = invocation.access
        effectful = access.effect_class != "none"
        change_id = self._parts.ids.new("change") if access.edits else None
        intent = CallStarted(
            turn_id=call.turn_id,
            call_id=call.call.id,
            tool=call.call.name,
            kind=invocation.kind,
            title=invocation.title,
            effect_class=access.effect_class,
            change_id=change_id,
            edits=tuple(
                EditIntent(
                    path=str(edit.path),
                    before=edit.before,
                    after=None if edit.after is None else text_hash(edit.after),
                )
                for edit in access.edits
            ),
            command=access.command.line if access.command else None,
            cwd=str(access.command.cwd) if access.command else None,
        )
        await self._emitter.emit(intent, sync=effectful)
        self._stage(call, "running", invocation.title)
        output = _Tail()
        context = RunContext(
            call_id=call.call.id,
            change_id=change_id or "",
            label=invocation.title,
            progress=lambda text: self._progress(call, output, text),
            spawned=lambda pid, started: self._spawned(call, pid, started),
        )
        task = asyncio.ensure_future(invocation.run(context))
        try:
            result = await asyncio.shield(task)
        except asyncio.CancelledError:
            await self._stopped(call, intent, task, output)
            raise
        return await self._ended(call, invocation, result, change_id, effectful)

    async def _ended(
        self, call: CallState, invocation: Invocation, result: Result, change_id: str | None, effectful: bool
    ) -> Finish:
        content = result.content
        for effect in result.effects:
            if isinstance(effect, FileChange):
                await self._changed(call, invocation.title, change_id or "", effect)
            elif isinstance(effect, TodoChanged):
                await self._emitter.emit(TodoUpdated(turn_id=call.turn_id, items=effect.items))
            else:
                content = await self._ask(call, effect)
        return Finish("failed" if result.is_error else "completed", content, effectful, result.details)

    async def _stopped(
        self, call: CallState, intent: CallStarted, task: asyncio.Future[Result], output: _Tail
    ) -> None:
        """End a running call because its turn is stopped, and record what is true of it."""
        since = self._parts.clock.monotonic()
        if intent.effect_class == "file_edit":
            # An edit is over in a moment; tearing it apart would leave a doubt that waiting does not.
            await asyncio.wait({task}, timeout=EDIT_GRACE)
        if not task.done():
            task.cancel()
            await asyncio.wait({task}, timeout=EDIT_GRACE)
        if task.done() and not task.cancelled() and task.exception() is None:
            result = task.result()
            for effect in result.effects:
                if isinstance(effect, FileChange):
                    await self._changed(call, intent.title, intent.change_id or "", effect)
            finish = Finish(
                "failed" if result.is_error else "completed", result.content, True, result.details
            )
        elif intent.effect_class in ("none", "shell"):
            words = "Stopped by the user." + (f" Output so far:\n{output.text}" if output.text else "")
            finish = Finish("cancelled", words, intent.effect_class != "none")
        else:
            settled = await settle(intent, self._parts.workspace)
            finish = Finish(settled.outcome, settled.content, True)
        await self._finish(call, finish, since)

    async def _finish(self, call: CallState, finish: Finish, since: float) -> None:
        await self._emitter.emit(
            CallFinished(
                turn_id=call.turn_id,
                call_id=call.call.id,
                tool=call.call.name,
                outcome=finish.outcome,
                content=finish.content,
                seconds=round(self._parts.clock.monotonic() - since, 3),
                details=finish.details,
            ),
            sync=finish.durable,
        )

    async def _changed(self, call: CallState, label: str, change_id: str, change: FileChange) -> None:
        await self._emitter.emit(
            FileChanged(
                turn_id=call.turn_id,
                call_id=call.call.id,
                change_id=change_id,
                label=label,
                path=str(change.path),
                before=change.before,
                after=change.after,
                added=change.added,
                removed=change.removed,
                where=change.where,
                diff=change.diff,
                renamed_from=_text(change.renamed_from),
            )
        )

    async def _ask(self, call: CallState, asked: UserQuestion) -> str:
        """Ask the model's own question and return the answer as the call's result."""
        workflow = self._emitter.state.workflow
        if call.answer is None and not self._parts.interactive:
            return (
                "Nobody is there to answer. Go on with what is most likely right, and say what you assumed."
            )
        if call.answer is None:
            open_id = next(
                (key for key, it in workflow.questions.items() if it.call_id == call.call.id), None
            )
            question_id = open_id or self._parts.ids.new("question")
            if open_id is None:
                question = _user_question(
                    question_id, asked, workflow.turn.prompt.anchor if workflow.turn else None
                )
                await self._emitter.emit(
                    QuestionAsked(turn_id=call.turn_id, call_id=call.call.id, question=question), sync=True
                )
            self._stage(call, "waiting", "your answer")
            await self._questions.wait(question_id)
        return f"The user answered: {call.answer}" if call.answer else "The user gave no answer."

    async def _spawned(self, call: CallState, pid: int, started: float) -> None:
        await self._emitter.emit(ProcessStarted(call_id=call.call.id, pid=pid, started=started))

    def _progress(self, call: CallState, output: _Tail, text: str) -> None:
        output.add(text)
        self._emitter.show(CallProgress(call_id=call.call.id, text=text))

    def _stage(self, call: CallState, stage: str, detail: str) -> None:
        self._emitter.show(
            StageChanged.model_validate(
                {"turn_id": call.turn_id, "stage": stage, "detail": detail, "step": call.step}
            )
        )


class _Tail:
    """The last part of a growing text."""

    def __init__(self) -> None:
        self.text = ""

    def add(self, text: str) -> None:
        self.text = (self.text + text)[-KEPT_OUTPUT:]


def _user_question(question_id: str, asked: UserQuestion, anchor: object) -> Question:
    options = tuple(
        Option(id=f"choice_{number}", title=title, kind="choice")
        for number, title in enumerate(asked.options, 1)
    )
    return Question.model_validate(
        {
            "id": question_id,
            "kind": "ask_user",
            "title": "The agent asks",
            "subject": asked.text,
            "options": options,
            "anchor": anchor,
            "free_text": True,
        }
    )


def _text(path: Path | None) -> str | None:
    return None if path is None else str(path)
