"""What goes on from where the newest turn ended: with work that ended too early, or with checks that told nothing yet."""

from __future__ import annotations

from collections.abc import Iterator

from postil.core.events import SHORT_ENDS
from postil.core.state import Workflow
from postil.lsp.chat.reply import Reply


def onward(workflow: Workflow, reply: Reply, *, resumable: bool) -> Iterator[tuple[str, str]]:
    """Yield the titles of what can be done below the newest reply, each with its method; `resumable` as its session says.

    A turn that was to check alone is tried again by checking: to go on from it would ask the model.
    """
    only_checks = reply.asked.checks
    if resumable and (workflow.queue or not only_checks):
        yield "Try again" if workflow.end == "failed" else "Go on", "session/resume"
    if reply.can_check or (only_checks and workflow.end in SHORT_ENDS):
        yield "Check now", "session/check"
