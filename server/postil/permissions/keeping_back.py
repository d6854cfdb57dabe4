"""What rules keep out of searches and lists."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from postil.permissions.matching import covers
from postil.permissions.policy import Policy
from postil.permissions.rule import Rule


def kept_back(start: Path, policy: Policy) -> Callable[[Path], bool] | None:
    """Return what judges whether `Read` rules keep a path out of a search below `start`; None where none could.

    A rule that asks about `start` itself keeps nothing back there: the search was asked about.
    """

    around = policy.at_root

    def applies(rule: Rule, path: Path) -> bool:
        return covers(rule, str(path), around)

    keeping = [
        rule
        for rule in policy.rules
        if rule.kind == "Read"
        and (rule.verdict == "deny" or (rule.verdict == "ask" and not applies(rule, start)))
    ]
    return (lambda path: any(applies(rule, path) for rule in keeping)) if keeping else None
