"""What stands first in every request, by the digests of its sections, and the event that says it is another."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from postil.core.event import Event


class PrefixChanged(Event):
    """The part of a request that the service caches is not that of the session's last request; or it is the first.

    It is written before the request that has it.
    """

    type: Literal["PrefixChanged"] = "PrefixChanged"
    turn_id: str
    step: int
    changed: tuple[str, ...] = ()
    """The sections that are others, in their order; nothing at the session's first request."""
    why: str
    """In words, without a full stop."""
    digests: dict[str, str]
    """Of each section in force from here on, by its name."""
    tools: dict[str, str]
    """Of each tool of the section `tools`, by its name."""


_OTHER = {
    "model": "the model is another",
    "identity": "Postil's own words are others",
    "workspace": "the workspace's folders are others",
    "memory": "what is remembered is other",
    "skills": "the skills are others",
}
_NAMED = 5
"""Tools that are named."""


def prefix_changed(
    last: PrefixChanged | None, digests: Mapping[str, str], tools: Mapping[str, str], turn_id: str, step: int
) -> PrefixChanged | None:
    """Return the event to write before a request with these sections; None where nothing is other than at the last."""
    if last is not None and last.digests == digests:
        return None
    changed = [
        name for name, digest in digests.items() if last is not None and last.digests.get(name) != digest
    ]
    if last is not None:
        changed += (name for name in last.digests if name not in digests)
    whys = (
        _tools(last.tools, tools) if name == "tools" and last else _OTHER.get(name, name) for name in changed
    )
    return PrefixChanged(
        turn_id=turn_id,
        step=step,
        changed=tuple(changed),
        why="; ".join(whys) if last is not None else "the session's first request",
        digests=dict(digests),
        tools=dict(tools),
    )


def _tools(old: Mapping[str, str], new: Mapping[str, str]) -> str:
    """Return which tools came, went or are described otherwise."""
    kinds = {
        "added": [name for name in new if name not in old],
        "gone": [name for name in old if name not in new],
        "changed": [name for name in new if name in old and old[name] != new[name]],
    }
    said = [f"{kind}: {_named(names)}" for kind, names in kinds.items() if names]
    return f"tools {', '.join(said)}" if said else "the tools are in another order"


def _named(names: list[str]) -> str:
    more = len(names) - _NAMED
    return ", ".join(names[:_NAMED]) + (f" and {more} more" if more > 0 else "")
