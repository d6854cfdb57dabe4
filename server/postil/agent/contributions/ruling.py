"""What decides about a tool now: an ordinary use of it, decided as in a new session, and the rules that speak of some uses."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial
from pathlib import Path

from postil.agent.contributions.contribution import Here, Ruled
from postil.core.effects import Access, Added, Command, FileEdit, ToolKind
from postil.permissions.evaluate import evaluate
from postil.permissions.kinds import mcp, skill
from postil.permissions.policy import Policy
from postil.permissions.rule import Rule
from postil.tools.tool import Tool

STRANGE = "qx7anything"
"""A name that nobody gives: what is decided about it is decided about what no rule names."""
_RULES: dict[ToolKind, str] = {
    "read": "Read", "search": "Read", "edit": "Edit", "delete": "Edit", "move": "Edit", "execute": "Bash", "fetch": "WebFetch",
}  # fmt: skip
"""The kind of rule that speaks of a kind of tool."""


def ruled(tool: Tool, here: Here) -> Ruled:
    """Return what decides about a tool."""
    if tool.added is not None:
        return ruled_added(tool.added, here.policy)
    kind = _RULES.get(tool.spec.kind, "")
    if not kind and tool.effects.open_world:
        return Ruled("ask", "what a call of it does is decided about each time")
    found = evaluate(_ordinary(tool.spec.kind, here.root), here.policy)
    return Ruled(found.verdict, _plainly(found.why), _speaking(kind, here.policy))


def ruled_added(added: Added, policy: Policy) -> Ruled:
    """Return what decides about a tool that did not come with Postil."""
    found = evaluate(Access(added=added, open_world=True), policy)
    kind = "Mcp" if added.tier == "plugin" else "Skill"
    return Ruled(found.verdict, _plainly(found.why), _speaking(kind, policy, partial(_means, added)))


def _means(added: Added, rule: Rule) -> bool:
    """Whether a rule speaks of this tool or skill; of a server it does where it speaks of one of its tools."""
    allowing, pattern = rule.verdict == "allow", rule.pattern
    if added.tier == "skill":
        return skill.matches(pattern, added.name, allowing=allowing)
    server, _, tool = added.name.partition("/")
    if tool == STRANGE and pattern is not None:
        pattern = pattern.strip().partition("/")[0]
    return mcp.matches(pattern, f"{server}/{tool}", allowing=allowing)


def _ordinary(kind: ToolKind, root: Path) -> Access:
    """Return what an ordinary call of such a tool touches."""
    path = root / f"{STRANGE}.txt"
    match _RULES.get(kind):
        case "Read":
            return Access(reads=(path,))
        case "Edit":
            return Access(edits=(FileEdit(path, None, ""),))
        case "Bash":
            return Access(command=Command(STRANGE, root, 1.0), open_world=True)
        case "WebFetch":
            return Access(hosts=(f"https://{STRANGE}.example/",))
        case _:
            return Access(plan="A plan.") if kind == "switch_mode" else Access()


def _speaking(kind: str, policy: Policy, means: Callable[[Rule], bool] = lambda _: True) -> tuple[str, ...]:
    """Return the rules of a kind that mean this."""
    found = (it for it in policy.rules if kind and it.kind == kind and means(it))
    return tuple(dict.fromkeys(f"{it.verdict} {it.text}" for it in found))


def _plainly(why: str) -> str:
    """Return the words without the name that was made up for them."""
    plain = why.replace(f"the host {STRANGE}.example", "any host")
    return re.sub(rf"\S+/{STRANGE}", "its tools", plain).replace(STRANGE, "it")
