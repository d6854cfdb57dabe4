"""Grants as a page: a lens and a code action to revoke each, a hover that says which rule won; and `why`. Kind: reading."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote

from lsprotocol import types

from postil.core.errors import JournalError
from postil.core.events import GrantAdded, GrantRevoked, PermissionDecided, Publication
from postil.core.revealing import exact, revealed
from postil.lsp.client_requests import ClientRequestError
from postil.lsp.face import FACE, Face
from postil.lsp.markdown import escaped
from postil.lsp.methods import by_name
from postil.lsp.permission_methods import (
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
from postil.lsp.server import PostilServer
from postil.workspace.files.disk import PRIVATE_FILE
from postil.workspace.files.real_disk import RealDisk
from postil.workspace.files.uris import path_to_uri

if TYPE_CHECKING:
    from postil.agent.grants import Grant
    from postil.app import App
    from postil.lsp.grants_page import Page

log = logging.getLogger(__name__)

VIRTUAL = "postil:/grants.md"
REVOKE = "Postil: Revoke this grant"
LOOK_AGAIN = 1.0
"""Seconds between two looks at what other windows do, while the page is open."""
_NEWS = (GrantAdded, GrantRevoked, PermissionDecided)


def register(server: PostilServer) -> None:
    """Serve the page and the commands about grants."""
    page = GrantsPage(server)
    server.serve_row("grants", page.show)
    server.serve_row("revoke", page.revoke)
    server.serve_row("why", why)
    server.serve_feature(types.WORKSPACE_TEXT_DOCUMENT_CONTENT, page.content)
    server.lenses.append(page.lenses)
    server.actions.append(page.actions)
    server.hovers.append(page.hover)
    server.on_end.append(page.end)

    def begin(face: Face) -> None:
        face.listen(page.publish)
        face.watch(page.look)

    server.on_face.append(begin)


class GrantsPage:
    """The page as it was last written, and who keeps it so while it is open."""

    def __init__(self, server: PostilServer) -> None:
        self._server = server
        self._page: Page | None = None
        self._uri = ""
        """Known once the page was asked for, or a document of that name was opened."""
        self._mark: object = None
        self._news = asyncio.Event()
        self._following: asyncio.Task[None] | None = None
        self._refreshing: asyncio.Task[None] | None = None
        self._writing = asyncio.Lock()

    # What a client asks for

    async def show(self, face: Face, params: GrantsParams) -> GrantsResult:
        """Write the page and open it, or say where it is."""
        page = await self._write(face)
        if params.show and not await self._shown(face):
            words = f"Postil: The grants are in {self._uri}."
            self._server.window_show_message(types.ShowMessageParams(types.MessageType.Info, words))
        self.look()
        return GrantsResult(
            uri=self._uri,
            grants=[
                GrantRow.model_validate({"grant_id": it.id, **asdict(it)}) for it in page.overview.grants
            ],
            recent=[DecisionRow.model_validate(asdict(it)) for it in page.overview.recent],
        )

    async def revoke(self, face: Face, params: RevokeParams) -> RevokeResult:
        """Take a grant back; where the page is open, it says so before this is answered."""
        app = await face.app()
        revoked = await app.grants.revoke(params.grant_id, FACE)
        if self._page is not None:
            await self._write(face)
        return RevokeResult(revoked=revoked)

    async def content(self, params: types.TextDocumentContentParams) -> types.TextDocumentContentResult:
        """Return the text of the page, for a client that shows it without a file."""
        page = await self._write(self._server.face) if params.uri == VIRTUAL else None
        return types.TextDocumentContentResult(page.text if page is not None else "")

    async def lenses(self, face: Face, uri: str) -> Sequence[types.CodeLens]:
        """Return *Revoke* for each grant."""
        return [
            types.CodeLens(_line(number), command=_command("Revoke", grant))
            for number, grant in self._grants_in(uri)
        ]

    def actions(self, face: Face, params: types.CodeActionParams) -> Iterator[types.CodeAction]:
        """Yield *Revoke* for the grants in a range."""
        first, last = params.range.start.line, params.range.end.line
        for number, grant in self._grants_in(params.text_document.uri):
            if first <= number <= last:
                kind = types.CodeActionKind.QuickFix
                yield types.CodeAction(title=REVOKE, kind=kind, command=_command(REVOKE, grant))

    async def hover(self, face: Face, params: types.HoverParams) -> str:
        """Say which rule won and which lost."""
        page, document = self._page, self._server.open_document(params.text_document.uri)
        if page is None or document is None or not self._is_page(document.uri):
            return ""
        lines = document.lines
        text = lines[params.position.line].rstrip("\r\n") if params.position.line < len(lines) else ""
        subject = page.subjects.get(text)
        if subject is None:
            return ""
        from postil.lsp.grants_page import hover_of  # noqa: PLC0415 - loaded with the first page

        said = hover_of(subject, page.overview.recent)
        if not face.capabilities.takes_markdown:
            return "\n".join(said)
        return "\n".join(f"- {escaped(it)}" for it in said)

    # What keeps it true

    def publish(self, publication: Publication) -> None:
        """Wake who follows, where a grant came, went or was used."""
        if isinstance(publication.event, _NEWS):
            self._news.set()

    def look(self) -> None:
        """Follow while the page is open in the editor; a file of its name makes its place known."""
        names = [it.uri for it in self._server.open_documents() if it.uri.endswith(("/grants.md", VIRTUAL))]
        if names and (self._following is None or self._following.done()):
            self._following = asyncio.create_task(self._follow())

    def end(self) -> None:
        """Follow no more."""
        for task in filter(None, (self._following, self._refreshing)):
            task.cancel()

    async def _follow(self) -> None:
        """Write the page anew when something changes, as long as it is open."""
        face = self._server.face
        try:
            app = await face.app()
            self._uri = self._uri or await self._place(face, app)
            if self._server.open_document(self._uri) is not None:
                self._mark = None
                await self._write_news(face, app)
                # It may have asked for lenses before there were any.
                self._refreshing = asyncio.create_task(self._refresh(face))
            while self._server.open_document(self._uri) is not None:
                self._news.clear()  # before looking: what comes meanwhile is looked at next
                await self._write_news(face, app)
                await self._wait()
        except (JournalError, OSError) as error:
            log.info("the page of grants is not followed: %s", error)
        except Exception:
            log.exception("the page of grants")

    async def _write_news(self, face: Face, app: App) -> None:
        """Write the page where it is not true any more; what cannot be read now is tried at the next look."""
        try:
            if self._page is None or await app.grants.mark() != self._mark:
                await self._write(face)
        except (JournalError, OSError) as error:
            log.info("the page of grants is not written: %s", error)

    async def _wait(self) -> None:
        try:
            async with asyncio.timeout(LOOK_AGAIN):
                await self._news.wait()
        except TimeoutError:
            return

    async def _write(self, face: Face) -> Page:
        """Write the page as of now, and have its lenses looked at again where it is another."""
        from postil.lsp.grants_page import page_of  # noqa: PLC0415 - loaded with the first page

        app = await face.app()
        async with self._writing:
            self._uri = self._uri or await self._place(face, app)
            mark = await app.grants.mark()
            overview = await app.grants.overview()
            page = page_of(overview, face.roots[0], time.time())
            changed = self._page is None or self._page.text != page.text
            self._page, self._mark = page, mark
            if changed and self._uri != VIRTUAL:
                path = await self._file(app, face)
                await asyncio.to_thread(RealDisk().replace, path, page.text.encode(), PRIVATE_FILE)
        if changed:
            self._refreshing = asyncio.create_task(self._refresh(face))
        return page

    async def _refresh(self, face: Face) -> None:
        try:
            if self._uri == VIRTUAL:
                refresh = types.TextDocumentContentRefreshParams(VIRTUAL)
                await self._server.request(types.WORKSPACE_TEXT_DOCUMENT_CONTENT_REFRESH, refresh, 10.0)
            if face.capabilities.can_refresh_lenses:
                await self._server.request(types.WORKSPACE_CODE_LENS_REFRESH, None, 10.0)
        except ClientRequestError as error:
            log.info("the client does not look at the page again: %s", error)

    async def _place(self, face: Face, app: App) -> str:
        return VIRTUAL if face.capabilities.takes_documents else path_to_uri(await self._file(app, face))

    async def _file(self, app: App, face: Face) -> Path:
        return await app.sessions.store.home(face.roots[0]) / "grants.md"

    async def _shown(self, face: Face) -> bool:
        if not face.capabilities.can_show_documents:
            return False
        params = types.ShowDocumentParams(self._uri, take_focus=True)
        try:
            result = await self._server.request(types.WINDOW_SHOW_DOCUMENT, params, 10.0)
        except ClientRequestError:
            return False
        return result is not None and result.success

    def _is_page(self, uri: str) -> bool:
        """Whether it names the page; clients spell some characters in their own way."""
        return unquote(uri) == unquote(self._uri)

    def _grants_in(self, uri: str) -> list[tuple[int, Grant]]:
        document = self._server.open_document(uri)
        if self._page is None or not self._is_page(uri):
            return []
        lines = document.lines if document is not None else self._page.text.splitlines()
        return list(self._page.grants(lines))


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


def _command(title: str, grant: Grant) -> types.Command:
    return types.Command(title=title, command=by_name["revoke"].command, arguments=[{"grantId": grant.id}])


def _line(number: int) -> types.Range:
    return types.Range(types.Position(number, 0), types.Position(number, 0))
