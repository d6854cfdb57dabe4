"""What has to be known to read the overview: whose folder it is about, what a session there begins with, and three words."""

from __future__ import annotations

from collections.abc import Sequence

from postil.agent.contributions.contribution import Here
from postil.agent.contributions.faulty import Faulty

STATES = "loaded: in every request; deferred: there when it is needed; off: not used, and why"


def opening(here: Here) -> Sequence[str]:
    """Return a line for each, without a full stop."""
    trust = "trusted"
    if not here.trusted:
        why = f" ({here.trust.replace(str(here.root), 'it', 1)})" if here.trust else ""
        trust = f"not trusted{why}: what it brings along is off until you trust it (postil trust allow)"
    return (
        f"The workspace {here.root} is {trust}",
        f"Sessions have the agent type {here.default} and the mode {here.mode}",
        STATES,
        *(_fault(it) for it in here.faults),
    )


def _fault(it: Faulty) -> str:
    what = f"{it.option}: " if it.option else ""
    then = (
        "no session begins before that is mended, for it may hold back what forbids"
        if it.blocks
        else "it is not used"
    )
    return f"Wrong in {it.place}: {what}{it.why}; {then}"
