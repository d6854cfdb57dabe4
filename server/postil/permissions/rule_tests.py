"""Does a rule mean what its examples say? They are tried as the tools would be: on the same judges, with that rule alone."""

from __future__ import annotations

from postil.permissions.command import decide
from postil.permissions.kinds import bash
from postil.permissions.matching import covers_any
from postil.permissions.places import judge_path
from postil.permissions.rule import Rule
from postil.permissions.things import EXAMPLE_WORLD, at_home, decide_thing


def fails(rule: Rule, example: str, *, matches: bool) -> str:
    """Return what is wrong with saying that a rule matches an example, or does not; empty where that is so."""
    meant, why = _means(rule, example)
    if meant == matches:
        return ""
    told = "matches" if meant else "does not match"
    return f"{rule.text} {told} {example!r}{f': {why}' if why and not meant else ''}"


def _means(rule: Rule, example: str) -> tuple[bool, str]:
    """Return whether a rule decides about an example, and if not, what speaks against it."""
    if rule.kind == "Bash":
        return _means_command(rule, example)
    if rule.kind in ("Read", "Edit") and rule.verdict != "allow":
        operation = "read" if rule.kind == "Read" else "write"
        judged = judge_path(at_home(example, EXAMPLE_WORLD), operation, EXAMPLE_WORLD)
        return covers_any(rule, judged.names, EXAMPLE_WORLD), ""
    thing = at_home(example, EXAMPLE_WORLD) if rule.kind in ("Read", "Edit") else example
    ruling = decide_thing(rule.kind, thing, (rule,), EXAMPLE_WORLD)
    return ruling.rule is rule, ruling.reason


def _means_command(rule: Rule, line: str) -> tuple[bool, str]:
    decision = decide(line, (rule,), EXAMPLE_WORLD)
    speaks = bash.allows if rule.verdict == "allow" else bash.forbids
    meant = rule.pattern is None or any(speaks(rule.pattern, it) for it in decision.judgement.every)
    if not meant or rule.verdict != "allow":
        return meant, ""
    return decision.verdict == "auto", decision.reason
