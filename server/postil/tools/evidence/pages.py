"""Evidence as text, for a model page by page and for people whole."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from postil.core.cutting import beginning
from postil.core.revealing import cut, revealed
from postil.tools.evidence.row import KINDS, PRINCIPLES, Evidence, Kind, Row

_LINE = 300
"""Characters of a line that a page shows."""


@dataclass(frozen=True, slots=True)
class Page:
    """A part of the rows as text."""

    lines: tuple[str, ...]
    last: int
    """The number of the last row that it has; 0 without any."""


def chosen(evidence: Evidence, principle: str | None = None, kind: Kind | None = None) -> list[Row]:
    """Return the rows of a principle, of a kind, or all."""
    return [it for it in evidence.rows if principle in {None, it.principle} and kind in {None, it.kind}]


def summary(evidence: Evidence) -> Iterator[str]:
    """Yield how much was looked at and how many rows each principle has."""
    yield f"{evidence.files:,} files ({evidence.tests:,} of tests), {evidence.lines:,} lines, {len(evidence.rows):,} rows. Digest {evidence.digest}."
    for principle, title in PRINCIPLES.items():
        counts = (
            sum(it.principle == principle and it.kind == kind for it in evidence.rows) for kind in KINDS
        )
        yield f"  {title}: " + ", ".join(
            f"{number} {kind}" for number, kind in zip(counts, KINDS, strict=True)
        )
    yield from (f"Left out: {revealed(it)}" for it in evidence.left_out)


def page(rows: Sequence[Row], evidence: Evidence, first: int, limit: int | None) -> Page:
    """Return the rows from a number on, whole ones only and at least one, under their rules."""
    lines: list[str] = []
    used, last, rule = 0, 0, ""
    for number, row in enumerate(rows[first - 1 :], first):
        block = [*(_heading(row, evidence) if row.rule != rule else ()), *_shown(row, number)]
        used += sum(len(it) + 1 for it in block)
        if limit is not None and used > limit and lines:
            break
        lines += block
        last, rule = number, row.rule
    return Page(tuple(lines), last)


def _heading(row: Row, evidence: Evidence) -> Iterator[str]:
    yield f"[{row.rule}] {row.kind}, weight {row.weight}, met {evidence.found[row.rule]:,} times: {row.note}"


def _shown(row: Row, number: int) -> Iterator[str]:
    place = revealed(row.place).replace("\n", "\\n")
    quote = row.quote if len(row.quote) <= _LINE else beginning(cut(row.quote, _LINE))
    yield f"{number}. {place}"
    yield f"   | {revealed(quote)}"
