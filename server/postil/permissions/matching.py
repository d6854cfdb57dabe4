"""Which rule decides about a path: the strictest that speaks of it, whatever the order of the rules."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from postil.permissions.kinds import paths
from postil.permissions.rule import Rule, Verdict, loosening_sources
from postil.permissions.shell.surroundings import Surroundings

RANK: dict[Verdict, int] = {"allow": 0, "ask": 1, "deny": 2}


@dataclass(frozen=True, slots=True)
class Ruling:
    """What becomes of one thing that a tool would touch."""

    verdict: Verdict
    reason: str
    rule: Rule | None = None
    """The rule that decided; None where a check or nothing did."""
    checks: tuple[str, ...] = ()
    """The checks that fired and were not overruled; `rules` where a rule tightened or none allowed."""


def strictest(
    rules: Iterable[Rule],
    kind: str,
    speaks: Callable[[Rule], bool],
    names: Callable[[Rule], bool] = lambda _: False,
) -> Rule | None:
    """Return the rule that counts. Among equals one that names the very thing is preferred, then the text decides."""
    matching = [
        rule
        for rule in rules
        if rule.kind == kind
        and (rule.verdict != "allow" or rule.source in loosening_sources)
        and _applies(rule, speaks)
    ]
    return max(matching, key=lambda it: (RANK[it.verdict], names(it), it.text, it.source), default=None)


def _applies(rule: Rule, speaks: Callable[[Rule], bool]) -> bool:
    try:
        return speaks(rule)
    except Exception:  # noqa: BLE001 - a pattern that cannot be matched loosens nothing, and tightens everything
        return rule.verdict != "allow"


def by_rule(rule: Rule) -> str:
    """Say what a rule did."""
    words = {"allow": "allowed", "ask": "asked about", "deny": "denied"}[rule.verdict]
    return f"{words} by {rule.text} ({rule.source})"


def covers(rule: Rule, path: str, around: Surroundings) -> bool:
    """Whether a rule is about a path. What forbids is matched widely: whatever the case, and what covers a folder's inside
    covers the folder."""
    if rule.pattern is None:
        return True
    try:
        return _covers(rule.pattern, path, around, widely=rule.verdict != "allow")
    except Exception:  # noqa: BLE001 - a pattern that cannot be matched loosens nothing, and tightens everything
        return rule.verdict != "allow"


def covers_any(rule: Rule, known: Sequence[str], around: Surroundings) -> bool:
    """Whether a rule is about a file with these names, the first of which is where it lies: an allowance looks at that alone."""
    looked_at = known[:1] if rule.verdict == "allow" else known
    return rule.pattern is None or any(covers(rule, it, around) for it in looked_at)


def names(rule: Rule, path: str, around: Surroundings) -> bool:
    """Whether the rule names exactly this file, as the answer to a question about it does."""
    return rule.pattern is not None and paths.names(
        rule.pattern, Path(path), _roots(around), Path(around.home)
    )


def _covers(pattern: str, path: str, around: Surroundings, *, widely: bool) -> bool:
    if paths.covers(pattern, path, around.roots, around.home):
        return True
    if not widely:
        return False
    folded = pattern.casefold(), path.casefold()
    if folded != (pattern, path):
        roots = tuple(it.casefold() for it in around.roots)
        if paths.covers(*folded, roots, around.home.casefold()):
            return True
    return paths.covers_inside(pattern, path, around.roots, around.home)


def _roots(around: Surroundings) -> tuple[Path, ...]:
    return tuple(map(Path, around.roots))
