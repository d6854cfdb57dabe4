"""The table of rules: what each is about, what its rows say, and the names and lines by which most are found."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from postil.tools.evidence.row import Kind, Row

TABLE = Path(__file__).with_name("rules.toml")
PLACES = ("definition", "call", "argument", "field", "import")
"""Where a name stands in Python, if a rule does not say; `text` is for the few that stand in texts which are sent."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One row of the table."""

    id: str
    kind: Kind
    weight: int
    note: str
    words: re.Pattern[str] | None = None
    where: frozenset[str] = frozenset(PLACES)
    lines: Mapping[str, re.Pattern[str]] = field(default_factory=dict[str, re.Pattern[str]])
    unless: tuple[str, ...] = ()
    when: tuple[str, ...] = ()

    @property
    def principle(self) -> str:
        """The principle that it is about."""
        return self.id.partition("/")[0]

    def row(self, file: str, line: int, quote: str) -> Row:
        """Return a row of it."""
        return Row(self.principle, self.kind, self.id, self.weight, file, line, quote, self.note)


@cache
def rules() -> Mapping[str, Rule]:
    """Return all rules by their ids, in the table's order. Blocking, once."""
    data = tomllib.loads(TABLE.read_text("utf-8"))
    return {it["id"]: _rule(it) for it in data["rule"]}


def _rule(it: Mapping[str, Any]) -> Rule:
    return Rule(
        it["id"],
        it["kind"],
        it["weight"],
        it["note"],
        re.compile(it["words"]) if "words" in it else None,
        frozenset(it.get("where", PLACES)),
        {kind: re.compile(pattern) for kind, pattern in it.get("lines", {}).items()},
        tuple(it.get("unless", ())),
        tuple(it.get("when", ())),
    )


@cache
def signals() -> tuple[Rule, ...]:
    """Return the rules that are found by names."""
    return tuple(it for it in rules().values() if it.words is not None)


@lru_cache(maxsize=20_000)
def meant_by(name: str) -> tuple[Rule, ...]:
    """Return the rules that a name is a signal of. Names are few beside their uses."""
    return tuple(it for it in signals() if it.words is not None and it.words.search(name))
