"""A workspace as its sessions find it, for those who say what is in force there."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from postil.agent.contributions.contribution import Here, ServerHere, State
from postil.agent.contributions.faulty import faulty
from postil.agent.hooking.inventory import inventory, unread
from postil.agent.parts import Parts
from postil.agent.types.beginning import Beginning
from postil.agent.types.collection import AgentTypes
from postil.core.state import Workflow
from postil.model.catalog import traits
from postil.permissions.policy import policy_for
from postil.permissions.rule import Rule
from postil.tools.registry import Registry

if TYPE_CHECKING:
    from postil.agent.contributions.collecting import Overview
    from postil.config.load import Problem
    from postil.config.server_options import WrittenServer
    from postil.tools.mcp.servers import Servers
    from postil.tools.skills.library import Library

_STATES: dict[str, State] = {"ready": "loaded", "failed": "off", "off": "off"}
"""Of a server, by how it stands."""
_MEND = "when that is mended, `postil.server.toolServer.restart` starts it at once"
"""Said of a server that failed."""


@dataclass(frozen=True, slots=True)
class InWorkspace:
    """Says what the agent can do in one workspace."""

    parts: Parts
    beginning: Beginning
    types: AgentTypes
    registry: Registry
    written: Sequence[WrittenServer]
    servers: Servers | None
    skills: Library
    problems: Sequence[Problem] = ()
    """What was wrong in the settings as they were read."""

    async def look(self, workflow: Workflow | None = None) -> Overview:
        """Return all that is in force in a session or, without one, in a new one, by kind."""
        from postil.agent.contributions.collecting import overview_of  # noqa: PLC0415 - loaded when somebody asks

        under = workflow if workflow is not None else await self._new()
        standing = await self.parts.standing.rules()
        return await asyncio.to_thread(lambda: overview_of(self._here(under, standing)))

    def _here(self, under: Workflow, standing: tuple[Rule, ...]) -> Here:
        now = under.configuration or self.beginning.given()
        roots, trust, prompts = self.parts.workspace.roots, self.parts.trust.now, self.parts.commands
        return Here(
            root=roots[0],
            registry=self.registry,
            references=traits(now.model).references,
            collected=self.types.collect(),
            default=now.agent_type or self.beginning.default,
            pool=now.tools,
            servers=self._servers(),
            policy=policy_for(under, standing, roots, self.parts.around),
            trusted=now.trusted,
            mode=now.mode,
            limits=self.beginning.given().limits,
            trust="" if trust.trusted else trust.why,
            skills=self.skills.inventory(trusted=trust.trusted),
            begun_with=_begun_with(under),
            prompts=prompts.inventory(trusted=trust.trusted) if prompts is not None else (),
            hooks=inventory(self.parts.hooks, trust),
            unread_hooks=unread(trust),
            faults=faulty(self.problems),
        )

    def _servers(self) -> Sequence[ServerHere]:
        ways = {it.name: it.way for it in self.written}
        standings = self.servers.standings() if self.servers is not None else ()
        return [
            ServerHere(
                it.name,
                ways[it.name],
                it.layer,
                it.file,
                _STATES.get(it.state, "deferred"),
                f"{it.why}; {_MEND}" if it.state == "failed" else it.why or it.state,
            )
            for it in standings
        ]

    async def _new(self) -> Workflow:
        _, configuration = await self.beginning.new()
        return Workflow(configuration=configuration, restricted_since=None if configuration.trusted else 0)


def _begun_with(under: Workflow) -> frozenset[str] | None:
    """Return the files of the skills of a session; None before its first turn, for it has what there is by then."""
    if not under.session_id:
        return None
    return frozenset(it.path for it in under.skills.skills) if under.skills is not None else frozenset()
