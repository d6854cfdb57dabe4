"""The model request: sections in a fixed order, then the conversation, then what changes from step to step."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from postil.core.origin import plain
from postil.core.ports import ModelRequest, ToolSchema
from postil.core.state import State


@dataclass(frozen=True, slots=True)
class Prefix:
    """What stays the same for a whole session, byte for byte, so that the service can cache it."""

    system: tuple[str, ...]
    tools: tuple[ToolSchema, ...]


def prefix(roots: Sequence[str], tools: tuple[ToolSchema, ...]) -> Prefix:
    """Return the stable part of every request of a session."""
    return Prefix((_identity(), _workspace(roots)), tools)


def request(
    state: State, stable: Prefix, *, max_tokens: int, unsaved: Sequence[str] = (), news: Sequence[str] = ()
) -> ModelRequest:
    """Return the next request: the stable part, the conversation, and what is true just now.

    `news` is what memory has that was not there when the session began.
    """
    configuration = state.workflow.configuration
    return ModelRequest(
        model=configuration.model if configuration is not None else "",
        system=(*stable.system, *_remembered(state)),
        tools=stable.tools,
        messages=state.conversation.messages,
        suffix=_now(state, unsaved, news),
        max_tokens=max_tokens,
    )


def _remembered(state: State) -> tuple[str, ...]:
    """Return hot memory, as it was when the session began."""
    memory = state.workflow.memory
    return (memory.text,) if memory is not None else ()


@cache
def _identity() -> str:
    return files("postil.context.prompts").joinpath("identity.md").read_text("utf-8").strip()


NOT_TRUSTED = (
    "The workspace is not trusted: a person is asked about git and about whatever runs code of it. "
    "To look around use `read`, `grep`, `glob` and `list`."
)


def _workspace(roots: Sequence[str]) -> str:
    listed = "\n".join(f"- {root}" for root in roots)
    return f"The workspace\nRelative paths start at the first of these folders:\n{listed}"


def _now(state: State, unsaved: Sequence[str], news: Sequence[str]) -> str:
    """Return the changing end. It is never part of the conversation, so it is never stale there."""
    lines: list[str] = []
    configuration = state.workflow.configuration
    if configuration is not None and configuration.mode != "default":
        lines.append(f"Permission mode: {configuration.mode}.")
    if configuration is not None and not configuration.trusted:
        lines.append(NOT_TRUSTED)
    if unsaved:
        lines.append("Open with unsaved text: " + ", ".join(map(plain, unsaved)) + ".")
    lines += news
    if state.workflow.todo:
        lines.append("Plan:")
        lines += [f"- [{item.status}] {item.text}" for item in state.workflow.todo]
    return "<now>\n" + "\n".join(lines) + "\n</now>" if lines else ""
