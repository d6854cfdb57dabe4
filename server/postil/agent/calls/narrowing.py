"""What skills leave out while they are active: `allowed-tools` narrows what may be used until the turn ends, and allows nothing."""

from __future__ import annotations

from collections.abc import Sequence

from postil.agent.delegating.above import Above
from postil.agent.hooking.matching import OTHER_NAMES
from postil.agent.hooking.moments import NOTHING, Wish
from postil.core.effects import Access
from postil.core.errors import ConfigurationError
from postil.core.skills import ActiveSkill, leaving_out
from postil.core.state import CallState, Workflow
from postil.permissions.evaluate import evaluate
from postil.permissions.policy import Policy
from postil.permissions.rule import Rule, parse

ALWAYS = frozenset({"ask_user", "find_tools", "recall", "skill", "todo"})
"""What every skill may use: it changes nothing and reaches nowhere."""


def limits_of(workflow: Workflow, call: CallState, above: Above | None) -> tuple[ActiveSkill, ...]:
    """Return the skills that may leave out this call: the session's own, and those of the sessions that it works for."""
    if call.as_wanted.name in ALWAYS:
        return ()
    own = leaving_out(workflow.active.values(), call.turn_id)
    return (*(above.skills if above is not None else ()), *own)


def narrowed(limits: Sequence[ActiveSkill], tool: str, access: Access, policy: Policy) -> Wish:
    """Return what becomes of a call by the skills that are active. It looks at the disk where the access does."""
    wish = NOTHING
    for skill in limits:
        wish = wish.also(_by(skill, tool, access, policy))
    return wish


def _by(skill: ActiveSkill, tool: str, access: Access, policy: Policy) -> Wish:
    names = {tool, *OTHER_NAMES.get(tool, ())}
    entries = [it.partition("(") for it in skill.allowed or ()]
    fitting = [(name, pattern.removesuffix(")")) for name, _, pattern in entries if name in names]
    if not fitting:
        return Wish(denies=f"the skill {skill.name}, which is active, leaves out `{tool}`", source="skill")
    if any(not pattern for _, pattern in fitting):
        return NOTHING
    rules = [rule for name, pattern in fitting if (rule := _rule(name, tool, pattern)) is not None]
    found = evaluate(access, Policy(tuple(rules), policy.roots, around=policy.around))
    if found.verdict == "allow" and found.rule:
        return NOTHING
    meant = ", ".join(f"{name}({pattern})" for name, pattern in fitting)
    return Wish(asks=f"the skill {skill.name}, which is active, means only {meant}")


def _rule(name: str, tool: str, pattern: str) -> Rule | None:
    kinds = {
        "shell": "Bash",
        "read": "Read",
        "grep": "Read",
        "glob": "Read",
        "list": "Read",
        "fetch": "WebFetch",
    }
    try:
        return parse(
            f"{kinds.get(tool, 'Edit' if tool in ('edit', 'write') else name)}({pattern})", "allow", "session"
        )
    except ConfigurationError:
        return None
