"""May a file tool read or write this path? What the path is comes first, then the rules; the same for every way to ask."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import PurePosixPath

from postil.permissions.matching import Ruling, by_rule, covers_any, names, strictest
from postil.permissions.places import Operation, PathDecision, judge_path
from postil.permissions.rule import Rule
from postil.permissions.shell.part import Finding
from postil.permissions.shell.surroundings import Surroundings
from postil.workspace.files.paths import runs_when_built

_WHAT = frozenset({"secrets", "executes-later", "path-text"})
"""Checks that only a rule overrules which names the very file."""


def decide_file(path: str, operation: Operation, rules: Sequence[Rule], around: Surroundings) -> Ruling:
    """Decide about a path as it is written. Deny beats ask beats allow, whatever the order of the rules."""
    judged = judge_path(path, operation, around)
    if judged.verdict == "deny":
        return Ruling("deny", judged.reason, None, judged.checks)
    kind = "Read" if operation == "read" else "Edit"
    speaks = partial(covers_any, known=judged.names, around=around)
    rule = strictest(rules, kind, speaks, partial(names, path=judged.physical, around=around))
    if rule is not None and rule.verdict != "allow":
        return Ruling(rule.verdict, by_rule(rule), rule, ("rules",))
    findings = (*judged.findings, *_built(judged, operation, around))
    left = [it for it in findings if rule is None or not _overruled(it, rule, judged, around)]
    if left:
        return Ruling("ask", left[0].reason, None, tuple(dict.fromkeys(it.check for it in left)))
    if rule is not None:
        return Ruling("allow", by_rule(rule), rule)
    if operation == "read":
        return Ruling("allow", "reading inside the workspace")
    return Ruling("ask", "no rule allows this edit", None, ("rules",))


def _built(judged: PathDecision, operation: Operation, around: Surroundings) -> list[Finding]:
    """Return the doubt about a file that a build runs: a rule that is meant for code does not mean it."""
    relative = around.relative(judged.physical) if operation == "write" else None
    if relative is None or not runs_when_built(PurePosixPath(relative)):
        return []
    return [Finding("executes-later", "ask", f"{PurePosixPath(relative).name} is run by builds and installs")]


def _overruled(finding: Finding, rule: Rule, judged: PathDecision, around: Surroundings) -> bool:
    return finding.by_rule or (finding.check in _WHAT and names(rule, judged.physical, around))
