"""The checks of the shell guard: one small file each, with its own examples; all of them look at every line."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache

from postil.permissions.shell.part import Finding, View

Find = Callable[[View], Iterator[Finding]]


@dataclass(frozen=True, slots=True)
class Examples:
    """Lines, in a workspace `/ws` of the home `/home/me`, on which a check fires, and such on which nothing does."""

    ask: tuple[str, ...] = ()
    deny: tuple[str, ...] = ()
    auto: tuple[str, ...] = ()
    spared: tuple[str, ...] = ()
    """Lines that this check leaves alone, though another one may ask about them."""


@dataclass(frozen=True, slots=True)
class Check:
    """One check: its name as decisions carry it, what it looks for, and lines that show it."""

    name: str
    summary: str
    find: Find
    examples: Examples


@cache
def checks() -> tuple[Check, ...]:
    """Return every check, by name. A module of this folder is one; its name, with dashes, is the check's."""
    found: list[Check] = []
    for module in sorted(it.name for it in pkgutil.iter_modules(__path__)):
        loaded = importlib.import_module(f"{__name__}.{module}")
        summary = (loaded.__doc__ or "").strip().splitlines()[0]
        found.append(Check(module.replace("_", "-"), summary, loaded.find, loaded.EXAMPLES))
    return tuple(found)
