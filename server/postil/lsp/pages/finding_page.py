"""The page of one finding: what is wrong, and the whole change that would mend it, nothing of it cut."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from postil.core.finding import Finding
from postil.core.revealing import revealed
from postil.lsp.markdown import code, escaped, fenced

NOTHING = "No change is shown here. *Show change* at a finding shows it."
_HOW = "*Apply* and *Dismiss* are lenses and code actions here, and at those lines."
_SETTLED = "It is not open any more: it was applied or dismissed, or the session went back."


@dataclass(frozen=True, slots=True)
class Page:
    """One state of the page."""

    text: str


def page_of(finding: Finding | None, display: Callable[[Path], str], *, open_: bool) -> Page:
    """Return the page of a finding; None stands for none that was asked for."""
    parts = ["# What a finding would change"]
    if finding is None:
        return Page("\n\n".join([*parts, NOTHING]) + "\n")
    lines = (
        f"line {finding.line}" if finding.line == finding.last_line else f"lines {finding.line} to {finding.last_line}"
    )  # fmt: skip
    parts += [
        f"{finding.severity.capitalize()}: {escaped(revealed(finding.message))}",
        f"In {code(display(Path(finding.path)))}, {lines}, as they were when it was reported.",
        _HOW if open_ else _SETTLED,
        fenced("\n".join(change_of(finding)), "diff"),
    ]
    return Page("\n\n".join(parts) + "\n")


def change_of(finding: Finding) -> list[str]:
    """Return the lines that go, and those that come in their place, all of them, marked as in a diff."""
    gone = [f"-{it}" for it in revealed(finding.quote).split("\n")]
    if not finding.replacement:
        return gone
    return gone + [f"+{it}" for it in revealed(finding.replacement).removesuffix("\n").split("\n")]
