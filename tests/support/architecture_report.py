"""The report that the scripted model writes: words that were written beforehand, around rows that the collector found.

`make gen` writes the one in docs/reports anew, where a place that it cites is not what the code says any more.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator
from pathlib import Path

from postil.tools.evidence.gathering import gather
from postil.tools.evidence.row import Evidence, Row
from postil.workspace.local import LocalWorkspace

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "server" / "postil"
COMMITTED = ROOT / "docs" / "reports" / "agent-architecture-postil.md"
CITED = re.compile(r"`([\w./-]+):(\d+)`(?:\n\n    (.*))?")
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


async def collected(folder: Path) -> Evidence:
    """Return what the collector finds in a package, which is looked at as a part of the folder around it."""
    workspace = LocalWorkspace([folder.parent], rg=None)
    try:
        return await gather(folder, workspace)
    finally:
        workspace.close()


def stale(report: str, evidence: Evidence, package: Path) -> Iterator[str]:
    """Yield what a report says that is not true, or not so any more: of each place, that its line is a row and is the one that is quoted."""
    rows = {it.place for it in evidence.rows}
    for match in CITED.finditer(report):
        file, number, quote = match[1], match[2], match[3] or ""
        path, at = package / file, int(number) - 1
        lines = path.read_text("utf-8").split("\n") if path.is_file() else []
        if quote and (at >= len(lines) or lines[at] != quote):
            yield f"line {number} of {file} is not `{quote.strip()}`"
        elif f"{file}:{number}" not in rows:
            yield f"{file}:{number} is no row of the collector"
    if shape(report) != shape(written(evidence)[0]):
        yield "its words are not those of the template, or it has other rows"


def main() -> None:
    """Write the report anew where it is stale; where it is true it stays, so that not every commit changes it."""
    evidence = asyncio.run(collected(PACKAGE))
    if next(stale(COMMITTED.read_text("utf-8"), evidence, PACKAGE), None) is not None:
        COMMITTED.write_text(written(evidence)[0], encoding="utf-8")
        print(f"written: {COMMITTED.relative_to(ROOT).as_posix()}")


if __name__ == "__main__":
    main()
