"""Which hooks run about something: those in force whose matcher is the whole of its name, or of the name that other agents know it by."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from postil.agent.parts import Parts
from postil.core.hooks import Hook, Moment

OTHER_NAMES: Mapping[str, tuple[str, ...]] = {
    "shell": ("Bash",), "read": ("Read",), "edit": ("Edit", "MultiEdit"), "write": ("Write",), "glob": ("Glob",), "grep": ("Grep",),
    "list": ("LS",), "fetch": ("WebFetch",), "todo": ("TodoWrite",), "delegate": ("Task", "Agent"), "skill": ("Skill",),
    "ask_user": ("AskUserQuestion",),
}  # fmt: skip
"""The names of tools in hooks that were written for another agent."""


def in_force(parts: Parts) -> Sequence[Hook]:
    """Return the hooks in force, in the order in which they run."""
    return (*parts.hooks, *parts.trust.now.hooks)


def fitting(hooks: Sequence[Hook], moment: Moment, name: str = "") -> Iterator[Hook]:
    """Yield the hooks that run at a moment about what has this name, each command once."""
    seen: set[tuple[str, str]] = set()
    for it in hooks:
        if it.moment == moment and matches(it.matcher, name) and (it.command, it.owner) not in seen:
            seen.add((it.command, it.owner))
            yield it


def matches(matcher: str, name: str) -> bool:
    """Whether a hook is about what has this name. A matcher that cannot be tried is about everything."""
    if not matcher or not name:
        return True
    try:
        return any(re.fullmatch(matcher, it) for it in (name, *OTHER_NAMES.get(name, ())))
    except re.error:
        return True
