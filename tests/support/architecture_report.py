"""The report that the scripted model writes: words that were written beforehand, around rows that the collector found."""

from __future__ import annotations

import re
from pathlib import Path

from postil.tools.evidence.row import Evidence, Row

TEMPLATE = Path(__file__).with_suffix(".md")
_MARK = re.compile(r"\{\{(\w+)(?: (\S+))?(?: (\S+))?\}\}")


def written(evidence: Evidence) -> tuple[str, list[Row]]:
    """Return the report with the rows of this evidence in it, and those rows."""
    cited: list[Row] = []

    def fill(match: re.Match[str]) -> str:
        what, rule, file = match.groups()
        if rule is None:
            return f"{getattr(evidence, what):,}" if what != "digest" else evidence.digest
        rows = [it for it in evidence.rows if it.rule == rule and file in {None, it.file}]
        assert rows, (
            f"the report speaks of {rule} in {file}, and there is no such row any more: change {TEMPLATE.name}"
        )
        chosen = rows if what == "rows" else rows[:1]
        cited.extend(chosen)
        if what == "place":
            return f"`{rows[0].place}`"
        return "\n\n".join(f"`{it.place}`\n\n    {it.quote}" for it in chosen)

    return _MARK.sub(fill, TEMPLATE.read_text("utf-8")), cited


def shape(report: str) -> str:
    """Return a report without what changes with every commit: line numbers, counts and digests."""
    text = re.sub(r"`([\w./-]+):\d+`", r"`\1:N`", report)
    text = re.sub(r"evidence [0-9a-f]{12}", "evidence X", text)
    return re.sub(r"[\d,]+ (files|lines)", r"N \1", text)
