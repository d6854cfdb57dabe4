"""Addresses that a command line names, against the rules that keep one from fetching them. Only used against a command."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from postil.permissions.kinds import hosts
from postil.permissions.rule import Rule, Verdict
from postil.permissions.shell.guard import Judgement
from postil.permissions.shell.part import Part

_ADDRESS = re.compile(r"[a-z][a-z0-9+.-]*://[^\s\"'<>`)\]},;]+", re.IGNORECASE)
_HOST = re.compile(r"(?:^|[=@\s])((?:[\w-]+\.)+[a-z][\w-]*)(?=[:/\s]|$)", re.IGNORECASE)
"""A host as it stands without its scheme: `curl example.org/x`, `scp x me@example.org:`."""


def rule_against(rules: Sequence[Rule], verdict: Verdict, judgement: Judgement) -> Rule | None:
    """Return the rule of that verdict that a part of the line runs into by an address in its words; parts that only read reach none."""
    standing = [it for it in rules if it.kind == "WebFetch" and it.verdict == verdict]
    if not standing:
        return None
    spoken = {it.part for it in judgement.findings}
    parts = [it for index, it in enumerate(judgement.every) if index in spoken or None in spoken]
    named = list(dict.fromkeys(host for part in parts for host in _hosts(part)))
    return next((rule for rule in standing for it in named if _names(rule, *it)), None)


def _names(rule: Rule, host: str, whole: bool) -> bool:
    """Whether a rule is about the host. A rule about all of them is not about every word with a dot in it."""
    if not whole and (rule.pattern is None or rule.pattern.strip().removeprefix("domain:") == "*"):
        return False
    try:
        return hosts.matches(rule.pattern, host, allowing=False)
    except Exception:  # noqa: BLE001 - a pattern that cannot be matched tightens everything
        return True


def _hosts(part: Part) -> Iterator[tuple[str, bool]]:
    """Yield the hosts that words name, and whether they do with a scheme."""
    for argument in part.operands:
        text = argument.text if argument.text is not None else argument.leading
        for address in _ADDRESS.findall(text):
            yield hosts.host_of(address)[0], True
        for host in _HOST.findall(text):
            yield hosts.host_of(f"https://{host}/")[0], False
