"""From a call that is wished for to what may run: prepared, held against hooks and permissions, and looked at again after a wait."""

from __future__ import annotations

from dataclasses import dataclass, replace

from postil.agent.calls.finish import Finish
from postil.agent.calls.permit import Permission, Permit
from postil.agent.calls.saves import CANCELLED, Saves, Sees
from postil.agent.calls.sight import Sight
from postil.agent.emitter import Emitter
from postil.agent.hooking.moments import Moments
from postil.agent.intake import check_marks
from postil.agent.parts import Parts
from postil.agent.questions import Questions
from postil.agent.types.in_session import session_tools
from postil.core.effects import Invocation
from postil.core.state import CallState


@dataclass(frozen=True, slots=True)
class Agreed:
    """A call that may run."""

    invocation: Invocation
    permission: Permission
    sees: Sees


class Agreeing:
    """Comes to what may run of the calls of one session."""

    def __init__(
        self, emitter: Emitter, parts: Parts, questions: Questions, permit: Permit, moments: Moments
    ) -> None:
        self._emitter = emitter
        self._parts = parts
        self._permit = permit
        self._saves = Saves(emitter, parts, questions)
        self._sight = Sight(emitter.state)
        self._moments = moments

    async def agreed(self, call: CallState) -> Agreed | Finish | None:
        """Return what may run now; otherwise how the call ends without running, or None where what was decided about is not
        what there is now. Raises ToolError."""
        outside = await self._permit.outside_pool(call)
        if outside is not None:
            return Finish("denied", outside.content, details=outside.details)
        invocation = await self._prepare(call)
        check_marks(invocation)
        wish = await self._moments.before_call(call, invocation.kind)
        if wish.changed:
            return None
        permission = await self._permit.permission(call, invocation, wish)
        if permission.denied:
            return Finish("denied", permission.content, details=permission.details)
        if permission.asked:
            # Time has passed: what was approved is what runs, or it is asked again.
            again = await self._prepare(call)
            if again.fingerprint != invocation.fingerprint or not await self._permit.stands(
                permission, again
            ):
                return None
            invocation = again
        sees: Sees = "as_saved"
        if invocation.access.unsaved and not permission.only_reads:
            sees = await self._saves.settle(call, invocation)
            if sees == "cancelled":
                return Finish("cancelled", CANCELLED)
            if not await self._permit.stands(permission, invocation):
                return None
        return Agreed(invocation, permission, sees)

    async def _prepare(self, call: CallState) -> Invocation:
        sight = self._sight
        ports = replace(
            self._parts.tool_ports, seen=sight.seen, stands=sight.stands, earlier=sight.earlier,
            skills=sight.skills(self._parts),
        )  # fmt: skip
        has = session_tools(self._emitter.state.workflow)
        return await self._parts.tools.prepare(call.as_wanted, ports, has)
