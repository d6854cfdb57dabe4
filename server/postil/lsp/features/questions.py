"""Open questions as diagnostics: one for each, at the place it concerns. Kind: inline."""

from __future__ import annotations

from lsprotocol import types

from postil.core.events import ModelFailed, ModelReplied, Publication
from postil.core.question import Anchor, Question
from postil.core.state import OpenQuestion
from postil.lsp.diagnostics import SOURCE
from postil.lsp.face import Face
from postil.lsp.positions import Position, offset_at
from postil.lsp.question_text import diagnostic_text
from postil.lsp.server import PostilServer

_KEY_FAULTS = frozenset({"missing_key", "authentication"})
_LARGEST = 2**31 - 1
"""The specification's largest line and character."""


def register(server: PostilServer) -> None:
    """Keep the diagnostics in step with the questions."""
    diagnostics = Diagnostics(server)

    def begin(face: Face) -> None:
        face.listen(diagnostics.publish, below=True)
        face.watch(diagnostics.update)

    server.on_face.append(begin)


class Diagnostics:
    """What is said of open questions, and of a key that is missing."""

    def __init__(self, server: PostilServer) -> None:
        self._server = server
        self._notices: dict[str, tuple[str, types.Diagnostic]] = {}

    def publish(self, publication: Publication) -> None:
        """Show what is open after a durable event, and what a failed turn needs."""
        if publication.seq is None:
            return
        self._note(publication)
        self.update()

    def _note(self, publication: Publication) -> None:
        """A missing key stays in view, where the prompt was made, until the session's model answers."""
        event = publication.event
        uri = self._server.face.active_uri
        if isinstance(event, ModelReplied):
            self._notices.pop(publication.session_id, None)
        elif isinstance(event, ModelFailed) and event.kind in _KEY_FAULTS and uri is not None:
            if any(it(publication.session_id) for it in self._server.face.tells_faults):
                return
            diagnostic = types.Diagnostic(
                range=_point(0),
                message=f"{event.message} {event.mend}".strip(),
                severity=types.DiagnosticSeverity.Error,
                code="no-key",
                source=SOURCE,
            )
            self._notices[publication.session_id] = (uri, diagnostic)

    def update(self) -> None:
        """Publish what has changed: a question without a place goes where the person looks."""
        wanted: dict[str, list[types.Diagnostic]] = {}
        for uri, diagnostic in self._notices.values():
            wanted.setdefault(uri, []).append(diagnostic)
        face = self._server.face
        for open_ in open_questions(face):
            place = place_of(open_.question, face)
            if place is not None:
                diagnostic = _diagnostic(open_.question, self._range(place), numbered(open_, face))
                wanted.setdefault(place.uri, []).append(diagnostic)
        self._server.diagnostics.say("questions", wanted)

    def _range(self, place: Anchor) -> types.Range:
        """Return the place in the client's units; where the text is not known, those of the anchor have to do."""
        document = self._server.open_document(place.uri)
        end_line = max(place.end_line, place.line)
        end_character = place.end_character if end_line == place.end_line else place.character

        def shown(line: int, character: int) -> types.Position:
            if document is None:
                return types.Position(min(max(line, 0), _LARGEST), min(max(character, 0), _LARGEST))
            offset = offset_at(document.lines, Position(line, character), "utf-16")
            return types.Position(*document.position_at(offset))

        return types.Range(shown(place.line, place.character), shown(end_line, end_character))


def open_questions(face: Face) -> list[OpenQuestion]:
    """Return the questions of every open session, oldest first."""
    found = [it for session in face.open_sessions for it in session.state.workflow.questions.values()]
    return sorted(found, key=lambda it: it.seq)


def place_of(question: Question, face: Face) -> Anchor | None:
    """Return where a question is shown: where a feature asks it, its own place, else the first line of the document in view."""
    for place in face.places:
        if (asked := place(question)) is not None:
            return asked
    if question.anchor is not None:
        return question.anchor
    return Anchor(uri=face.active_uri) if face.active_uri is not None else None


def numbered(open_: OpenQuestion, face: Face) -> str:
    """Return which question of several this is, oldest first; empty where it is the only one, or a document's own."""
    every = [it.question.id for it in open_questions(face) if it.question.kind != "conflict"]
    if len(every) < 2 or open_.question.id not in every:
        return ""
    return f"question {every.index(open_.question.id) + 1} of {len(every)}"


def _diagnostic(question: Question, place: types.Range, which: str) -> types.Diagnostic:
    conflict = question.kind == "conflict"
    return types.Diagnostic(
        range=place,
        message=diagnostic_text(question, f"{which.capitalize()}. " if which else ""),
        severity=types.DiagnosticSeverity.Warning if conflict else types.DiagnosticSeverity.Information,
        code="conflict" if conflict else "question",
        source=SOURCE,
        data={"questionId": question.id},
    )


def _point(line: int) -> types.Range:
    return types.Range(types.Position(line, 0), types.Position(line, 0))
