"""Open questions as permission requests: the options are Postil's own, and what fails or is cancelled is a denial.

A client may answer such requests by itself, so two questions are never put to it: whether a folder is trusted, and whether a
server that a workspace names may start. Those take a person's word, in a terminal; until then they count as no.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any

from acp.schema import PermissionOption, ToolCallUpdate

from postil.acp import wording
from postil.acp.client import chosen
from postil.core.errors import JournalError, ProtocolError
from postil.core.question import Option, Question
from postil.core.submissions import Answer, Cancel
from postil.core.wording import told

if TYPE_CHECKING:
    from acp.interfaces import Client
    from acp.schema import PermissionOptionKind

    from postil.agent.session import Session

log = logging.getLogger(__name__)

IN_A_TERMINAL = {
    "trust": "This folder is not trusted, so less runs unasked. `postil trust allow` in a terminal trusts it.",
    "server": "A server of tools that this workspace names waits for your word. `postil mcp allow` in a terminal gives it.",
}
_KINDS: dict[str, PermissionOptionKind] = {
    "allow_once": "allow_once",
    "allow_session": "allow_always",
    "allow_always": "allow_always",
    "reject_once": "reject_once",
}
_REFUSING = frozenset({"end", "keep", "keep_mine", "cancel"})
"""Choices that leave things as they are."""
_NO_ANSWER = "No answer came from the editor."
_NAMES = {"allow_always": "Always allow in this workspace"}


class Asking:
    """The open questions of one session and of its sub-agents, each put to the client once."""

    def __init__(self, client: Client, session_id: str, session: Callable[[str], Session], face: str) -> None:
        """`session` gives the session of an id, which may be a sub-agent's; `face` goes on record."""
        self._face = face
        self._client = client
        self._session_id = session_id
        self._session = session
        self._tasks: dict[str, asyncio.Task[None]] = {}

    @property
    def face(self) -> str:
        """What goes on record of what a person does there."""
        return self._face

    def ask(self, question: Question, whose: str, call_id: str | None) -> None:
        """Put a question to the client, unless that is done already; `whose` is the session that asks."""
        if question.id in self._tasks or question.kind in IN_A_TERMINAL:
            return
        work = self._ask(question, whose, call_id)
        self._tasks[question.id] = asyncio.create_task(work, name=f"postil-acp-{question.id}")

    def ask_open(self) -> None:
        """Put what a session that was left has open to the client."""
        for it in list(self._session(self._session_id).state.workflow.questions.values()):
            self.ask(it.question, self._session_id, it.call_id)

    def settled(self, question_id: str) -> None:
        """Wait no more for the answer to a question that is closed."""
        task = self._tasks.pop(question_id, None)
        if task is not None and task is not asyncio.current_task():
            task.cancel()

    def close(self) -> None:
        """Wait for no answer any more."""
        for task in self._tasks.values():
            task.cancel()
        self._tasks.clear()

    async def _ask(self, question: Question, whose: str, call_id: str | None) -> None:
        offered = [it for it in question.options if it.kind in _KINDS or it.kind == "choice"]
        try:
            picked = await chosen(
                self._client, self._session_id, _call(question, call_id), list(map(_option, offered))
            )
            known = any(it.id == picked for it in offered)
            await self._answer(question, whose, picked if known else None)
        except (ProtocolError, JournalError) as error:
            log.info("an answer came to nothing: %s", error)
        except Exception:
            log.exception("question %s", question.id)

    async def _answer(self, question: Question, whose: str, picked: str | None) -> None:
        session = self._session(whose)
        if picked is None:
            picked = next((it.id for it in question.options if it.kind == "reject_once"), None)
        if picked is None:
            # Nothing but a permission has an answer that means no.
            await self._session(self._session_id).cancel(Cancel(_NO_ANSWER))
        else:
            await session.answer(Answer(question.id, picked, face=self._face))


def said_open(questions: Iterable[Question]) -> str:
    """Return what is told of the questions of a session that was left: which are asked again, and which take a terminal."""
    found = list(questions)
    asked = [
        wording.title(f"{it.title} {it.subject}".strip()) for it in found if it.kind not in IN_A_TERMINAL
    ]
    waits = [f"It waits for your answer: {'; '.join(asked)}."] if asked else []
    return " ".join([*waits, *(IN_A_TERMINAL[it.kind] for it in found if it.kind in IN_A_TERMINAL)])


def _option(option: Option) -> PermissionOption:
    kind = _KINDS.get(option.kind) or ("reject_once" if option.id in _REFUSING else "allow_once")
    note = f" ({option.note})" if option.note and option.kind == "choice" else ""
    name = wording.title(f"{_NAMES.get(option.kind, option.title)}{note}")
    return PermissionOption(option_id=option.id, name=name, kind=kind)


def _call(question: Question, call_id: str | None) -> ToolCallUpdate:
    """Return a question as the call that it is about, with all that a person should see before they decide."""
    subject = f": {question.subject}" if question.subject else ""
    lines: Sequence[str] = told(question)
    shown: list[Any] = []
    if question.subject:
        shown.append(wording.output(question.subject))
    if lines:
        shown.append(wording.content("\n".join(f"- {line}" for line in lines)))
    if question.diff:
        shown.append(wording.output(question.diff, "diff"))
    return ToolCallUpdate(
        tool_call_id=call_id or question.id,
        title=wording.title(f"{question.title}{subject}"),
        status="pending",
        content=shown or None,
    )
