"""What is wrong with a chat document's session, as diagnostics on its header: no key, a limit that is reached or near."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from lsprotocol import types

from postil.core.errors import ConfigurationError, PostilError
from postil.core.events import ModelFailed, ModelReplied, Publication
from postil.core.meter import meter
from postil.lsp.chat.form import HEADER, parse
from postil.lsp.diagnostics import SOURCE

if TYPE_CHECKING:
    from postil.agent.session import Session
    from postil.lsp.chat.document import ChatDocument
    from postil.lsp.face import Face
    from postil.lsp.server import PostilServer

log = logging.getLogger(__name__)

KEY_FAULTS = frozenset({"missing_key", "authentication"})
"""Failures of the model that a key mends."""
_NO_KEY = 'There is no key for the model\'s service. Run "postil key set", or set ANTHROPIC_API_KEY.'


class Faults:
    """Keeps the diagnostics of every chat document that is open in step with what is wrong."""

    def __init__(self, server: PostilServer, face: Face) -> None:
        self._server = server
        self._face = face
        self._key = ""
        """What is wrong with the key; empty where nothing is known to be."""
        self._looked = False
        self._missing = False
        """Whether that is that there is none: a key may be set at any time, and none of this is told of it."""

    def publish(self, publication: Publication) -> None:
        """Take note of what a call of the model came to."""
        event = publication.event
        if isinstance(event, ModelReplied):
            self._key, self._missing = "", False
        elif isinstance(event, ModelFailed) and event.kind in KEY_FAULTS:
            self._missing = event.kind == "missing_key"
            self._key = f"{event.message} {event.mend}".strip()

    async def look_for_key(self) -> None:
        """Find out whether there is a key at all, once, and again where there was none: better said before something is asked than after."""
        first, self._looked = not self._looked, True
        if not first and not self._missing:
            return
        from postil.model.connect import key_source  # noqa: PLC0415 - loaded with the first chat document

        try:
            app = await self._face.app()
            source = await asyncio.to_thread(key_source, app.loaded.options.base_url, app.keys)
        except ConfigurationError as error:
            self._key, self._missing = str(error), True
        except PostilError as error:
            log.info("not looked for a key: %s", error)
        else:
            if self._missing or not self._key:  # Else a call of the model has told more meanwhile.
                self._missing = source is None
                self._key = _NO_KEY if self._missing else ""

    def tell(self, documents: Iterable[ChatDocument]) -> None:
        """Say what is wrong, of each document that is open."""
        found: dict[str, list[types.Diagnostic]] = {}
        for it in documents:
            shown = self._server.open_document(it.uri)
            if shown is None:
                continue
            place = _header(shown.source)
            if said := [_diagnostic(place, *fault) for fault in self._of(it)]:
                found[it.uri] = said
        self._server.diagnostics.say("chat", found)

    def _of(self, document: ChatDocument) -> Iterator[tuple[str, str, types.DiagnosticSeverity]]:
        """Yield the code, the words and the weight of each fault."""
        if self._key:
            yield "no-key", self._key, types.DiagnosticSeverity.Error
        session = next((it for it in self._face.open_sessions if it.id == document.session_id), None)
        if session is None:
            return
        if over := _over(session):
            yield "over-budget", over, types.DiagnosticSeverity.Error
            return
        found, options = meter(session.state.workflow), self._face.options
        at = options.limits.warn_at if options is not None else "never"
        if found is not None and isinstance(at, float):
            for words in found.warnings(at).values():
                yield "limit", words, types.DiagnosticSeverity.Warning


def _over(session: Session) -> str:
    """Return what is said of a limit that ended the last turn, or that one waits at; nothing where none did."""
    workflow = session.state.workflow
    asked = next((it.question for it in workflow.questions.values() if it.question.kind == "halt"), None)
    if asked is not None:
        return f"{asked.title.rstrip('.')}. Answer the question below, and the turn goes on or ends."
    end = workflow.last_end
    if workflow.turns or end is None or end.reason != "budget_exhausted":
        return ""
    return f"{end.message} {end.mend}".strip() or "A limit is reached."


def _header(text: str) -> int:
    """Return the line of the header; the first where there is none."""
    top = parse(text).sections[0].text
    found = HEADER.search(top)
    return top.count("\n", 0, found.start()) if found is not None else 0


def _diagnostic(line: int, code: str, words: str, severity: types.DiagnosticSeverity) -> types.Diagnostic:
    place = types.Range(types.Position(line, 0), types.Position(line, 0))
    return types.Diagnostic(range=place, message=words, severity=severity, code=code, source=SOURCE)
