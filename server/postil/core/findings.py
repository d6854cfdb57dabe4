"""Events about findings: each is on record from when it is reported until it is settled."""

from __future__ import annotations

from typing import Literal

from postil.core.changes import EditIntent
from postil.core.event import Event
from postil.core.finding import Finding


class FindingReported(Event):
    """The agent has found something."""

    type: Literal["FindingReported"] = "FindingReported"
    turn_id: str
    call_id: str
    finding: Finding


class FindingApplying(Event):
    """What mends a finding is about to be put into its file, because a person chose *Apply*: written and synced before."""

    type: Literal["FindingApplying"] = "FindingApplying"
    finding_id: str
    change_id: str
    label: str
    edit: EditIntent
    face: str = ""


class FindingSettled(Event):
    """What became of a finding: `kept` is one whose mend was not put in, and it stays."""

    type: Literal["FindingSettled"] = "FindingSettled"
    finding_id: str
    how: Literal["applied", "dismissed", "kept"]
    why: str = ""
    """Why it was kept, one sentence."""
    face: str = ""
