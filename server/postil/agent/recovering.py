"""What opening a session again settles: everything that a crash came into is ended, and nothing is run."""

from __future__ import annotations

from postil.agent.background.jobs import SessionJobs
from postil.agent.budgets.admission import reconcile
from postil.agent.calls.settle import settle_left
from postil.agent.compacting.compactor import Compactor
from postil.agent.emitter import Emitter
from postil.agent.hooking.moments import end_left
from postil.agent.parts import Parts
from postil.agent.rewinding.rewind import Rewinds
from postil.core.events import SessionResumed


async def recover(
    resumed: SessionResumed,
    emitter: Emitter,
    parts: Parts,
    compactor: Compactor,
    rewinds: Rewinds,
    jobs: SessionJobs,
) -> None:
    """Record that a process opened the session again, and settle what it finds begun."""
    await emitter.emit(resumed, sync=True)
    workflow = emitter.state.workflow
    if not resumed.clean:
        await reconcile(emitter.state, emitter.session_id, parts.ledger)
    await end_left(emitter)
    await compactor.recover()
    await rewinds.recover()
    await jobs.recover()
    if workflow.applying is not None:
        from postil.agent.findings import Findings  # noqa: PLC0415 - loaded with the first

        await Findings(emitter, parts).recover()
    if workflow.subagents:
        from postil.agent.delegating.recovering import recover_left  # noqa: PLC0415 - most sessions have none

        await recover_left(emitter, parts, resumed.face)
    await settle_left(emitter, parts.workspace, parts.shell)
