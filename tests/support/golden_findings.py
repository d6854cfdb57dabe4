"""The golden session of a review: one finding is applied, one dismissed, one kept, and one stays open; then a job runs."""

from __future__ import annotations

from postil.core import events as ev
from postil.core.finding import Finding
from postil.core.messages import Text
from tests.support.golden_parts import (
    AFTER,
    BEFORE,
    DIFF,
    begin,
    call,
    decided,
    ended,
    finished,
    prompt,
    replied,
    routed,
    started,
)

PATH = "/project/stats.py"


def finding(number: int, replacement: str | None = None) -> Finding:
    return Finding(
        id=f"f000{number}", path=PATH, line=number, quote="return total / count", severity="error",
        message=f"Division by zero, {number}.", replacement=replacement,
    )  # fmt: skip


def findings() -> list[ev.Durable]:
    turn, events = "t0001", list[ev.Durable]()
    for number in range(1, 5):
        call_id = f"call_{number}"
        events += [
            decided(turn, call_id), started(turn, call_id, "report_finding", "other", "Report a finding"),
            ev.FindingReported(turn_id=turn, call_id=call_id, finding=finding(number, "return 0" if number < 3 else None)),
            finished(turn, call_id, "report_finding", "Reported at stats.py:1."),
        ]  # fmt: skip
    edit = ev.EditIntent(path=PATH, before=BEFORE, after=AFTER, in_editor=True)
    return [
        *begin("plan"), prompt(turn, "Review it."), routed(turn),
        replied(turn, 1, *(call(f"call_{n}", "report_finding", path="stats.py") for n in range(1, 5)), stop="tool_use"),
        *events,
        replied(turn, 2, Text(text="Four findings.")), ended(turn, steps=2),
        ev.FindingApplying(finding_id="f0001", change_id="c0001", label="Apply: Division by zero.", edit=edit, face="lsp"),
        ev.FileChanged(
            turn_id=None, call_id=None, change_id="c0001", label="Apply: Division by zero.", path=PATH, before=BEFORE, after=AFTER,
            added=1, removed=1, where="buffer", diff=DIFF,
        ),
        ev.FindingSettled(finding_id="f0001", how="applied", face="lsp"),
        ev.FindingApplying(finding_id="f0002", change_id="c0002", label="Apply: Division by zero.", edit=edit, face="lsp"),
        ev.FindingSettled(finding_id="f0002", how="kept", why="The editor takes no edits.", face="lsp"),
        ev.FindingSettled(finding_id="f0003", how="dismissed", face="lsp"),
        prompt("t0002", "Serve it."), routed("t0002"),
        replied("t0002", 1, call("call_9", "shell", command="npm start", background=True), stop="tool_use"),
        decided("t0002", "call_9"), started("t0002", "call_9", "shell", "execute", "Run in the background: npm start"),
        ev.JobStarted(
            job_id="j0001", turn_id="t0002", call_id="call_9", command="npm start", cwd="/project", pid=4242, started=77.5,
            machine="4f0c pid:[4026531836]",
        ),
        finished("t0002", "call_9", "shell", "It runs in the background as job j0001."),
        replied("t0002", 2, Text(text="It runs.")), ended("t0002", steps=2),
        ev.JobEnded(job_id="j0001", how="ended", exit_code=1, seconds=12.5),
    ]  # fmt: skip
