"""Why a command would run, be asked about or be denied: decided as for a session, with nothing recorded and nothing run."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from postil.agent.parts import Parts
from postil.agent.types.beginning import Beginning
from postil.core.effects import Access, Command
from postil.core.state import Workflow
from postil.permissions.policy import Policy, policy_for

if TYPE_CHECKING:
    from postil.permissions.explain import Explanation

_ANY_LIMIT = 1.0


@dataclass(frozen=True, slots=True)
class Why:
    """Explains commands in the first folder of a workspace."""

    parts: Parts
    beginning: Beginning
    """Says what a new session would run under."""

    async def explain(self, line: str, workflow: Workflow | None = None) -> tuple[Explanation, Sequence[str]]:
        """Return what would become of a command in a session or, without one, in a new one; and the rules that would last."""
        roots = self.parts.workspace.roots
        standing = await self.parts.standing.rules()
        under = workflow if workflow is not None else await self._new_session()
        policy = policy_for(under, standing, roots, self.parts.around)
        access = Access(command=Command(line, roots[0], _ANY_LIMIT), open_world=True)
        return await asyncio.to_thread(_explained, access, policy)

    async def _new_session(self) -> Workflow:
        _, configuration = await self.beginning.new()
        return Workflow(configuration=configuration, restricted_since=None if configuration.trusted else 0)


def _explained(access: Access, policy: Policy) -> tuple[Explanation, Sequence[str]]:
    from postil.permissions.explain import explain  # noqa: PLC0415 - nearly no session explains anything
    from postil.permissions.suggest import lasting_rules  # noqa: PLC0415 - as above

    found = explain(access, policy)
    asked = found.decision.verdict == "ask" and not found.decision.rule and found.judgement is not None
    return found, lasting_rules(found.judgement) if asked and found.judgement is not None else ()
