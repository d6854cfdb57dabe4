"""What is remembered as a page, with a lens and a code action to forget each. Kind: reading."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from lsprotocol import types

from postil.core.errors import ProtocolError
from postil.core.events import FileChanged, Publication, TurnEnded
from postil.lsp.face import Face
from postil.lsp.methods import by_name
from postil.lsp.pages.live_page import LivePage, action, lens
from postil.lsp.server import PostilServer
from postil.lsp.values.memory_methods import ForgetParams, ForgetResult, MemoryParams, MemoryResult, MemoryRow

if TYPE_CHECKING:
    from postil.agent.remembering import Remembered
    from postil.app import App
    from postil.lsp.pages.memory_page import Page

FORGET = "Postil: Forget this"
_NEWS = (FileChanged, TurnEnded)


def register(server: PostilServer) -> None:
    """Serve the page and the commands about memory."""
    page = MemoryPage(server)
    server.serve_row("memory", page.show)
    server.serve_row("forget", page.forget)
    server.lenses.append(page.lenses)
    server.actions.append(page.actions)
    server.on_face.append(lambda face: face.listen(page.publish))


class MemoryPage:
    """What can be done on the page of what is remembered."""

    def __init__(self, server: PostilServer) -> None:
        self._live: LivePage[Page] = LivePage(server, "memory.md", _mark, _page)

    async def show(self, face: Face, params: MemoryParams) -> MemoryResult:
        """Write the page and open it, or say where it is."""
        page = await self._live.show(face, "Notes and sessions", show=params.show)
        rows = [
            MemoryRow(id=it.id, title=it.title, file=str(it.path or ""), at=it.changed)
            for it in page.remembered
        ]
        return MemoryResult(uri=self._live.uri, remembered=rows)

    async def forget(self, face: Face, params: ForgetParams) -> ForgetResult:
        """Forget a note or a session; where the page is open, it says so before this is answered."""
        app = await face.app()
        try:
            forgotten = await app.memory.forget(params.id)
        except OSError as error:
            raise ProtocolError(
                f"{params.id} is not forgotten: {error}.", "Make that file writable, then forget it again."
            ) from error
        if self._live.page is not None:
            await self._live.write(face)
        return ForgetResult(forgotten=forgotten)

    async def lenses(self, face: Face, uri: str) -> Sequence[types.CodeLens]:
        """Return *Forget* for each."""
        command = by_name["forget"].command
        return [lens(number, "Forget", command, {"id": it.id}) for number, it in self._rows_in(uri)]

    def actions(self, face: Face, params: types.CodeActionParams) -> Iterator[types.CodeAction]:
        """Yield *Forget* for what is in a range."""
        first, last = params.range.start.line, params.range.end.line
        for number, it in self._rows_in(params.text_document.uri):
            if first <= number <= last:
                yield action(FORGET, by_name["forget"].command, {"id": it.id})

    def publish(self, publication: Publication) -> None:
        """Wake who follows, where a note may have come or gone."""
        if isinstance(publication.event, _NEWS):
            self._live.note_news()

    def _rows_in(self, uri: str) -> list[tuple[int, Remembered]]:
        page = self._live.page
        return list(page.rows(self._live.lines(uri))) if page is not None else []


async def _mark(app: App) -> object:
    return await app.memory.all()


async def _page(face: Face, app: App) -> Page:
    from postil.lsp.pages.memory_page import page_of  # noqa: PLC0415 - loaded with the first page

    hot = await app.memory.hot()
    return page_of(await app.memory.all(), hot.files if hot is not None else (), face.roots[0])
