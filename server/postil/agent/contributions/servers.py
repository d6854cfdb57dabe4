"""Servers of tools that settings name; none is started to say so."""

from __future__ import annotations

from collections.abc import Sequence

from postil.agent.contributions.contribution import Contribution, Here, Ruled, ServerHere, without_trust
from postil.agent.contributions.effects import effect_words
from postil.agent.contributions.faulty import Faulty
from postil.agent.contributions.ruling import STRANGE, ruled_added
from postil.core.effects import Added
from postil.tools.tiers import CEILINGS


def servers(here: Here) -> Sequence[Contribution]:
    """Return every server."""
    wrong = [it for it in here.faults if it.option == "mcp"]
    return [*(_told(it, here) for it in here.servers), *map(_faulty, wrong)]


def _faulty(it: Faulty) -> Contribution:
    return Contribution(
        kind="server",
        name=it.name,
        title="",
        tier="plugin",
        source=it.place,
        effects="nothing",
        rule=Ruled("deny", "it is not started"),
        state="off",
        why=it.why,
    )


def _told(it: ServerHere, here: Here) -> Contribution:
    return Contribution(
        kind="server",
        name=it.name,
        title=it.way,
        tier="plugin",
        source=it.file,
        effects=effect_words(CEILINGS["plugin"]),
        rule=ruled_added(Added("plugin", f"{it.name}/{STRANGE}"), here.policy),
        state=it.state,
        why=without_trust(it.why, here),
    )
