"""How a chat document stands where its text does not say so: prompts that wait, and replies that were undone, as diagnostics for who has no lenses."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from lsprotocol import types

from postil.core.revealing import one_line
from postil.lsp.chat.form import ChatText, parse
from postil.lsp.diagnostics import SOURCE

if TYPE_CHECKING:
    from postil.lsp.chat.document import ChatDocument
    from postil.lsp.face import Face
    from postil.lsp.server import PostilServer

_SHOWN = 40
"""Characters of a prompt that waits."""
_UNDONE = "Undone: nothing more is written here. The code action “Continue” writes it again, and the rest."


def paused_lines(document: ChatDocument, chat: ChatText) -> list[int]:
    """Return the lines of the replies that *Continue* writes again; of one that is gone as a whole, that of the draft."""
    paused = {number for number, it in document.streams.items() if it.paused}
    lines = [
        it.line
        for it in chat.replies
        # What the text says comes before what the stream saw of it last.
        if not it.ended and (it.turn in paused or document.is_undone(it))
    ]
    if paused - chat.by_turn.keys():
        lines.append(chat.draft.line if chat.draft is not None else 0)
    return lines


class Standing:
    """Keeps the diagnostics of the chat documents that are open in step with how they stand."""

    def __init__(self, server: PostilServer, face: Face) -> None:
        self._server = server
        self._face = face

    def tell(self, documents: Iterable[ChatDocument]) -> None:
        """Say how each document stands that is open."""
        found: dict[str, list[types.Diagnostic]] = {}
        for it in documents:
            shown = self._server.open_document(it.uri)
            if shown is not None and (said := list(self._of(it, parse(shown.source)))):
                found[it.uri] = said
        self._server.diagnostics.say("chat-standing", found)

    def _of(self, document: ChatDocument, chat: ChatText) -> Iterator[types.Diagnostic]:
        for line in paused_lines(document, chat):
            yield _diagnostic(line, "undone", _UNDONE)
        session = next((it for it in self._face.open_sessions if it.id == document.session_id), None)
        waiting = session.state.workflow.queue if session is not None else ()
        if waiting:
            words = ", ".join(f"“{one_line(it.prompt.text, _SHOWN)}”" for it in waiting)
            how_many = "1 prompt waits" if len(waiting) == 1 else f"{len(waiting)} prompts wait"
            yield _diagnostic(
                _last_line(chat), "queued", f"{how_many}: {words}. Code actions take back what waits."
            )


def _last_line(chat: ChatText) -> int:
    """Return the last line where a person writes."""
    return next((it.line for it in reversed(chat.sections) if it.kind == "you"), 0)


def _diagnostic(line: int, code: str, words: str) -> types.Diagnostic:
    place = types.Range(types.Position(line, 0), types.Position(line, 0))
    return types.Diagnostic(
        range=place, message=words, severity=types.DiagnosticSeverity.Information, code=code, source=SOURCE
    )
