"""What a benchmark hands back, and how it is shown."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

TIMES = "\N{MULTIPLICATION SIGN}"


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured number beside its bound."""

    what: str
    value: float
    unit: str
    bound: float | None = None
    """The most that is accepted; None where the number is only shown."""
    goal: float | None = None
    behind: str = ""
    """The numbers that it was computed from."""

    @property
    def verdict(self) -> Literal["ok", "over", ""]:
        """Whether the bound is kept."""
        if self.bound is None:
            return ""
        return "ok" if self.value <= self.bound else "over"

    def as_data(self) -> dict[str, Any]:
        """Return the figure for programs."""
        return {**asdict(self), "verdict": self.verdict}


def p50(values: Sequence[float]) -> float:
    """Return the median."""
    return statistics.median(values)


def p90(values: Sequence[float]) -> float:
    """Return the value that nine in ten do not exceed."""
    return sorted(values)[max(0, -(-len(values) * 9 // 10) - 1)]


def p95(values: Sequence[float]) -> float:
    """Return the value that nineteen in twenty do not exceed."""
    return sorted(values)[max(0, -(-len(values) * 19 // 20) - 1)]


def p99(values: Sequence[float]) -> float:
    """Return the value that ninety-nine in a hundred do not exceed."""
    return sorted(values)[max(0, -(-len(values) * 99 // 100) - 1)]


def ms(seconds: float) -> float:
    """Return seconds as milliseconds, rounded for people."""
    return round(seconds * 1000, 2)


def table(rows: Sequence[tuple[str, Figure]]) -> str:
    """Return the figures as text in columns."""
    cells = [("", "figure", "bound", "goal", "", "behind it")]
    cells += [
        (figure.what, f"{figure.value:g} {figure.unit}", _limit(figure.bound), _limit(figure.goal), figure.verdict,
         figure.behind)
        for _, figure in rows
    ]  # fmt: skip
    widths = [max(len(row[column]) for row in cells) for column in range(5)]
    return "\n".join("  ".join([*(cell.ljust(width) for cell, width in zip(row, widths, strict=False)), row[5]]).rstrip()
                     for row in cells)  # fmt: skip


def _limit(value: float | None) -> str:
    return "" if value is None else f"{value:g}"
