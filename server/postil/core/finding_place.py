"""Where the lines of a finding stand by now."""

from __future__ import annotations

from collections.abc import Sequence

from postil.core.finding import Finding
from postil.core.redaction.marks import OPENS


def place_of(finding: Finding, lines: Sequence[str]) -> int | None:
    """Return the index of its first line in a text's lines, the nearest to where it was; None where its lines are gone.

    Line endings do not count. Lines with a secret, which are not on record word for word, are taken to be where they were.
    """
    wanted = finding.quote.split("\n")
    first = finding.line - 1

    def stands(at: int) -> bool:
        return all(line.rstrip("\r\n") == it for line, it in zip(lines[at:], wanted, strict=False))

    last = len(lines) - len(wanted)
    if 0 <= first <= last and (OPENS in finding.quote or stands(first)):
        return first
    found = (at for at in range(last + 1) if lines[at].rstrip("\r\n") == wanted[0] and stands(at))
    return min(found, key=lambda at: abs(at - first), default=None)
