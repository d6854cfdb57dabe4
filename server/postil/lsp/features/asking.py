"""A question as a message, where the user's settings ask for it; a null answer is a denial. Kind: reading."""

from __future__ import annotations

import asyncio
import logging

from lsprotocol import types

from postil.core.errors import PostilError
from postil.core.events import Publication
from postil.core.question import OptionKind, Question
from postil.core.submissions import Answer
from postil.lsp.client_requests import ClientRequestError
from postil.lsp.face import Face
from postil.lsp.features.answers import Shower
from postil.lsp.features.questions import open_questions
from postil.lsp.question_text import asks
from postil.lsp.server import PostilServer
from postil.lsp.values.session_methods import QuestionParams

log = logging.getLogger(__name__)

SHOW = "Show the question"
_PATIENCE = 24 * 3600.0
"""Seconds until a message is given up; that is no answer either."""
_WITHOUT_READING_ON: tuple[OptionKind, ...] = ("allow_once", "reject_once")
"""The answers that a message offers: a lasting rule is given where it can be read."""


def register(server: PostilServer) -> None:
    """Tell of each question that is open, once."""
    asking = Asking(server)

    def begin(face: Face) -> None:
        face.listen(asking.publish, below=True)
        face.watch(asking.update)

    server.on_face.append(begin)
    server.on_end.append(asking.end)


class Asking:
    """The questions that were told of, and the messages that wait for a button."""

    def __init__(self, server: PostilServer) -> None:
        self._server = server
        self._told: dict[str, asyncio.Task[None] | None] = {}

    def publish(self, publication: Publication) -> None:
        """Look after each durable event."""
        if publication.seq is not None:
            self.update()

    def update(self) -> None:
        """Tell of what is new, and take back the messages of what was answered elsewhere."""
        face = self._server.face
        notify = face.options.questions_notify if face.options is not None else "badge"
        if notify == "badge" or face.capabilities.takes_updates:
            return
        now = {it.question.id: it.question for it in open_questions(face)}
        for gone in self._told.keys() - now.keys():
            task = self._told.pop(gone)
            if task is not None:
                task.cancel()
        for question in (it for key, it in now.items() if key not in self._told):
            buttons = notify == "request" and question.kind == "permission"
            self._told[question.id] = asyncio.create_task(self._ask(question)) if buttons else None
            if not buttons:
                words = f"{asks(question)}. Answer by its code actions."
                self._server.window_show_message(types.ShowMessageParams(types.MessageType.Info, words))

    def end(self) -> None:
        """Wait for no button any more."""
        for task in filter(None, self._told.values()):
            task.cancel()

    async def _ask(self, question: Question) -> None:
        """Ask once. What the question is about stays out of a message, which an editor may cut or read as a link."""
        offered = {it.title: it.id for it in question.options if it.kind in _WITHOUT_READING_ON}
        params = types.ShowMessageRequestParams(
            types.MessageType.Info,
            f"{asks(question)}. It is shown in full at its place. Closing this denies.",
            [types.MessageActionItem(title) for title in (*offered, SHOW)],
        )
        try:
            chosen = await self._server.request(types.WINDOW_SHOW_MESSAGE_REQUEST, params, _PATIENCE)
        except ClientRequestError as error:
            log.info("a question was not asked by message: %s", error)
            return
        await self._take(question, chosen.title if chosen is not None else None, offered)

    async def _take(self, question: Question, title: str | None, offered: dict[str, str]) -> None:
        face = self._server.face
        session = next((it for it in face.open_sessions if question.id in it.state.workflow.questions), None)
        if session is None:
            return
        if title == SHOW:
            await Shower(self._server).show(
                face, QuestionParams(session_id=session.id, question_id=question.id)
            )
            return
        option_id = offered.get(title or "", "reject_once")
        try:
            await session.answer(Answer(question.id, option_id, face=face.name))
        except PostilError as error:
            log.info("answered elsewhere: %s", error)
