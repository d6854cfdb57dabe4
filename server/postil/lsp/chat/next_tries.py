"""Waits for the next try of the model, as diagnostics at the replies that wait: a line of the document would be edits, undo steps and no part of the record."""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from lsprotocol import types

from postil.core.ephemeral import ModelRetrying, SessionHalted, StageChanged
from postil.core.events import (
    Compacted,
    CompactionFailed,
    ModelCalled,
    ModelFailed,
    ModelReplied,
    Publication,
    SessionClosed,
    SubagentFinished,
    TurnEnded,
)
from postil.lsp.chat.form import ChatText, parse
from postil.lsp.chat.places import section_of
from postil.lsp.diagnostics import SOURCE

if TYPE_CHECKING:
    from postil.lsp.chat.document import ChatDocument
    from postil.lsp.face import Face
    from postil.lsp.server import PostilServer

CODE = "wait"
_REASONS = (
    ModelRetrying, StageChanged, ModelCalled, ModelReplied, ModelFailed, TurnEnded, SubagentFinished, Compacted, CompactionFailed,
    SessionHalted, SessionClosed,
)  # fmt: skip
"""Events with which a wait begins or may be over."""


@dataclass(frozen=True, slots=True)
class Wait:
    """One session that waits."""

    session_id: str
    who: str
    """The type of a sub-agent; empty for the session itself."""
    told: ModelRetrying


def waits_of(face: Face, session_id: str | None) -> list[Wait]:
    """Return the waits of a session and of those that work for it, at whatever depth."""
    working = face.working_for(session_id or "")
    return [Wait(it.id, who, told) for it, who in working if (told := it.retries.now) is not None]


class NextTries:
    """Keeps the diagnostics of the chat documents that are open in step with who waits."""

    def __init__(self, server: PostilServer, face: Face) -> None:
        self._server = server
        self._face = face
        self._words: dict[tuple[str, str, int, int], str] = {}
        """What is said of each wait: the same until it is over, so that nothing flickers."""

    def concerned(self, publication: Publication) -> bool:
        """Whether waits may be others after what is published."""
        return isinstance(publication.event, _REASONS)

    @property
    def any(self) -> bool:
        """Whether something is said of a wait."""
        return bool(self._words)

    def tell(self, documents: Iterable[ChatDocument]) -> bool:
        """Say who waits, and until when, of each document that is open; returns whether that is something else now."""
        before, found, words = (
            self._words,
            dict[str, list[types.Diagnostic]](),
            dict[tuple[str, str, int, int], str](),
        )
        for it in documents:
            shown = self._server.open_document(it.uri)
            waits = waits_of(self._face, it.session_id) if shown is not None else []
            if shown is None or not waits:
                continue
            line = _line(parse(shown.source), it)
            for wait in waits:
                key = (wait.session_id, wait.told.turn_id, wait.told.step, wait.told.attempt)
                words[key] = before.get(key) or _said(wait)
                found.setdefault(it.uri, []).append(_diagnostic(line, words[key]))
        self._words = words
        self._server.diagnostics.say("chat-wait", found)
        return words.keys() != before.keys()


def _said(wait: Wait) -> str:
    """Return why it waits and until when: a diagnostic stands still, so it says a time and counts no seconds."""
    told = wait.told
    at = datetime.fromtimestamp(time.time() + told.seconds).astimezone()
    who = f"{wait.who}: " if wait.who else ""
    return f"{who}{told.why}. Next try at {at:%H:%M:%S} ({told.attempt} of {told.of})."


def _line(chat: ChatText, document: ChatDocument) -> int:
    """Return the line of the heading of the reply that is in progress; the last one where none is, as while the conversation is compacted."""
    reply = next((it for it in document.telling.replies if not it.end), None)
    section = section_of(chat, reply) if reply is not None else None
    return (section or chat.sections[-1]).line


def _diagnostic(line: int, words: str) -> types.Diagnostic:
    place = types.Range(types.Position(line, 0), types.Position(line, 0))
    return types.Diagnostic(
        range=place, message=words, severity=types.DiagnosticSeverity.Information, code=CODE, source=SOURCE
    )
