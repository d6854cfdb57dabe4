"""What skills leave out while they are active: `allowed-tools` narrows what may be used until the turn ends, and allows nothing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from postil.agent.delegating.above import Above
from postil.agent.hooking.matching import OTHER_NAMES
from postil.agent.hooking.moments import NOTHING, Wish
from postil.core.effects import Access
from postil.core.errors import ConfigurationError
from postil.core.skills import ActiveSkill, leaving_out
from postil.core.state import CallState, Workflow
from postil.permissions.evaluate import evaluate
from postil.permissions.kinds import bash
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
    if _means([pattern for _, pattern in fitting], access, policy):
        return NOTHING
    meant = ", ".join(f"{name}({pattern})" for name, pattern in fitting)
    return Wish(asks=f"the skill {skill.name}, which is active, means only {meant}")


def _means(patterns: Sequence[str], access: Access, policy: Policy) -> bool:
    """Whether patterns of a skill cover all that a call would touch. What is allowed without a rule, such as reading in the
    workspace and commands that only read, is covered by none for that."""
    kind = _kind(access)
    rules = [rule for it in patterns for rule in _rules(kind, it)]
    if not rules:
        return False
    edited = {path for it in access.edits for path in (it.path, it.moved_from)}
    # An edit reads what it edits; what a person has typed is saved or not, whatever a skill means.
    seen = replace(access, reads=tuple(it for it in access.reads if it not in edited), saves=())
    own = Policy(tuple(rules), policy.roots, around=policy.around, only_by_rules=True)
    found = evaluate(seen, own)
    if found.verdict != "allow":
        return False
    if found.judgement is None:
        return bool(found.rule)
    # A line that is only allowed for what it reads, or beside what the patterns mean, is another one.
    direct = [it for it in found.judgement.every if not it.through]
    return bool(direct) and all(any(bash.covers(it, part) for it in patterns) for part in direct)


def _kind(access: Access) -> str:
    if access.command is not None:
        return "Bash"
    if access.edits:
        return "Edit"
    if access.hosts:
        return "WebFetch"
    return "Read" if access.reads else ""


def _rules(kind: str, pattern: str) -> Iterator[Rule]:
    """Yield what a pattern allows; `docs/**` means the folder as well, where that is read."""
    folder = pattern.removesuffix("/**")
    whole = kind == "Read" and folder != pattern and not set("*?[") & set(folder.rpartition("/")[2])
    for it in (pattern, folder) if whole and folder.strip("./~") else (pattern,):
        try:
            yield parse(f"{kind}({it})", "allow", "session")
        except ConfigurationError:
            continue
