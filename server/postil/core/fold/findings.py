"""How findings change the state: each is open from when it is reported until a person settles it, or goes back to before it."""

from __future__ import annotations

from postil.core import events as ev
from postil.core.finding import OpenFinding
from postil.core.state import State


def reported(state: State, event: ev.FindingReported, record: ev.Recorded) -> None:
    """Keep a finding; one that says the same as an earlier one takes its place."""
    new = event.finding
    others = (it for it in state.workflow.findings if not it.finding.same_as(new))
    state.workflow.findings = (*others, OpenFinding(finding=new, seq=record.seq))


def applying(state: State, event: ev.FindingApplying, _: ev.Recorded) -> None:
    """Keep what is about to be put in."""
    state.workflow.applying = event


def settled(state: State, event: ev.FindingSettled, _: ev.Recorded) -> None:
    """Drop a finding that was applied or dismissed."""
    workflow = state.workflow
    if workflow.applying is not None and workflow.applying.finding_id == event.finding_id:
        workflow.applying = None
    if event.how != "kept":
        workflow.findings = tuple(it for it in workflow.findings if it.finding.id != event.finding_id)


def cut_findings(state: State, seq: int) -> None:
    """Go back to before an event: what was reported since is not."""
    state.workflow.findings = tuple(it for it in state.workflow.findings if it.seq < seq)
