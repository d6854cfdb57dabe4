"""May this address be fetched? The same for every way to ask."""

from __future__ import annotations

from collections.abc import Sequence

from postil.permissions.kinds import hosts
from postil.permissions.matching import Ruling, by_rule, strictest
from postil.permissions.rule import Rule


def decide_address(address: str, rules: Sequence[Rule]) -> Ruling:
    """Decide about a URL. Only a plain one, http or https to a named host, is ever allowed, and only by a rule."""
    host, plain = hosts.host_of(address)
    rule = strictest(
        rules, "WebFetch", lambda it: hosts.matches(it.pattern, host, allowing=it.verdict == "allow")
    )
    if rule is not None and rule.verdict != "allow":
        return Ruling(rule.verdict, by_rule(rule), rule, ("rules",))
    if not plain:
        return Ruling("ask", "it is not a plain http or https address of a named host", None, ("host",))
    if rule is None:
        return Ruling("ask", f"no rule allows the host {host}", None, ("rules",))
    return Ruling("allow", by_rule(rule), rule)
