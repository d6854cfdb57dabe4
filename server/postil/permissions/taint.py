"""Why rules that were made before no longer allow by themselves: the workspace is not trusted, or what was read is not.

Pure: it is read from the record, and never from what the model says. A rule that a person gives while the reason stands
counts again, as it was given in sight of it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

from postil.core.effects import Access
from postil.core.state import Workflow
from postil.permissions.rule import Rule

NOT_TRUSTED = "this workspace is not trusted"


@dataclass(frozen=True, slots=True)
class Taint:
    """What a rule that allows has to stand up to. Without reasons there is nothing."""

    runs: str = ""
    """Why commands ask that a rule would allow."""
    restricted: bool = False
    """Whether the workspace is not trusted, so that nothing is allowed for always."""
    confirmed: frozenset[str] = frozenset()
    """Rules that a person gave since, by their text."""

    def reason(self, access: Access) -> str:
        """Return why rules from before do not allow this; empty where they do."""
        return self.runs if access.command is not None or access.open_world else ""

    def left(self, rules: Iterable[Rule]) -> tuple[Rule, ...]:
        """Return the rules that still count for what may be asked about: those that tighten, read, reach or were confirmed."""
        return tuple(
            it
            for it in rules
            if it.verdict != "allow" or it.kind in ("Read", "WebFetch") or it.text in self.confirmed
        )

    def with_confirmed(self, rule: str) -> Taint:
        """Return it as it is once a person has given this rule."""
        return replace(self, confirmed=self.confirmed | {rule})


CLEAN = Taint()
RESTRICTED = Taint(runs=NOT_TRUSTED, restricted=True)
"""Of a workspace that is not trusted, before anybody has given a rule."""


def taint_of(workflow: Workflow, roots: Iterable[Path]) -> Taint:
    """Return what a session's rules have to stand up to by now."""
    del roots
    since = workflow.restricted_since
    if since is None:
        return CLEAN
    confirmed = frozenset(it.rule for it in workflow.grants if it.seq > since)
    return replace(RESTRICTED, confirmed=confirmed)
