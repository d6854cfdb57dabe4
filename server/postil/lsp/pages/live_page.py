"""A page that Postil writes and keeps true while it is open: served without a file where the client can, else a file of its own."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Generic, Protocol, TypeVar
from urllib.parse import unquote

from lsprotocol import types

from postil.core.errors import PostilError
from postil.lsp.client_requests import ClientRequestError
from postil.lsp.face import Face
from postil.lsp.server import PostilServer
from postil.workspace.files.disk import PRIVATE_FILE
from postil.workspace.files.real_disk import RealDisk
from postil.workspace.files.uris import path_to_uri

if TYPE_CHECKING:
    from postil.app import App

log = logging.getLogger(__name__)

LOOK_AGAIN = 1.0
"""Seconds between two looks at what other windows do, while the page is open."""


class Page(Protocol):
    """One state of a page."""

    @property
    def text(self) -> str:
        """The whole text, in Markdown."""
        ...


P = TypeVar("P", bound=Page)


class LivePage(Generic[P]):
    """The page as it was last written, and who keeps it so while it is open."""

    def __init__(
        self,
        server: PostilServer,
        name: str,
        mark: Callable[[App], Awaitable[object]],
        make: Callable[[Face, App], Awaitable[P]],
    ) -> None:
        """`name` is its file's, `mark` says which state there is now, and `make` makes the page of it."""
        self._server = server
        self._name = name
        self._virtual = f"postil:/{name}"
        self._look_at = mark
        self._make = make
        self.page: P | None = None
        self.uri = ""
        """Known once the page was asked for, or a document of that name was opened."""
        self._mark: object = None
        self._news = asyncio.Event()
        self._following: asyncio.Task[None] | None = None
        self._refreshing: asyncio.Task[None] | None = None
        self._writing = asyncio.Lock()
        server.contents[self._virtual] = self._content
        server.on_end.append(self.end)
        server.on_face.append(lambda face: face.watch(self.look))

    async def show(self, face: Face, what: str, *, show: bool) -> P:
        """Write the page, and open it or say where it is; `what` names what is on it."""
        page = await self.write(face)
        if show and not await self._shown(face):
            words = f"Postil: {what} are in {self.uri}."
            self._server.window_show_message(types.ShowMessageParams(types.MessageType.Info, words))
        self.look()
        return page

    async def write(self, face: Face) -> P:
        """Write the page as of now, and have its lenses looked at again where it is another."""
        app = await face.app()
        async with self._writing:
            self.uri = self.uri or await self._place(face, app)
            mark = await self._look_at(app)
            page = await self._make(face, app)
            changed = self.page is None or self.page.text != page.text
            self.page, self._mark = page, mark
            if changed and self.uri != self._virtual:
                path = await self._file(app, face)
                await asyncio.to_thread(RealDisk().replace, path, page.text.encode(), PRIVATE_FILE)
        if changed:
            self._refreshing = asyncio.create_task(self._refresh(face))
        return page

    def lines(self, uri: str) -> Sequence[str]:
        """Return the lines of the page as its document has them; none for another document."""
        if self.page is None or not self.is_page(uri):
            return ()
        document = self._server.open_document(uri)
        return document.lines if document is not None else self.page.text.splitlines()

    def is_page(self, uri: str) -> bool:
        """Whether it names the page; clients spell some characters in their own way."""
        return unquote(uri) == unquote(self.uri)

    def note_news(self) -> None:
        """Wake who follows: something on the page has changed."""
        self._news.set()

    def look(self) -> None:
        """Follow while the page is open in the editor; a file of its name makes its place known."""
        endings = (f"/{self._name}", self._virtual)
        names = [it.uri for it in self._server.open_documents() if it.uri.endswith(endings)]
        if names and (self._following is None or self._following.done()):
            self._following = asyncio.create_task(self._follow())

    def end(self) -> None:
        """Follow no more."""
        for task in filter(None, (self._following, self._refreshing)):
            task.cancel()

    async def _content(self) -> str:
        return (await self.write(self._server.face)).text

    async def _follow(self) -> None:
        """Write the page anew when something changes, as long as it is open."""
        face = self._server.face
        try:
            app = await face.app()
            self.uri = self.uri or await self._place(face, app)
            if self._server.open_document(self.uri) is not None:
                self._mark = None
                await self._write_news(face, app)
                # It may have asked for lenses before there were any.
                self._refreshing = asyncio.create_task(self._refresh(face))
            while self._server.open_document(self.uri) is not None:
                self._news.clear()  # before looking: what comes meanwhile is looked at next
                await self._write_news(face, app)
                await self._wait()
        except (PostilError, OSError) as error:
            log.info("the page %s is not followed: %s", self._name, error)
        except Exception:
            log.exception("the page %s", self._name)

    async def _write_news(self, face: Face, app: App) -> None:
        """Write the page where it is not true any more; what cannot be read now is tried at the next look."""
        try:
            if self.page is None or await self._look_at(app) != self._mark:
                await self.write(face)
        except (PostilError, OSError) as error:
            log.info("the page %s is not written: %s", self._name, error)

    async def _wait(self) -> None:
        try:
            async with asyncio.timeout(LOOK_AGAIN):
                await self._news.wait()
        except TimeoutError:
            return

    async def _refresh(self, face: Face) -> None:
        try:
            if self.uri == self._virtual:
                refresh = types.TextDocumentContentRefreshParams(self._virtual)
                await self._server.request(types.WORKSPACE_TEXT_DOCUMENT_CONTENT_REFRESH, refresh, 10.0)
            if face.capabilities.can_refresh_lenses:
                await self._server.request(types.WORKSPACE_CODE_LENS_REFRESH, None, 10.0)
        except ClientRequestError as error:
            log.info("the client does not look at the page again: %s", error)

    async def _place(self, face: Face, app: App) -> str:
        return (
            self._virtual if face.capabilities.takes_documents else path_to_uri(await self._file(app, face))
        )

    async def _file(self, app: App, face: Face) -> Path:
        return await app.sessions.store.home(face.roots[0]) / self._name

    async def _shown(self, face: Face) -> bool:
        if not face.capabilities.can_show_documents:
            return False
        params = types.ShowDocumentParams(self.uri, take_focus=True)
        try:
            result = await self._server.request(types.WINDOW_SHOW_DOCUMENT, params, 10.0)
        except ClientRequestError:
            return False
        return result is not None and result.success


def lens(number: int, title: str, command: str, argument: dict[str, str]) -> types.CodeLens:
    """Return a lens on a line that runs one of our commands."""
    place = types.Position(number, 0)
    return types.CodeLens(
        types.Range(place, place), command=types.Command(title, command, arguments=[argument])
    )


def action(title: str, command: str, argument: dict[str, str]) -> types.CodeAction:
    """Return the same as a code action."""
    return types.CodeAction(
        title=title,
        kind=types.CodeActionKind.QuickFix,
        command=types.Command(title, command, arguments=[argument]),
    )
