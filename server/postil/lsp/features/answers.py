"""The answers to open questions as code actions: at their place, and in every document while one is open. Kind: reading."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import cast

from lsprotocol import types

from postil.core.errors import ProtocolError
from postil.core.question import Anchor, OptionKind
from postil.core.state import OpenQuestion
from postil.lsp.client_requests import ClientRequestError
from postil.lsp.diagnostics import SOURCE
from postil.lsp.face import Face
from postil.lsp.features.questions import numbered, open_questions, place_of
from postil.lsp.methods import by_name
from postil.lsp.server import PostilServer
from postil.lsp.values.session_methods import QuestionParams
from postil.lsp.wire import Nothing

SHOW = "Postil: Show the question"
_NEEDS_WORDS: frozenset[OptionKind] = frozenset({"reject_with_reason"})


def register(server: PostilServer) -> None:
    """Serve the command behind *Show the question*."""
    server.serve_row("session/show", Shower(server).show)


def answer_actions(face: Face, params: types.CodeActionParams) -> Iterator[types.CodeAction]:
    """Yield the answers to one question: that of a diagnostic, else the one at the place, else the oldest.

    Titles are constant, so two questions' answers side by side could not be told apart.
    """
    open_ = _concerned(face, params)
    if open_ is None:
        return
    question = open_.question
    argument = {"sessionId": _session_of(open_, face), "questionId": question.id}
    its_own = [it for it in params.context.diagnostics if _question_id(it) == question.id]
    which = numbered(open_, face)
    for option in question.options:
        if option.kind in _NEEDS_WORDS and not face.capabilities.takes_words:
            continue  # there is nowhere to write the words
        title = option.title if question.kind == "conflict" else f"Postil: {option.title}"
        yield _action(
            f"{title} ({which})" if which else title,
            "session/answer",
            {**argument, "optionId": option.id},
            its_own,
        )
    if not its_own and not _covers(place_of(question, face), params):
        yield _action(SHOW, "session/show", argument, [])


class Shower:
    """Takes the person to a question."""

    def __init__(self, server: PostilServer) -> None:
        self._server = server

    async def show(self, face: Face, params: QuestionParams) -> Nothing:
        """Show the place where a question is asked; it is no answer."""
        session = await face.session(params.session_id)
        open_ = session.state.workflow.questions.get(params.question_id)
        if open_ is None:
            raise ProtocolError("That question is not open: it was answered, or its turn has ended.")
        place = place_of(open_.question, face)
        if place is not None and not await self._shown(face, place):
            words = f"Postil: The question is at line {place.line + 1} of {place.uri}."
            self._server.window_show_message(types.ShowMessageParams(types.MessageType.Info, words))
        return Nothing()

    async def _shown(self, face: Face, place: Anchor) -> bool:
        if not face.capabilities.can_show_documents:
            return False
        start = types.Position(place.line, 0)
        params = types.ShowDocumentParams(place.uri, take_focus=True, selection=types.Range(start, start))
        try:
            result = await self._server.request(types.WINDOW_SHOW_DOCUMENT, params, 10.0)
        except ClientRequestError:
            return False
        return result is not None and result.success


def _concerned(face: Face, params: types.CodeActionParams) -> OpenQuestion | None:
    questions = open_questions(face)
    named = {question_id for it in params.context.diagnostics if (question_id := _question_id(it))}
    at_place = (it for it in questions if _covers(place_of(it.question, face), params))
    of_diagnostic = (it for it in questions if it.question.id in named)
    return next(of_diagnostic, None) or next(at_place, None) or next(iter(questions), None)


def _session_of(open_: OpenQuestion, face: Face) -> str:
    found = (it.id for it in face.open_sessions if open_.question.id in it.state.workflow.questions)
    return next(found)


def _question_id(diagnostic: types.Diagnostic) -> str | None:
    """Return the question that a diagnostic of ours stands for; clients hand its data back as they had it."""
    data = cast("object", diagnostic.data) if diagnostic.source == SOURCE else None
    if isinstance(data, Mapping):
        return cast("Mapping[str, str]", data).get("questionId")
    return getattr(data, "questionId", None)


def _covers(place: Anchor | None, params: types.CodeActionParams) -> bool:
    if place is None or place.uri != params.text_document.uri:
        return False
    return params.range.start.line <= max(place.end_line, place.line) and place.line <= params.range.end.line


def _action(
    title: str, row: str, argument: Mapping[str, str], diagnostics: list[types.Diagnostic]
) -> types.CodeAction:
    command = types.Command(title=title, command=by_name[row].command, arguments=[dict(argument)])
    kind = types.CodeActionKind.QuickFix
    return types.CodeAction(title=title, kind=kind, command=command, diagnostics=diagnostics or None)
