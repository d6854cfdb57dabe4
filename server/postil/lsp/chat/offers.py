"""What can be done at which line of a chat document: the same as lenses and as code actions."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from postil.core.question import OptionKind
from postil.core.revealing import one_line
from postil.lsp.chat.document import ChatDocument
from postil.lsp.chat.form import ChatText, Section, parse
from postil.lsp.chat.next_tries import waits_of
from postil.lsp.chat.onward import onward
from postil.lsp.chat.places import asked_line, question_line, row_lines
from postil.lsp.chat.reply import Reply
from postil.lsp.chat.standing import paused_lines
from postil.lsp.face import Face
from postil.lsp.methods import by_name

if TYPE_CHECKING:
    from postil.agent.session import Session

_SHOWN = 40
"""Characters of a prompt that waits."""
_NEEDS_WORDS: frozenset[OptionKind] = frozenset({"reject_with_reason"})


@dataclass(frozen=True, slots=True)
class Offer:
    """One thing that can be done."""

    line: int
    title: str
    row: str
    argument: dict[str, Any]
    anywhere: bool = False
    """Whether it is offered as a code action on every line."""
    has_action: bool = False
    """Whether it needs no code action: there is one already, as for the answers to a question, or it could do nothing now."""

    @property
    def command(self) -> str:
        """The command's name."""
        return by_name[self.row].command


@dataclass(frozen=True, slots=True)
class _Back:
    """What of a session can be taken back now: gathered once, however many replies there are."""

    turns: frozenset[str] = frozenset()
    changes: frozenset[str] = frozenset()

    @classmethod
    def of(cls, session: Session | None) -> _Back:
        """Return what can be; of a session that works, or is not open here, it is nothing."""
        if session is None or session.working:
            return cls()
        workflow = session.state.workflow
        changes = {it.change_id for it in workflow.changes} - {*workflow.undone} - {*workflow.kept}
        return cls(frozenset(it.turn_id for it in workflow.marks), frozenset(changes))


def offers(face: Face, document: ChatDocument, text: str, *, elsewhere: bool) -> Iterator[Offer]:
    """Yield what can be done in a document, from top to bottom; `elsewhere` where another window has its session."""
    chat = parse(text)
    session = next((it for it in face.open_sessions if it.id == document.session_id), None)
    back, paused = _Back.of(session), paused_lines(document, chat)
    for line in paused:
        yield Offer(line, "Continue", "chat/continue", {"uri": document.uri}, anywhere=True)
    for section in chat.replies:
        reply = document.telling.numbered(section.turn)
        if reply is not None:
            yield from _of_reply(face, document, session, section.line, reply, back, elsewhere=elsewhere)
            yield from _of_changes(session, chat, reply, back)
            yield from _of_questions(face, chat, reply)
    if elsewhere and session is None:
        line = chat.draft.line if chat.draft is not None else 0
        of_session = {"sessionId": document.session_id or chat.session_id}
        yield Offer(line, "Take over", "session/takeOver", of_session, anywhere=True)
    elif chat.draft is not None:
        yield from _of_draft(document, session, chat.draft)


def _of_reply(
    face: Face,
    document: ChatDocument,
    session: Session | None,
    line: int,
    reply: Reply,
    back: _Back,
    *,
    elsewhere: bool,
) -> Iterator[Offer]:
    of_session = {"sessionId": document.session_id}
    if not reply.end:
        if session is not None and session.working and not session.suspended:
            yield Offer(line, "Stop", "session/cancel", of_session, anywhere=True)
            for it in waits_of(face, session.id):
                title = f"Try now: {it.who}" if it.who else "Try now"
                yield Offer(line, title, "session/retry", {"sessionId": it.session_id}, has_action=True)
        elif session is not None or not elsewhere:
            yield Offer(line, "Resume", "session/resume", of_session, anywhere=True)
    elif session is not None and reply.turn_id in back.turns:
        argument = {**of_session, "turnId": reply.turn_id}
        yield Offer(line, "Rewind to here", "session/undo", argument)
        if reply is document.telling.replies[-1]:
            for title, row in onward(session.state.workflow, reply, resumable=session.resumable):
                yield Offer(line, title, row, of_session)


def _of_changes(session: Session | None, chat: ChatText, reply: Reply, back: _Back) -> Iterator[Offer]:
    if session is None or not back.changes:
        return
    for line, subject in row_lines(chat, reply).items():
        if subject in back.changes:
            kept = {"sessionId": session.id, "changeIds": [subject]}
            yield Offer(line, "Keep", "session/keep", kept)
            yield Offer(line, "Undo", "session/undo", {"sessionId": session.id, "changeId": subject})


def _of_questions(face: Face, chat: ChatText, reply: Reply) -> Iterator[Offer]:
    for question_id, (_, question) in reply.questions.items():
        session = next((it for it in face.open_sessions if question_id in it.state.workflow.questions), None)
        line = question_line(chat, reply, question_id)
        if session is None or line is None:
            continue
        if asked_line(chat, reply, question_id) is None:
            # What cannot be read here is not answered here: lenses of two questions are alike.
            argument = {"sessionId": session.id, "questionId": question_id}
            yield Offer(line, "Show the question", "session/show", argument, has_action=True)
            continue
        for option in question.options:
            if option.kind in _NEEDS_WORDS and not face.capabilities.takes_words:
                continue
            argument = {"sessionId": session.id, "questionId": question_id, "optionId": option.id}
            yield Offer(line, option.title, "session/answer", argument, has_action=True)


def _of_draft(document: ChatDocument, session: Session | None, draft: Section) -> Iterator[Offer]:
    argument: dict[str, Any] = {"uri": document.uri}
    written = bool(draft.prompt.strip())
    # Lenses stay where they are while somebody begins to write; a menu is asked for anew each time.
    sending = {"anywhere": written, "has_action": not written}
    if session is not None and session.working:
        yield Offer(draft.line, "Queue", "chat/send", argument, **sending)
        yield Offer(draft.line, "Steer now", "chat/send", {**argument, "steer": True}, **sending)
    else:
        yield Offer(draft.line, "Send", "chat/send", argument, **sending)
    if session is not None:
        yield from _of_waiting(session, draft)
    if written:
        yield from _of_answers(document, draft)


def _of_waiting(session: Session, draft: Section) -> Iterator[Offer]:
    """Yield what can be done with each prompt that waits: its words stand nowhere else in the document."""
    for it in session.state.workflow.queue:
        argument = {"sessionId": session.id, "promptId": it.id}
        words = one_line(it.prompt.text, _SHOWN)
        if not it.steers or not session.working:
            verb = "Steer with" if session.working else "Send"
            yield Offer(
                draft.line, f"{verb} what waits: {words}", "session/sendWaiting", argument, has_action=True
            )
        yield Offer(
            draft.line, f"Take back what waits: {words}", "session/takeBack", argument, has_action=True
        )


def _of_answers(document: ChatDocument, draft: Section) -> Iterator[Offer]:
    """Yield what answers a question in the words of the draft, by its number where several are open."""
    found = [(id_, *it) for reply in document.telling.replies for id_, it in reply.questions.items()]
    for question_id, number, question in found:
        which = f" question {number}" if len(found) > 1 else ""
        argument = {"uri": document.uri, "questionId": question_id}
        if question.free_text:
            yield Offer(draft.line, f"Answer{which} with this", "chat/answer", argument, anywhere=True)
        for option in question.options:
            if option.kind in _NEEDS_WORDS:
                said = {**argument, "optionId": option.id}
                yield Offer(draft.line, f"Deny{which}, and say this", "chat/answer", said, anywhere=True)
