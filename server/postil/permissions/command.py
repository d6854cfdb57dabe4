"""A command line under rules: what the guard found, what rules forbid, and what they allow word for word."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from postil.permissions.kinds import bash
from postil.permissions.named_addresses import rule_against
from postil.permissions.rule import Rule, loosening_sources
from postil.permissions.shell.guard import Judgement, judge
from postil.permissions.shell.part import Finding, Part, Verdict
from postil.permissions.shell.surroundings import Surroundings


@dataclass(frozen=True, slots=True)
class CommandDecision:
    """What becomes of a command line."""

    verdict: Verdict
    reason: str
    rules: tuple[Rule, ...]
    """The rules that decided: one that tightens, or all that it took to allow, in the order of the commands; none where a check
    decided."""
    judgement: Judgement

    @property
    def rule(self) -> Rule | None:
        """The first of them."""
        return self.rules[0] if self.rules else None

    @property
    def checks(self) -> tuple[str, ...]:
        """The checks that fired and were not overruled; `rules` first where a rule tightened."""
        if self.verdict == "auto":
            return ()
        return (("rules",) if self.rules else ()) + self.judgement.checks


def decide(line: str, rules: Iterable[Rule], around: Surroundings) -> CommandDecision:
    """Decide about a line. Deny beats ask beats allow, whatever the order of the rules."""
    return decide_judged(judge(line, around), rules)


def decide_judged(judgement: Judgement, rules: Iterable[Rule]) -> CommandDecision:
    """Decide about a line of which is known what it comes to."""
    ordered = sorted(rules, key=lambda it: (it.text, it.source))
    bash_rules = [it for it in ordered if it.kind == "Bash"]
    if judgement.verdict == "deny":
        return CommandDecision("deny", judgement.reason, (), judgement)
    for verdict in ("deny", "ask"):
        rule = _meant(bash_rules, verdict, judgement.every) or rule_against(ordered, verdict, judgement)
        if rule is not None:
            words = "denied" if verdict == "deny" else "asked about"
            return CommandDecision(verdict, f"{words} by {rule.text} ({rule.source})", (rule,), judgement)
    if judgement.verdict == "auto":
        return CommandDecision("auto", "it only reads", (), judgement)
    allowing = [it for it in bash_rules if it.verdict == "allow" and it.source in loosening_sources]
    overruled = [_allowed_by(it, allowing, judgement) for it in judgement.findings]
    if all(it is not None for it in overruled):
        pairs = sorted(zip(judgement.findings, overruled, strict=True), key=lambda it: it[0].part or 0)
        took = tuple(dict.fromkeys(rule for _, rule in pairs if rule is not None))
        reason = f"allowed by {' and '.join(f'{it.text} ({it.source})' for it in took)}"
        return CommandDecision("auto", reason, took, judgement)
    left = next(it for it, rule in zip(judgement.findings, overruled, strict=True) if rule is None)
    return CommandDecision("ask", left.reason, (), judgement)


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
    return next((it for it in rules if _speaks(it.pattern, finding, judgement, rules)), None)


def _speaks(pattern: str | None, finding: Finding, judgement: Judgement, rules: Sequence[Rule]) -> bool:
    """Whether a rule speaks of the part of a finding, and names what the finding wants named."""
    if finding.part is None:
        return False
    part = judgement.every[finding.part]
    if pattern is None or _allows(pattern, part, rules):
        return not finding.named or bash.names(pattern or "*", finding.named)
    if finding.beneath is None:
        return False
    return _allows(pattern, judgement.every[finding.beneath], rules) and bash.names(pattern, part.base)


def _allows(pattern: str, part: Part, rules: Sequence[Rule]) -> bool:
    """Whether the pattern allows the part, and whatever it starts has a rule of its own."""
    if not bash.covers(pattern, part):
        return False
    inner = [it.part for it in bash.left_to_others(pattern, part)]
    return all(it is not None and _has_rule(it, rules) for it in inner)


def _has_rule(part: Part, rules: Sequence[Rule]) -> bool:
    return any(it.pattern is None or bash.allows(it.pattern, part) for it in rules)
