"""What text from outside goes through before it becomes part of a session, so that live and replayed it is the same."""

from __future__ import annotations

import asyncio
from typing import TypeVar

from pydantic import BaseModel

from postil.core.events import CallFinished, Durable, PromptReceived, QuestionAsked
from postil.core.revealing import legible

V = TypeVar("V", bound=BaseModel)
_SMALL = 20_000
"""Characters that are gone through on the loop's own thread."""


async def taken_in(event: Durable) -> Durable:
    """Return the event as it is recorded: text of others in it carries no words that nobody sees."""
    match event:
        case CallFinished():
            return _with(event, content=await _text(event.content))
        case PromptReceived() if event.context:
            context = [_with(it, text=await _text(it.text)) for it in event.context]
            return _with(event, context=tuple(context))
        case QuestionAsked(returned=returned) if returned is not None:
            return _with(event, returned=_with(returned, content=await _text(returned.content)))
        case _:
            return event


def _with(value: V, **changes: object) -> V:
    """Return the value with these fields, the same one where they have not changed."""
    same = all(getattr(value, name) == new for name, new in changes.items())
    return value if same else value.model_copy(update=changes)


async def _text(text: str) -> str:
    return legible(text) if len(text) <= _SMALL else await asyncio.to_thread(legible, text)
