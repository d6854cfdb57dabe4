"""A decision with what led to it: the rules that counted, those that spoke of it and did not, and the checks that fired."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from postil.core.effects import Access
from postil.permissions.evaluate import Decision, evaluate
from postil.permissions.kinds import bash
from postil.permissions.matching import covers
from postil.permissions.policy import Policy
from postil.permissions.rule import Rule, loosening_sources
from postil.permissions.shell.guard import Judgement
from postil.permissions.shell.part import Finding, Part


@dataclass(frozen=True, slots=True)
class Explanation:
    """A decision and its reasons."""

    decision: Decision
    rules: tuple[str, ...] = ()
    """The rules that decided, as they are written; the parts of a longer command may each have one."""
    lost: tuple[str, ...] = ()
    """Rules that speak of the same and did not count, each with its verdict before and its source behind it."""
    checks: tuple[str, ...] = ()
    """The checks of the shell guard that fired, whether or not a rule overruled them."""
    judgement: Judgement | None = None
    """Of a command."""
    allowing: Mapping[int, str] = field(default_factory=dict[int, str])
    """For parts of a command that a rule allows by itself, that rule; whether it counts is another matter."""

    def against(self, index: int) -> list[Finding]:
        """Return what speaks against a part of the command and is not overruled by the rule that allows it."""
        findings = self.judgement.findings if self.judgement is not None else ()
        return [it for it in findings if it.part == index and not (it.by_rule and index in self.allowing)]


def explain(access: Access, policy: Policy) -> Explanation:
    """Decide as `evaluate` does, and say why. Never raises; what cannot be explained is left out."""
    decision = evaluate(access, policy)
    try:
        return _explained(decision, access, policy)
    except Exception:  # noqa: BLE001 - the decision stands, whatever can be said of it
        return Explanation(decision, _texts(decision))


def _explained(decision: Decision, access: Access, policy: Policy) -> Explanation:
    judgement = decision.judgement
    speaking = list(dict.fromkeys(_speaking(access, policy, judgement)))
    won = list(_won(decision, speaking))
    lost = [it for it in speaking if it not in won]
    return Explanation(
        decision,
        _texts(decision),
        tuple(f"{it.verdict} {it.text} ({it.source.replace('_', ' ')})" for it in lost),
        judgement.checks if judgement is not None else (),
        judgement,
        _allowing(speaking, judgement) if judgement is not None else {},
    )


def _allowing(speaking: Sequence[Rule], judgement: Judgement) -> dict[int, str]:
    """Return the rule that overrules what speaks against each part, the same that deciding takes."""
    found: dict[int, str] = {}
    doubtful = {it.part for it in judgement.findings if it.by_rule and it.part is not None}
    for index in sorted(doubtful):
        rule = next(_of_part(speaking, judgement.every[index]), None)
        if rule is not None:
            found[index] = rule.text
    return found


def _of_part(speaking: Sequence[Rule], part: Part) -> Iterator[Rule]:
    allowing = (it for it in speaking if it.verdict == "allow" and it.source in loosening_sources)
    return (it for it in sorted(allowing, key=lambda it: (it.text, it.source)) if _is_about(it, part))


def _speaking(access: Access, policy: Policy, judgement: Judgement | None) -> Iterator[Rule]:
    """Yield the rules that are about what is touched, in the order of the policy."""
    roots = tuple(map(str, policy.roots))
    around = replace(policy.around, roots=roots, cwd=roots[0] if roots else policy.around.cwd)
    moved = [it.moved_from for it in access.edits if it.moved_from is not None]
    paths = {
        "Edit": [str(it) for it in (*(edit.path for edit in access.edits), *moved)],
        "Read": [str(it) for it in access.reads],
    }
    for rule in policy.rules:
        if rule.kind == "Bash":
            speaks = judgement is not None and any(_is_about(rule, it) for it in judgement.every)
        else:
            speaks = any(covers(rule, it, around) for it in paths.get(rule.kind, ()))
        if speaks:
            yield rule


def _is_about(rule: Rule, part: Part) -> bool:
    if rule.pattern is None:
        return True
    if rule.verdict == "allow":
        return not part.through and bash.allows(rule.pattern, part)
    return bash.forbids(rule.pattern, part)


def _won(decision: Decision, speaking: Sequence[Rule]) -> Iterator[Rule]:
    """Yield the rules that the decision rests on. One alone is known by its source as well."""
    texts = _texts(decision)
    for rule in speaking:
        its_source = len(texts) > 1 or rule.source == decision.source
        if rule.text in texts and rule.verdict == decision.verdict and its_source:
            yield rule


def _texts(decision: Decision) -> tuple[str, ...]:
    return tuple(decision.rule.split("\n")) if decision.rule else ()
