"""A command line under rules: what the guard found, what rules forbid, and what they allow word for word."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from postil.permissions.kinds import bash
from postil.permissions.rule import Rule, loosening_sources
from postil.permissions.shell.guard import Judgement, judge
from postil.permissions.shell.part import Finding, Part, Verdict
from postil.permissions.shell.surroundings import Surroundings


@dataclass(frozen=True, slots=True)
class CommandDecision:
    """What becomes of a command line."""

    verdict: Verdict
    reason: str
    rule: Rule | None
    """The rule that decided; None where a check or nothing did."""
    judgement: Judgement

    @property
    def checks(self) -> tuple[str, ...]:
        """The checks that fired and were not overruled."""
        return self.judgement.checks if self.verdict != "auto" else ()


def decide(line: str, rules: Iterable[Rule], around: Surroundings) -> CommandDecision:
    """Decide about a line. Deny beats ask beats allow, whatever the order of the rules."""
    judgement = judge(line, around)
    bash_rules = sorted((it for it in rules if it.kind == "Bash"), key=lambda it: (it.text, it.source))
    if judgement.verdict == "deny":
        return CommandDecision("deny", judgement.reason, None, judgement)
    for verdict in ("deny", "ask"):
        rule = _meant(bash_rules, verdict, judgement.every)
        if rule is not None:
            words = "denied" if verdict == "deny" else "asked about"
            return CommandDecision(verdict, f"{words} by {rule.text} ({rule.source})", rule, judgement)
    if judgement.verdict == "auto":
        return CommandDecision("auto", "it only reads", None, judgement)
    allowing = [it for it in bash_rules if it.verdict == "allow" and it.source in loosening_sources]
    overruled = [_allowed_by(it, allowing, judgement) for it in judgement.findings]
    if all(it is not None for it in overruled):
        rule = overruled[0]
        reason = f"allowed by {rule.text} ({rule.source})" if rule is not None else ""
        return CommandDecision("auto", reason, rule, judgement)
    left = next(it for it, rule in zip(judgement.findings, overruled, strict=True) if rule is None)
    return CommandDecision("ask", left.reason, None, judgement)


def _meant(rules: Sequence[Rule], verdict: Verdict, parts: Sequence[Part]) -> Rule | None:
    for rule in rules:
        if rule.verdict == verdict and any(_covers(rule, part) for part in parts):
            return rule
    return None


def _covers(rule: Rule, part: Part) -> bool:
    try:
        return rule.pattern is None or bash.forbids(rule.pattern, part)
    except Exception:  # noqa: BLE001 - a pattern that cannot be matched tightens everything
        return True


def _allowed_by(finding: Finding, rules: Sequence[Rule], judgement: Judgement) -> Rule | None:
    """Return the rule that overrules the finding: it speaks of that very part, and may overrule such a finding."""
    if not finding.by_rule or finding.part is None:
        return None
    part = judgement.every[finding.part]
    return next((it for it in rules if it.pattern is None or bash.allows(it.pattern, part)), None)
