"""Permission modes: each TOML file here is a mode, a title and rules; where two are in force, each forbids what it forbids."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files

from postil.core.errors import UsageError
from postil.permissions.rule import Rule, parse


@dataclass(frozen=True, slots=True)
class Mode:
    """A named set of rules that a person switches as one."""

    name: str
    title: str
    summary: str
    rules: tuple[Rule, ...]
    deny_questions: bool
    """Whether what would be asked is denied."""
    only_reads: bool
    """Whether commands run only where they are known to read."""

    @property
    def tightens(self) -> bool:
        """Whether something is forbidden or asked about in it that the default mode allows."""
        return self.deny_questions or self.only_reads or any(it.verdict != "allow" for it in self.rules)


@cache
def modes() -> dict[str, Mode]:
    """Return every mode by name, in order of name."""
    found = sorted(
        (it for it in files("postil.permissions.modes").iterdir() if it.name.endswith(".toml")),
        key=lambda it: it.name,
    )
    return {
        it.name.removesuffix(".toml"): _load(it.name.removesuffix(".toml"), it.read_text("utf-8"))
        for it in found
    }


def choices() -> list[tuple[str, str, str]]:
    """Return the name, the title and the summary of each mode, for whoever chooses one."""
    return [(it.name, it.title, it.summary) for it in modes().values()]


def mode(name: str) -> Mode:
    """Return the mode of that name; raises UsageError naming those that exist."""
    try:
        return modes()[name]
    except KeyError:
        raise UsageError(f"No mode {name!r}.", f"The modes are {', '.join(modes())}.") from None


def both(chosen: str, *held: str) -> Mode:
    """Return what is in force in the mode that a person has chosen while an agent type, or what is above, holds others; an empty
    name is none.

    A held one forbids and asks as a rule of the type, and allows nothing; of what the chosen one allows only that is left
    which the held one allows as well.
    """
    found = mode(chosen)
    for name in dict.fromkeys(it for it in held if it):
        found = _holding(found, mode(name))
    return found


def _holding(mine: Mode, its: Mode) -> Mode:
    allows = {it.text for it in its.rules if it.verdict == "allow"}
    kept = (it for it in mine.rules if it.verdict != "allow" or it.text in allows)
    forbids = (replace(it, source="agent_type") for it in its.rules if it.verdict != "allow")
    return Mode(
        f"{its.name} and {mine.name}",
        its.title,
        its.summary,
        (*forbids, *kept),
        mine.deny_questions or its.deny_questions,
        mine.only_reads or its.only_reads,
    )


def _load(name: str, text: str) -> Mode:
    data = tomllib.loads(text)
    rules = tuple(
        parse(rule, verdict, "mode") for verdict in ("deny", "ask", "allow") for rule in data.get(verdict, [])
    )
    return Mode(
        name,
        data["title"],
        data["summary"],
        rules,
        bool(data.get("deny_questions")),
        bool(data.get("only_reads")),
    )
