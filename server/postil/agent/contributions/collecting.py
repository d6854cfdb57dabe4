"""Everything in force, of every kind: the one place where a kind is added."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from postil.agent.contributions.agent_types import agent_types
from postil.agent.contributions.contribution import Contribution, Find, Here
from postil.agent.contributions.hooks import hooks
from postil.agent.contributions.opening import opening
from postil.agent.contributions.servers import servers
from postil.agent.contributions.skills import skills
from postil.agent.contributions.slash_commands import slash_commands
from postil.agent.contributions.tools import tools

KINDS: tuple[tuple[str, Find], ...] = (
    ("Tools", tools),
    ("Agent types", agent_types),
    ("Skills", skills),
    ("Slash commands", slash_commands),
    ("Hooks", hooks),
    ("Servers of tools", servers),
)
"""The kinds, each with its heading, in the order in which they are told. A new one is a file beside this and a line here."""


@dataclass(frozen=True, slots=True)
class Overview:
    """All that is in force, and what has to be known to read it."""

    opening: Sequence[str]
    kinds: Sequence[tuple[str, Sequence[Contribution]]]


def overview_of(here: Here) -> Overview:
    """Return all that is in force, by kind. Reads what the kinds read; imports no tool and starts nothing."""
    return Overview(opening(here), [(title, find(here)) for title, find in KINDS])


def as_data(it: Contribution) -> dict[str, Any]:
    """Return one as JSON-able data."""
    return asdict(it) | {
        "rule": {"verdict": it.rule.verdict, "why": it.rule.why, "rules": list(it.rule.rules)}
    }
