"""What text from outside goes through before it becomes part of a session, so that live and replayed it is the same.

Secrets are replaced by marks, and what could carry words that nobody sees is written as escapes. A mark is no text of a file:
a call that would write one anew is refused.
"""

from __future__ import annotations

import asyncio
from typing import TypeVar

from pydantic import BaseModel

from postil.core.effects import Fact, Invocation, text_hash
from postil.core.errors import InvalidInput
from postil.core.events import (
    AgentTypeInForce,
    CallFinished,
    Compacted,
    Durable,
    EvidenceRecorded,
    FileChanged,
    FindingReported,
    MemoryInForce,
    PermissionAsked,
    PromptQueued,
    PromptReceived,
    PromptSteered,
    QuestionAsked,
    ToolsMatched,
)
from postil.core.question import Question, in_order
from postil.core.redaction.marks import new_mark
from postil.core.redaction.redact import redact
from postil.core.revealing import legible

V = TypeVar("V", bound=BaseModel)
_SMALL = 20_000
"""Characters that are gone through on the loop's own thread."""
REFUSED = (
    "{mark} stands in the place of a secret that you were not shown; as text it would destroy the secret. "
    "Leave those characters out of what you replace, and change what stands beside them. "
    "Where a secret has to be written, ask the user to do it."
)


async def taken_in(event: Durable) -> Durable:
    """Return the event as it is recorded."""
    match event:
        case CallFinished():
            return _with(event, content=await _read(event.content))
        case PromptReceived():
            return await _prompt(event)
        case MemoryInForce():
            text = await _read(event.text)
            return _with(
                event, text=text, hash=text_hash(text), notes=tuple([await _read(it) for it in event.notes])
            )
        case QuestionAsked():
            event = _with(event, question=await _asked(event.question))
            if event.returned is None:
                return event
            return _with(event, returned=_with(event.returned, content=await _read(event.returned.content)))
        case PermissionAsked():
            return _with(event, question=await _asked(event.question))
        case FileChanged():
            return _with(event, diff=await _shown(event.diff))
        case _:
            return await _prose(event)


async def _prompt(prompt: PromptReceived) -> PromptReceived:
    """Return the prompt with what is attached to it as it is recorded; the person's own words stay as they are."""
    if not prompt.context and prompt.skill is None:
        return prompt
    context = [_with(it, text=await _read(it.text)) for it in prompt.context]
    skill = prompt.skill
    if skill is not None:
        skill = _with(skill, text=await _read(skill.text))
    return _with(prompt, context=tuple(context), skill=skill)


async def _prose(event: Durable) -> Durable:
    match event:
        case Compacted():
            return _with(event, summary=await _read(event.summary))
        case ToolsMatched():
            tools = [_with(it, description=await _read(it.description)) for it in event.tools]
            return _with(event, tools=tuple(tools))
        case FindingReported(finding=found):
            message, quote = await _read(found.message), await _shown(found.quote)
            return _with(event, finding=_with(found, message=message, quote=quote))
        case EvidenceRecorded():
            return _with(event, summary=await _read(event.summary), output=await _read(event.output))
        case PromptQueued() | PromptSteered():
            return _with(event, prompt=await _prompt(event.prompt))
        case AgentTypeInForce():
            return _with(event, prompt=await _read(event.prompt))
        case _:
            return event


def asked_by(event: Durable, asker: str) -> Durable:
    """Return the event with who asks in its question, where that is a sub-agent."""
    if not asker or not isinstance(event, PermissionAsked | QuestionAsked):
        return event
    facts = in_order((Fact(name="asked by", text=asker), *event.question.facts))
    return _with(event, question=_with(event.question, facts=facts))


def check_marks(invocation: Invocation) -> None:
    """Raise InvalidInput where a call would write a mark in the place of what it stands for."""
    access = invocation.access
    for edit in access.edits:
        found = new_mark(edit.after or "", edit.before_text or "")
        if found:
            raise InvalidInput(REFUSED.format(mark=f"`{found}`"))
    if access.command is not None and (found := new_mark(access.command.line)):
        raise InvalidInput(REFUSED.format(mark=f"`{found}`"))


async def _asked(question: Question) -> Question:
    """Return the question with the secrets of a file's text out of its difference; what is approved stays word for word."""
    return _with(question, diff=await _shown(question.diff))


async def _read(text: str) -> str:
    return legible(await _shown(text))


async def _shown(text: str) -> str:
    if len(text) <= _SMALL:
        return redact(text).text
    return (await asyncio.to_thread(redact, text)).text


def _with(value: V, **changes: object) -> V:
    """Return the value with these fields, the same one where they have not changed."""
    same = all(getattr(value, name) == new for name, new in changes.items())
    return value if same else value.model_copy(update=changes)
