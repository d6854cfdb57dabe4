"""What the agent can do here, as a page that stays true while it is open. Kind: reading."""

from __future__ import annotations

from typing import TYPE_CHECKING

from postil.core.events import AgentTypeInForce, ConfigurationInForce, GrantAdded, GrantRevoked, Publication
from postil.lsp.face import Face
from postil.lsp.pages.live_page import LivePage
from postil.lsp.server import PostilServer
from postil.lsp.values.overview_methods import ContributionRow, OverviewParams, OverviewResult, RuleRow

if TYPE_CHECKING:
    from postil.agent.contributions.collecting import Overview
    from postil.agent.contributions.contribution import Contribution
    from postil.app import App
    from postil.core.state import Workflow
    from postil.lsp.pages.overview_page import Page

_NEWS = (AgentTypeInForce, ConfigurationInForce, GrantAdded, GrantRevoked)


def register(server: PostilServer) -> None:
    """Serve the page and its command."""
    page = OverviewPage(server)
    server.serve_row("overview", page.show)
    server.on_face.append(lambda face: face.listen(page.publish))


class OverviewPage:
    """The page, for the session that was named last or a new one."""

    def __init__(self, server: PostilServer) -> None:
        self._live: LivePage[Page] = LivePage(server, "overview.md", self._mark, self._page)
        self._workflow: Workflow | None = None

    async def show(self, face: Face, params: OverviewParams) -> OverviewResult:
        """Write the page and open it, or say where it is."""
        session = await face.session(params.session_id) if params.session_id is not None else None
        self._workflow = session.state.workflow if session is not None else None
        page = await self._live.show(face, "Everything in force and what decides about it", show=params.show)
        return OverviewResult(uri=self._live.uri, contributions=list(map(_row, page.found)))

    def publish(self, publication: Publication) -> None:
        """Wake who follows, where something else is in force."""
        if isinstance(publication.event, _NEWS):
            self._live.note_news()

    async def _mark(self, app: App) -> object:
        return await self._look(app)

    async def _page(self, _: Face, app: App) -> Page:
        from postil.lsp.pages.overview_page import page_of  # noqa: PLC0415 - loaded with the first page

        return page_of(await self._look(app))

    async def _look(self, app: App) -> Overview:
        return await app.in_workspace.look(self._workflow)


def _row(it: Contribution) -> ContributionRow:
    return ContributionRow(
        kind=it.kind,
        name=it.name,
        title=it.title,
        tier=it.tier,
        source=it.source,
        effects=it.effects,
        rule=RuleRow(verdict=it.rule.verdict, why=it.rule.why, rules=list(it.rule.rules)),
        state=it.state,
        why=it.why,
        icon=it.icon,
    )
