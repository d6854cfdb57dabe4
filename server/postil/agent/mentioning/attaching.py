"""A prompt with what it mentions attached to it, and a plain word on each mention that brings nothing."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import replace

from postil.agent.mentioning.attached_files import attached_file
from postil.agent.mentioning.difference import difference
from postil.agent.mentioning.files import file
from postil.agent.mentioning.material import Material, NotAttached
from postil.agent.mentioning.problems import diagnostics
from postil.agent.mentioning.selection import selection
from postil.agent.mentioning.sessions import session
from postil.agent.mentioning.symbols import definitions
from postil.agent.mentioning.written import Mention, mentions
from postil.agent.parts import Parts
from postil.core.question import PromptContext
from postil.core.state import Workflow
from postil.core.submissions import Prompt
from postil.permissions.policy import policy_for

log = logging.getLogger(__name__)

MOST = 10
"""Mentions of one prompt that are attached."""
ALL = 120_000
"""Characters that all of them bring at most."""
SECONDS = 10.0
"""How long one may take; the person waits for their prompt to be taken."""
_BROUGHT = ("symbol", "diagnostics", "diff", "session")
"""What mentions alone bring: of a prompt that is sent anew it is given already, as it was, and stands there once, as it is."""
NOTHING = "It names no file and no symbol here."
NO_ROOM = f"It is not attached: together the mentions are over {ALL:,} characters."
TOO_MANY = f"It is not attached: a prompt has room for {MOST} mentions."
TOO_LONG = "It is not attached: looking for it took too long."


async def with_mentions(prompt: Prompt, workflow: Workflow, parts: Parts) -> Prompt:
    """Return the prompt with what it names by path and what it mentions attached. Never raises for what cannot be: that is noted."""
    asked = [prompt.text, *(it.text for it in prompt.context if it.kind == "command")]
    named = [it for it in prompt.context if it.by_path]
    wanted = [*named, *dict.fromkeys(it for text in asked for it in mentions(text))]
    if not wanted:
        return prompt
    prompt = replace(prompt, context=tuple(it for it in prompt.context if not it.by_path))
    standing = await parts.standing.rules()
    policy = policy_for(workflow, standing, parts.workspace.roots, parts.around)
    material = Material(parts, policy, prompt, workflow.session_id)
    attached: list[PromptContext] = []
    room = ALL
    for number, mention in enumerate(wanted):
        for it in await _one(mention, material) if number < MOST else [_note(mention, TOO_MANY)]:
            fits = len(it.text) <= room
            room -= len(it.text) if fits else 0
            attached.append(it if fits else _note(mention, NO_ROOM))
    fresh = {_thing(it) for it in attached if it.kind in _BROUGHT}
    given = (it for it in prompt.context if it.kind not in _BROUGHT or _thing(it) not in fresh)
    return replace(prompt, context=(*given, *dict.fromkeys(attached)))


def _thing(context: PromptContext) -> tuple[str, str, str]:
    """Return what something that is attached is, whatever its text is by now."""
    return context.kind, context.path, context.name


async def _one(mention: Mention | PromptContext, material: Material) -> Sequence[PromptContext]:
    try:
        async with asyncio.timeout(SECONDS):
            if isinstance(mention, PromptContext):
                return [await attached_file(mention, material)]
            return await _attached(mention, material)
    except NotAttached as error:
        return [_note(mention, error.message)]
    except TimeoutError:
        return [_note(mention, TOO_LONG)]
    except Exception as error:
        log.exception("what is attached, of kind %s", mention.kind)
        return [_note(mention, f"It is not attached: looking for it failed ({type(error).__name__}).")]


async def _attached(mention: Mention, material: Material) -> Sequence[PromptContext]:
    match mention.kind:
        case "diff":
            return await difference(material)
        case "diagnostics":
            return await diagnostics(material)
        case "selection":
            return await selection(material)
        case "session":
            return await session(mention.name, material)
        case "symbol":
            return await _symbol(mention, material)
        case "name":
            found = await file(mention, material)
            if found is not None:
                return [found]
            return await _symbol(mention, material)


async def _symbol(mention: Mention, material: Material) -> Sequence[PromptContext]:
    may_be = mention.kind == "symbol" or mention.may_be_symbol
    found = await definitions(mention.name, material) if may_be else ()
    if not found:
        raise NotAttached(NOTHING)
    return found


def _note(mention: Mention | PromptContext, words: str) -> PromptContext:
    if isinstance(mention, PromptContext):  # The turn is about the file all the same.
        return PromptContext(kind="mention", name=mention.path, path=mention.path, note=words)
    return PromptContext(kind="mention", name=f"@{mention.written}", note=words)
