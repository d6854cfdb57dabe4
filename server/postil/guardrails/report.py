"""What trying the invariants has shown: for each that it holds, or what broke it, where, and the mend."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that breaks an invariant, or weakens it."""

    what: str
    """What was seen, as a sentence without its full stop."""
    where: str = ""
    """A file, with its line where that is known, or the name of a tool, a rule or a type."""
    mend: str = ""
    """What to do about it, as a sentence without its full stop."""
    weak: bool = False
    """Whether the invariant holds all the same, though less than it could: that is told and stops nothing."""
    untried: bool = False
    """Whether it is not known if the invariant holds: nothing was seen to break it, and nothing to hold it."""

    @property
    def words(self) -> str:
        """What, where and the mend, in one line."""
        where = f"{self.where}: " if self.where else ""
        mend = f" {self.mend}." if self.mend else ""
        return f"{where}{self.what}.{mend}"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What was found of one invariant."""

    name: str
    title: str
    findings: tuple[Finding, ...] = ()
    stuck: bool = False
    """Whether trying it took too long."""

    @property
    def holds(self) -> bool:
        """Whether nothing breaks it."""
        return all(it.weak for it in self.findings)

    @property
    def untried(self) -> bool:
        """Whether it does not count as holding for no other reason than that it could not be tried."""
        return not self.holds and all(it.weak or it.untried for it in self.findings)

    @property
    def verdict(self) -> str:
        """What is said before its title."""
        return "holds " if self.holds else "UNTRIED" if self.untried else "BROKEN"


@dataclass(frozen=True, slots=True)
class Report:
    """What was found of all of them, in the harness that has the digest."""

    digest: str
    outcomes: tuple[Outcome, ...]
    seconds: float

    @property
    def holds(self) -> bool:
        """Whether all of them hold."""
        return all(it.holds for it in self.outcomes)

    def data(self) -> dict[str, Any]:
        """Return it as JSON-able data."""
        return {
            "digest": self.digest,
            "holds": self.holds,
            "seconds": round(self.seconds, 3),
            "invariants": [_row(it) for it in self.outcomes],
        }

    def lines(self) -> Sequence[str]:
        """Return it for people: one line for each invariant, and one below it for each thing that was found."""
        found: list[str] = []
        for it in self.outcomes:
            found.append(f"{it.verdict:7} {it.title}")
            found += (f"        {'note: ' if one.weak else ''}{one.words}" for one in it.findings)
        return found


def _row(it: Outcome) -> dict[str, Any]:
    findings = [
        {"what": one.what, "where": one.where, "mend": one.mend, "weak": one.weak, "untried": one.untried}
        for one in it.findings
    ]
    return {
        "name": it.name,
        "title": it.title,
        "holds": it.holds,
        "untried": it.untried,
        "findings": findings,
    }
