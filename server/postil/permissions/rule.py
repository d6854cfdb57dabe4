"""Permission rules: `Kind(pattern)`, an effect, and where the rule came from."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Literal

from postil.core.errors import ConfigurationError
from postil.permissions.kinds import hosts, mcp, paths, skill

Verdict = Literal["allow", "ask", "deny"]
Source = Literal["administrator", "user", "session", "agent_type", "mode", "built_in", "workspace"]

loosening_sources: frozenset[Source] = frozenset({"administrator", "user", "session", "mode", "built_in"})
"""Sources whose `allow` counts. What comes with a repository, or narrows an agent, may only tighten."""

_SHAPE = re.compile(r"^(?P<kind>[A-Z][A-Za-z]*)(?:\((?P<pattern>.*)\))?$", re.DOTALL)
kind_names = ("Bash", "Edit", "Mcp", "Read", "Skill", "WebFetch")


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule. A pattern of None matches everything of its kind."""

    kind: str
    pattern: str | None
    verdict: Verdict
    source: Source
    file: str = field(default="", compare=False)
    """The file of settings that it stands in; empty where it came from elsewhere."""

    @property
    def text(self) -> str:
        """The rule as people write it."""
        return self.kind if self.pattern is None else f"{self.kind}({self.pattern})"


def parse(text: str, verdict: Verdict, source: Source, file: str = "") -> Rule:
    """Return the rule that `text` writes, such as `Edit(src/**)` or `Bash(pytest:*)`.

    Raises ConfigurationError naming what is wrong.
    """
    match = _SHAPE.match(text.strip())
    if match is None:
        raise ConfigurationError(
            f"{text!r} is not a rule.", "Write Kind(pattern), such as Edit(src/**) or Bash(pytest:*)."
        )
    kind, pattern = match["kind"], match["pattern"]
    if kind not in kind_names:
        raise ConfigurationError(
            f"{text!r}: no rules of kind {kind!r}.", f"The kinds are {', '.join(kind_names)}."
        )
    if pattern is not None and not pattern.strip():
        raise ConfigurationError(
            f"{text!r}: the pattern is empty.", f"Write {kind} alone to mean everything."
        )
    wrong = _fault(kind, pattern.strip(), verdict) if pattern is not None else None
    if wrong is not None:
        raise ConfigurationError(f"{text!r}: {wrong[0]}.", wrong[1])
    return Rule(kind, pattern, verdict, source, file)


def _fault(kind: str, pattern: str, verdict: Verdict) -> tuple[str, str] | None:
    """Return what is wrong with a pattern of that kind and how to mend it."""
    match kind:
        case "Edit" | "Read":
            return paths.fault(pattern)
        case "WebFetch":
            return hosts.fault(pattern)
        case "Mcp":
            return mcp.fault(pattern, allowing=verdict == "allow")
        case "Skill":
            return skill.fault(pattern)
        case _:
            return None
