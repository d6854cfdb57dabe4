"""Makes what a session knows, and what is true around it just now, into its next request to the model."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path

from postil.agent.remembering import Remembering
from postil.agent.types.collection import AgentTypes
from postil.agent.types.in_session import Words, servers_told, with_offered, words_of
from postil.context import prompt
from postil.context.problems import problems_now
from postil.context.shown import Shown
from postil.core.agent_types import BUILD
from postil.core.ports import Clock, ModelRequest
from postil.core.state import State
from postil.model.catalog import traits
from postil.tools.registry import Registry
from postil.workspace.local import LocalWorkspace

_MOMENT = 0.5
"""Seconds that a request waits for what the editor reports."""


def requesting(
    clock: Clock,
    given_roots: tuple[Path, ...],
    registry: Registry,
    workspace: LocalWorkspace,
    memory: Remembering,
    types: AgentTypes,
    max_tokens: int,
) -> Callable[[State], Awaitable[ModelRequest]]:
    """Return what makes a state into the next request to the model; its first part is made once for all that it is made of."""
    roots = tuple(map(str, given_roots))
    made: dict[tuple[str, str, Words, bool], prompt.Prefix] = {}
    shown = Shown()

    async def request(state: State) -> ModelRequest:
        workflow = state.workflow
        remembered = workflow.memory.text if workflow.memory is not None else ""
        skills = workflow.skills.text if workflow.skills is not None else ""
        configuration = workflow.configuration
        references = traits(configuration.model if configuration is not None else "").references
        words = words_of(workflow, registry.names)
        key = remembered, skills, words, references
        stable = made.get(key)
        if stable is None:

            def make() -> prompt.Prefix:
                tools = registry.pool(words.tools).schemas(words.named, references=references)
                agent = words.prompt if words.prompt is not None else types.builtin(BUILD).prompt
                tools = with_offered(tools, words.offered)
                return prompt.prefix(roots, tools, remembered, agent=agent, skills=skills)

            stable = made[key] = await asyncio.to_thread(make)
        conversation = state.conversation
        if conversation.messages.unread_from(conversation.start):
            await asyncio.to_thread(conversation.messages.read, conversation.start)
        now, news, problems = await asyncio.gather(
            _now(clock, workspace), memory.news(state.workflow), _problems(workspace, memory.key)
        )
        now = replace(
            now, news=news, problems=problems, tools=servers_told(state.workflow, registry.plugins.lines())
        )
        return prompt.request(state, stable, max_tokens=max_tokens, now=now, shown=shown)

    return request


async def _now(clock: Clock, workspace: LocalWorkspace) -> prompt.Now:
    """Return what is true just now outside the session."""
    unsaved = [workspace.display(path) for path in await workspace.unsaved()]
    shown = [workspace.display(it) for it in await workspace.shown()]
    date = time.strftime("%Y-%m-%d", time.localtime(clock.now()))
    return prompt.Now(date=date, unsaved=unsaved, open=[it for it in shown if it not in unsaved])


async def _problems(workspace: LocalWorkspace, key: str) -> str:
    """Return what the editor reports of open documents, as far as it says so at once."""
    try:
        async with asyncio.timeout(_MOMENT):
            reported = await workspace.open_problems()
    except TimeoutError:
        return ""
    named = {workspace.display(path): found for path, found in reported.items()}
    return await asyncio.to_thread(problems_now, named, key) if any(named.values()) else ""
