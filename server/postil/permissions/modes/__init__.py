"""Permission modes: each TOML file here is a mode, a title and rules."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
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


def mode(name: str) -> Mode:
    """Return the mode of that name; raises UsageError naming those that exist."""
    try:
        return modes()[name]
    except KeyError:
        raise UsageError(f"No mode {name!r}.", f"The modes are {', '.join(modes())}.") from None


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
