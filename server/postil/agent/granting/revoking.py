"""Taking back what a person allowed in a session."""

from __future__ import annotations

from postil.agent.emitter import Emitter
from postil.core.events import GrantRevoked
from postil.core.submissions import Revoke


async def revoked(revoke: Revoke, emitter: Emitter) -> bool:
    """Put on record that a grant counts no more; returns whether the session had it."""
    if all(it.id != revoke.grant_id for it in emitter.state.workflow.grants):
        return False
    await emitter.emit(GrantRevoked(grant_id=revoke.grant_id, face=revoke.face), sync=True)
    return True
