"""Rules that can never decide anything, because another rule or a check is stricter about all that they mean."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from postil.permissions.kinds import bash, hosts, mcp, paths, skill
from postil.permissions.matching import RANK, Ruling
from postil.permissions.rule import Rule
from postil.permissions.shell.guard import judge
from postil.permissions.things import EXAMPLE_WORLD, at_home, decide_thing


@dataclass(frozen=True, slots=True)
class Unreachable:
    """A rule that never decides, and what decides in its place."""

    rule: Rule
    by: Rule | None
    """The rule that is stricter; None where a check is."""
    reason: str


def unreachable(rule: Rule, rules: Sequence[Rule]) -> Unreachable | None:
    """Return why a rule of `rules` never decides; None where it may."""
    things = examples(rule)
    rulings = [decide_thing(rule.kind, it, rules, EXAMPLE_WORLD) for it in things]
    if not rulings or any(not _is_stricter(it, rule) for it in rulings):
        return None
    # What no rule can change is told rather than what another rule would.
    found = next((it for it in rulings if it.rule is None), rulings[0])
    reason = _of_line(things[0]) if found.rule is None and rule.kind == "Bash" else found.reason
    told = reason.replace(bash.STRANGE, "…").replace(EXAMPLE_WORLD.home, "~")
    return Unreachable(rule, found.rule, told + _mend(rule, found))


def _of_line(line: str) -> str:
    """Return what speaks against a line whatever the rules."""
    findings = judge(line, EXAMPLE_WORLD).findings
    return next((it.reason for it in findings if not it.by_rule), "it is no program with its words")


def _mend(rule: Rule, ruling: Ruling) -> str:
    """Say how to mean the very file, where that is what is missing."""
    meant_by_name = {"secrets", "executes-later", "path-text"} & set(ruling.checks)
    pattern = rule.pattern or ""
    if not meant_by_name or "/" in pattern or set(pattern) & set("*"):
        return ""
    return f"; {rule.kind}(./{pattern}) is the one in the workspace's own folder"


def examples(rule: Rule) -> tuple[str, ...]:
    """Return what stands for all that a rule means; nothing where that cannot be said."""
    if rule.kind == "Bash":
        return bash.examples(rule.pattern)
    if rule.kind == "WebFetch":
        return hosts.examples(rule.pattern)
    if rule.kind == "Mcp":
        return mcp.examples(rule.pattern)
    if rule.kind == "Skill":
        return skill.examples(rule.pattern)
    return tuple(at_home(it, EXAMPLE_WORLD) for it in paths.examples(rule.pattern))


def _is_stricter(ruling: Ruling, rule: Rule) -> bool:
    return RANK[ruling.verdict] > RANK[rule.verdict]
