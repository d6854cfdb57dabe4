"""The model request: a stable prefix up to an explicit boundary, the conversation, and what changes from step to step."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from postil.context.sections import (
    ChangingName,
    Section,
    StableName,
    digest,
    in_order,
    tool_digests,
    tools_text,
)
from postil.context.shown import Shown
from postil.core.found import in_force
from postil.core.origin import plain
from postil.core.ports import ModelRequest, ToolSchema
from postil.core.revealing import one_line
from postil.core.state import State

_MOST_OPEN = 20
"""Open files that are named."""
_MOST_GONE = 20
_MOST_JOBS = 10
"""Tools that are named of those that are not shown any more."""

NOT_TRUSTED = (
    "The workspace is not trusted: a person is asked about git and about whatever runs code of it. "
    "To look around use `read`, `grep`, `glob` and `list`."
)


@dataclass(frozen=True, slots=True)
class Prefix:
    """What stays the same for a whole session, byte for byte, so that the service can cache it."""

    system: tuple[Section, ...]
    tools: tuple[ToolSchema, ...]
    tool_digests: Mapping[str, str]
    digests: Mapping[StableName, str]
    """Of every section before the boundary but the model, which the state names."""


@dataclass(frozen=True, slots=True)
class Now:
    """What is true at this step, and may not be at the next; none of it becomes part of the conversation."""

    date: str = ""
    """As in 2026-11-22."""
    unsaved: Sequence[str] = ()
    """Open documents whose text differs from the disk, as the model names them."""
    open: Sequence[str] = ()
    """The other open documents."""
    problems: str = ""
    """What the editor reports of them, in Postil's own words."""
    news: Sequence[str] = ()
    """What memory has that was not there when the session began."""
    tools: Sequence[str] = ()
    """What `find_tools` searches beside Postil's own tools, a line each."""


def prefix(
    roots: Sequence[str],
    tools: tuple[ToolSchema, ...],
    memory: str = "",
    *,
    agent: str = "",
    skills: str = "",
) -> Prefix:
    """Return the stable part of every request of a session.

    `tools`, `agent` (what its agent type says), `memory` (instructions and notes) and `skills` (their names and descriptions) are
    fixed when the session begins: what is learned later stands behind the boundary.
    """
    texts: dict[StableName, str] = {
        "identity": _identity(),
        "agent": agent,
        "workspace": _workspace(roots),
        "memory": memory,
        "skills": skills,
    }
    system = in_order(texts)
    digests: dict[StableName, str] = {name: digest(text) for name, text in texts.items()}
    return Prefix(system, tools, tool_digests(tools), {"tools": digest(tools_text(tools)), **digests})


def request(
    state: State,
    stable: Prefix,
    *,
    max_tokens: int,
    now: Now = Now(),
    shown: Shown | None = None,
) -> ModelRequest:
    """Return the next request: the stable part, the conversation, and what is true just now.

    `shown` remembers what it made of the conversation. Tools that were found on the way are sent behind the boundary.
    """
    configuration = state.workflow.configuration
    model = configuration.model if configuration is not None else ""
    return ModelRequest(
        model=model,
        system=tuple(section.text for section in stable.system),
        tools=stable.tools,
        messages=(shown or Shown()).messages(state.conversation, state.workflow.session_id),
        suffix=_suffix(changing(state, now)),
        max_tokens=max_tokens,
        late=late(state),
        digests={"model": model, **stable.digests},
        tool_digests=stable.tool_digests,
    )


def late(state: State) -> tuple[ToolSchema, ...]:
    """Return the tools that were found on the way, in the order in which they were."""
    found = (it.tool for it in in_force(state.workflow.found))
    return tuple(ToolSchema(it.name, it.description, dict(it.input_schema)) for it in found)


def changing(state: State, now: Now) -> tuple[Section, ...]:
    """Return the sections behind the boundary, in their order."""
    configuration = state.workflow.configuration
    texts: dict[ChangingName, str] = {"date": f"Today is {now.date}." if now.date else ""}
    if configuration is not None and configuration.modes != "default":
        texts["mode"] = f"Permission mode: {configuration.modes}."
    if configuration is not None and not configuration.trusted:
        texts["trust"] = NOT_TRUSTED
    texts["tools"] = "\n".join(_tools(state, now))
    texts["jobs"] = "\n".join(_jobs(state))
    texts["open files"] = "\n".join(_open(now))
    texts["problems"] = now.problems
    texts["news"] = "\n".join(now.news)
    if state.workflow.todo:
        texts["plan"] = "\n".join(["Plan:", *(f"- [{it.status}] {it.text}" for it in state.workflow.todo)])
    return in_order(texts)


@cache
def _identity() -> str:
    return files("postil.context.prompts").joinpath("identity.md").read_text("utf-8").strip()


def _workspace(roots: Sequence[str]) -> str:
    listed = "\n".join(f"- {root}" for root in roots)
    return f"The workspace\nRelative paths start at the first of these folders:\n{listed}"


def _jobs(state: State) -> list[str]:
    """Return the commands in the background, those that have ended last too."""
    lines = [
        f"- {it.id}, {it.standing}: {one_line(it.command, 120)}" for it in state.workflow.jobs[-_MOST_JOBS:]
    ]
    return ["Jobs in the background (`background` reads and stops them):", *lines] if lines else []


def _tools(state: State, now: Now) -> list[str]:
    """Return what there is to be found, and what was found and is not shown any more."""
    start, found = state.conversation.start, in_force(state.workflow.found)
    lines = ["To be found with `find_tools`:", *now.tools] if now.tools else []
    if gone := [it.tool.name for it in found if it.message < start][-_MOST_GONE:]:
        lines.append(f"Found before the summary; find them again to use them: {', '.join(map(plain, gone))}.")
    return lines


def _open(now: Now) -> list[str]:
    unsaved, others = list(map(plain, now.unsaved)), list(map(plain, now.open))
    lines = [f"Open with unsaved text: {', '.join(unsaved)}."] if unsaved else []
    if others:
        more = len(others) - _MOST_OPEN
        named = ", ".join(others[:_MOST_OPEN])
        lines.append(f"Open in the editor: {named}{f' and {more} more' if more > 0 else ''}.")
    return lines


def _suffix(sections: tuple[Section, ...]) -> str:
    return "<now>\n" + "\n".join(it.text for it in sections) + "\n</now>" if sections else ""
