"""One thing that a kind of rule speaks of, a command line, a path or an address, decided as the tools decide about it."""

from __future__ import annotations

from collections.abc import Sequence

from postil.core.effects import Added
from postil.permissions.added_tools import decide_added
from postil.permissions.addresses import decide_address
from postil.permissions.closing import closed_by
from postil.permissions.command import CommandDecision, decide
from postil.permissions.file_access import decide_file
from postil.permissions.matching import Ruling
from postil.permissions.rule import Rule
from postil.permissions.shell.files import GivenFiles
from postil.permissions.shell.surroundings import Surroundings

EXAMPLE_WORLD = Surroundings(
    ("/workspace",),
    "/workspace",
    "/home/you",
    GivenFiles({}, {}, {}),
    own=("/etc/postil", "/home/you/.config/postil"),
)
"""A workspace in which every file that is named is there: examples mean the same on every machine."""


def decide_thing(kind: str, thing: str, rules: Sequence[Rule], around: Surroundings) -> Ruling:
    """Decide about what a rule of this kind speaks of."""
    if kind == "Bash":
        return of_command(decide(thing, rules, closed_by(around, rules)))
    if kind == "WebFetch":
        return decide_address(thing, rules)
    if kind == "Mcp":
        return decide_added(Added("plugin", thing), rules)
    if kind == "Skill":
        return decide_added(Added("skill", thing), rules)
    return decide_file(thing, "read" if kind == "Read" else "write", rules, around)


def of_command(decision: CommandDecision) -> Ruling:
    """Return the decision about a command as one about any thing."""
    verdict = "allow" if decision.verdict == "auto" else decision.verdict
    return Ruling(verdict, decision.reason, decision.rule, decision.checks)


def at_home(path: str, around: Surroundings) -> str:
    """Return an example's path with the home that it begins with, as patterns have it."""
    return f"{around.home}{path[1:]}" if path.startswith("~/") else path
