"""Grants as a page: a lens and a code action to revoke each, a hover that says which rule won; and `why`. Kind: reading."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING

from lsprotocol import types

from postil.core.events import GrantAdded, GrantRevoked, PermissionDecided, Publication
from postil.core.revealing import exact, revealed
from postil.lsp.face import Face
from postil.lsp.markdown import escaped
from postil.lsp.methods import by_name
from postil.lsp.pages.live_page import LivePage, action, lens
from postil.lsp.server import PostilServer
from postil.lsp.values.permission_methods import (
    DecisionRow,
    GrantRow,
    GrantsParams,
    GrantsResult,
    RevokeParams,
    RevokeResult,
    WhyParams,
    WhyPart,
    WhyResult,
)

if TYPE_CHECKING:
    from postil.agent.granting.grants import Grant
    from postil.app import App
    from postil.lsp.pages.grants_page import Page

REVOKE = "Postil: Revoke this grant"
_NEWS = (GrantAdded, GrantRevoked, PermissionDecided)


def register(server: PostilServer) -> None:
    """Serve the page and the commands about grants."""
    page = GrantsPage(server)
    server.serve_row("grants", page.show)
    server.serve_row("revoke", page.revoke)
    server.serve_row("why", why)
    server.lenses.append(page.lenses)
    server.actions.append(page.actions)
    server.hovers.append(page.hover)
    server.on_face.append(lambda face: face.listen(page.publish))


class GrantsPage:
    """What can be done on the page of grants."""

    def __init__(self, server: PostilServer) -> None:
        self._live: LivePage[Page] = LivePage(server, "grants.md", _mark, _page)

    async def show(self, face: Face, params: GrantsParams) -> GrantsResult:
        """Write the page and open it, or say where it is."""
        page = await self._live.show(face, "The grants", show=params.show)
        return GrantsResult(
            uri=self._live.uri,
            grants=[
                GrantRow.model_validate({"grant_id": it.id, **asdict(it)}) for it in page.overview.grants
            ],
            recent=[DecisionRow.model_validate(asdict(it)) for it in page.overview.recent],
        )

    async def revoke(self, face: Face, params: RevokeParams) -> RevokeResult:
        """Take a grant back; where the page is open, it says so before this is answered."""
        app = await face.app()
        revoked = await app.grants.revoke(params.grant_id, face.name)
        if self._live.page is not None:
            await self._live.write(face)
        return RevokeResult(revoked=revoked)

    async def lenses(self, face: Face, uri: str) -> Sequence[types.CodeLens]:
        """Return *Revoke* for each grant."""
        command = by_name["revoke"].command
        return [lens(number, "Revoke", command, {"grantId": it.id}) for number, it in self._grants_in(uri)]

    def actions(self, face: Face, params: types.CodeActionParams) -> Iterator[types.CodeAction]:
        """Yield *Revoke* for the grants in a range."""
        first, last = params.range.start.line, params.range.end.line
        for number, grant in self._grants_in(params.text_document.uri):
            if first <= number <= last:
                yield action(REVOKE, by_name["revoke"].command, {"grantId": grant.id})

    async def hover(self, face: Face, params: types.HoverParams) -> str:
        """Say which rule won and which lost."""
        page, lines = self._live.page, self._live.lines(params.text_document.uri)
        text = lines[params.position.line].rstrip("\r\n") if params.position.line < len(lines) else ""
        subject = page.subjects.get(text) if page is not None else None
        if page is None or subject is None:
            return ""
        from postil.lsp.pages.grants_page import hover_of  # noqa: PLC0415 - loaded with the first page

        said = hover_of(subject, page.overview.recent)
        if not face.capabilities.takes_markdown:
            return "\n".join(said)
        return "\n".join(f"- {escaped(it)}" for it in said)

    def publish(self, publication: Publication) -> None:
        """Wake who follows, where a grant came, went or was used."""
        if isinstance(publication.event, _NEWS):
            self._live.note_news()

    def _grants_in(self, uri: str) -> list[tuple[int, Grant]]:
        page = self._live.page
        return list(page.grants(self._live.lines(uri))) if page is not None else []


async def _mark(app: App) -> object:
    return await app.grants.mark()


async def _page(face: Face, app: App) -> Page:
    from postil.lsp.pages.grants_page import page_of  # noqa: PLC0415 - loaded with the first page

    return page_of(await app.grants.overview(), face.roots[0], time.time())


async def why(face: Face, params: WhyParams) -> WhyResult:
    """Say what would become of a command."""
    app = await face.app()
    session = await face.session(params.session_id) if params.session_id is not None else None
    found, lasting = await app.why.explain(params.command, session.state.workflow if session else None)
    every = found.judgement.every if found.judgement is not None else ()
    findings = found.judgement.findings if found.judgement is not None else ()
    return WhyResult(
        verdict=found.decision.verdict,
        why=revealed(found.decision.why),
        rules=list(found.rules),
        lost=list(found.lost),
        checks=list(found.checks),
        parts=[
            WhyPart(
                text=exact(part.text),
                allowed_by=found.allowing.get(index, ""),
                findings=[f"{it.check}: {revealed(it.reason)}" for it in found.against(index)],
            )
            for index, part in enumerate(every)
            if not part.through
        ],
        whole=[f"{it.check}: {revealed(it.reason)}" for it in findings if it.part is None],
        lasting_rules=list(lasting),
    )
