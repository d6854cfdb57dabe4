"""The page that says what the agent can do here: its text."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from postil.agent.contributions.collecting import Overview
from postil.agent.contributions.contribution import Contribution
from postil.agent.contributions.telling import told
from postil.lsp.markdown import code, escaped

_OPENING = (
    "Everything that is in force in this workspace, and what decides about an ordinary use of it now. Rules in brackets speak of some uses. "
    "This page is written anew whenever something changes. `postil guardrails` tries whether all of it together is safe."
)


@dataclass(frozen=True, slots=True)
class Page:
    """One state of the page."""

    text: str
    found: Sequence[Contribution]


def page_of(overview: Overview) -> Page:
    """Return the page as of now."""
    opening = "\n".join(f"- {escaped(it)}" for it in overview.opening)
    parts = ["# What this agent can do here", _OPENING, opening]
    for title, each in overview.kinds:
        parts += [f"## {title}", "\n".join(line for it in each for line in _lines(it)) or "None."]
    return Page("\n\n".join(parts) + "\n", [it for _, each in overview.kinds for it in each])


def _lines(it: Contribution) -> Iterator[str]:
    title = f": {escaped(it.title)}" if it.title else ""
    yield f"- **{escaped(it.name or '?')}**{title}"
    yield from (f"    - {line}" for line in told(it, escaped, code))
