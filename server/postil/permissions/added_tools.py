"""May a tool be used that did not come with Postil? Only where a person said so, and each tier has a ceiling.

| tier | at most, without being asked about |
|---|---|
| a plugin's tool (MCP) | what `Mcp` rules of a person allow; one that says of itself that it destroys, only where a rule is its very name |
| a skill | what `Skill` rules of a person allow |

What a plugin says of itself makes it stricter and never milder: whoever wrote it may have written anything.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from postil.core.effects import Added
from postil.permissions.kinds import mcp, skill
from postil.permissions.matching import Ruling, by_rule, strictest
from postil.permissions.rule import Rule, Source

_PERSONS: frozenset[Source] = frozenset({"administrator", "user", "session"})
"""Whose rules allow it: people's. A mode is about Postil's own tools."""


@dataclass(frozen=True, slots=True)
class _Kind:
    name: str
    matches: Callable[..., bool]
    names: Callable[[str | None, str], bool]


_KINDS = {
    "plugin": _Kind("Mcp", mcp.matches, mcp.names),
    "skill": _Kind("Skill", skill.matches, skill.names),
}


def decide_added(added: Added, rules: Sequence[Rule]) -> Ruling:
    """Decide about a tool of a plugin, or a skill. Deny beats ask beats allow, whatever the order of the rules."""
    kind = _KINDS[added.tier]
    counting = [it for it in rules if it.verdict != "allow" or it.source in _PERSONS]
    rule = strictest(
        counting,
        kind.name,
        lambda it: kind.matches(it.pattern, added.name, allowing=it.verdict == "allow"),
        lambda it: kind.names(it.pattern, added.name),
    )
    if rule is None:
        return Ruling("ask", f"no rule allows {added.name}", None, ("rules",))
    if rule.verdict != "allow":
        return Ruling(rule.verdict, by_rule(rule), rule, ("rules",))
    if added.destructive and not kind.names(rule.pattern, added.name):
        reason = f"{added.name} says of itself that it destroys; only {kind.name}({added.name}) allows it"
        return Ruling("ask", reason, None, ("annotations",))
    return Ruling("allow", by_rule(rule), rule)


def lasting_rule(added: Added) -> str | None:
    """Return the rule that allows exactly this tool; None where it should be asked about each time."""
    kind = _KINDS[added.tier]
    wrong = mcp.fault(added.name, allowing=True) if kind.name == "Mcp" else skill.fault(added.name)
    return (
        f"{kind.name}({added.name})"
        if wrong is None and not added.destructive and "*" not in added.name
        else None
    )
