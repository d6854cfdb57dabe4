"""Evidence as data: rows, what they are about, and all that was found in a tree."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Literal

SCHEMA = "postil-evidence-1"

Kind = Literal["missing", "smell", "present"]
"""`present`: the code does what the principle wants. `smell`: it does what the principle warns of. `missing`: nothing was
recognised where something should be, and the line is the place that lacks it."""

KINDS: tuple[Kind, ...] = ("missing", "smell", "present")

PRINCIPLES: Mapping[str, str] = {
    "loop": "Loop",
    "tool-metadata": "Tool metadata",
    "permission-tiers": "Permission tiers",
    "fail-closed": "Fail closed",
    "durability": "Durability and workflow state",
    "budgets": "Budgets",
    "events-and-audit": "Events and audit",
    "verification": "Verification",
    "agent-types": "Agent types",
    "deferral": "Deferral",
    "cache-boundary": "Cache boundary",
    "memory-tiers": "Memory tiers",
    "over-engineering": "Over-engineering",
}
"""The twelve, in order, and what stands over all of them: what could be left out."""


@dataclass(frozen=True, slots=True)
class Row:
    """One thing that was seen, and where."""

    principle: str
    kind: Kind
    rule: str
    weight: int
    """From 1 to 3: how much it says."""
    file: str
    """Relative to what was looked at, with `/`; empty where nothing in the tree is the place."""
    line: int
    """From 1; 0 without a file."""
    quote: str
    """The line of the file, whole and as it is."""
    note: str

    @property
    def place(self) -> str:
        """File and line as people write them."""
        return f"{self.file}:{self.line}" if self.file else "nowhere"


def order(row: Row) -> tuple[int, int, int, str, str, int]:
    """Return the key by which rows are listed: principle, what weighs most, place."""
    return (
        list(PRINCIPLES).index(row.principle),
        KINDS.index(row.kind),
        -row.weight,
        row.rule,
        row.file,
        row.line,
    )


@dataclass(frozen=True, slots=True)
class Evidence:
    """All rows of a tree, in order, and what was left out."""

    rows: tuple[Row, ...]
    found: Mapping[str, int]
    """How often each rule was met, also where not every row is kept."""
    files: int = 0
    tests: int = 0
    lines: int = 0
    left_out: tuple[str, ...] = ()
    """What was not looked at and why, a sentence each."""

    @property
    def digest(self) -> str:
        """The same for the same evidence, so that pages of it are known to belong together."""
        return hashlib.sha256("\n".join(json_lines(self)).encode()).hexdigest()[:12]


def json_lines(evidence: Evidence, principle: str | None = None) -> Iterator[str]:
    """Yield one JSON object for the whole and one for each row, or each of one principle: the same bytes for the same files."""
    whole = {
        "type": "evidence",
        "schema": SCHEMA,
        "files": evidence.files,
        "tests": evidence.tests,
        "lines": evidence.lines,
        "left_out": list(evidence.left_out),
        "found": dict(sorted(evidence.found.items())),
    }
    yield json.dumps(whole)
    yield from (
        json.dumps({"type": "row", **asdict(it)}) for it in evidence.rows if principle in {None, it.principle}
    )
