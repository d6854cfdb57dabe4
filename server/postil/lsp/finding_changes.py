"""The whole change of a finding on a page, for what is too long to be read in a diagnostic."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from lsprotocol import types

from postil.core.errors import ProtocolError
from postil.core.events import FindingSettled, Publication, Rewound
from postil.core.revealing import revealed
from postil.lsp.face import Face
from postil.lsp.methods import by_name
from postil.lsp.pages.live_page import LivePage, action, lens
from postil.lsp.server import PostilServer
from postil.lsp.values.finding_methods import FindingParams, FindingShown

if TYPE_CHECKING:
    from postil.app import App
    from postil.core.finding import Finding
    from postil.lsp.pages.finding_page import Page

IN_DIAGNOSTIC = 1_000
"""Characters of a change that its diagnostic shows."""
_DOES = (("Apply", "finding/apply"), ("Dismiss", "finding/dismiss"))
_NEWS = (FindingSettled, Rewound)


def is_long(finding: Finding) -> bool:
    """Whether a diagnostic does not show all of the change."""
    return finding.replacement is not None and len(revealed(finding.replacement)) > IN_DIAGNOSTIC


class FindingChanges:
    """The page, of the finding that was asked for last; and which long changes were shown whole."""

    def __init__(self, server: PostilServer) -> None:
        self._server = server
        self._live: LivePage[Page] = LivePage(server, "finding.md", self._mark, self._page)
        self._shown: Finding | None = None
        self._session_id = ""
        self._seen: set[str] = set()
        server.serve_row("finding/show", self.show)
        server.lenses.append(self.lenses)
        server.actions.append(self.actions)
        server.on_face.append(lambda face: face.listen(self.publish))

    def may_apply(self, finding: Finding) -> bool:
        """Whether all that would be put in was there to be read."""
        return not is_long(finding) or finding.id in self._seen

    async def show(self, face: Face, params: FindingParams) -> FindingShown:
        """Write the page of a finding and open it, or say where it is."""
        session = await face.session(params.session_id)
        found = (it.finding for it in session.state.workflow.findings if it.finding.id == params.finding_id)
        finding = next(found, None)
        if finding is None or finding.replacement is None:
            raise ProtocolError("There is no open finding of that id that proposes a change.")
        self._shown, self._session_id = finding, session.id
        await self._live.show(face, "The lines that go and those that come", show=True)
        self._seen.add(finding.id)
        return FindingShown(uri=self._live.uri)

    async def lenses(self, face: Face, uri: str) -> Sequence[types.CodeLens]:
        """Return *Apply* and *Dismiss* at the top of the page."""
        given = self._given(face, uri)
        return [lens(0, title, by_name[row].command, given) for title, row in _DOES] if given else []

    def actions(self, face: Face, params: types.CodeActionParams) -> Iterator[types.CodeAction]:
        """Yield the same anywhere on the page."""
        given = self._given(face, params.text_document.uri)
        for title, row in _DOES if given else ():
            yield action(f"Postil: {title}", by_name[row].command, given)

    def publish(self, publication: Publication) -> None:
        """Wake who follows, where the finding may be settled."""
        if isinstance(publication.event, _NEWS):
            self._live.note_news()

    def _given(self, face: Face, uri: str) -> dict[str, str]:
        """Return which finding the page is of; nothing where it is another document, or not open any more."""
        if self._shown is None or not self._live.is_page(uri) or not self._is_open(face):
            return {}
        return {"sessionId": self._session_id, "findingId": self._shown.id}

    def _is_open(self, face: Face) -> bool:
        if (shown := self._shown) is None:
            return False
        return any(
            it.finding.id == shown.id
            for session in face.open_sessions
            if session.id == self._session_id
            for it in session.state.workflow.findings
        )

    async def _mark(self, app: App) -> object:
        del app
        return self._shown and self._shown.id, self._is_open(self._server.face)

    async def _page(self, face: Face, app: App) -> Page:
        from postil.lsp.pages.finding_page import page_of  # noqa: PLC0415 - loaded with the first page

        return page_of(self._shown, app.workspace.display, open_=self._is_open(face))
