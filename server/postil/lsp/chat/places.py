"""Where in a chat document something stands: questions, changes and calls, found by the very lines that were written."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from postil.core.question import Anchor
from postil.lsp.chat import rows
from postil.lsp.chat.form import ChatText, Section, parse, split
from postil.lsp.chat.reply import Reply

if TYPE_CHECKING:
    from postil.lsp.chat.document import ChatDocument


def section_of(chat: ChatText, reply: Reply) -> Section | None:
    """Return the section of a reply."""
    return chat.by_turn.get(reply.number)


def asked_line(chat: ChatText, reply: Reply, question_id: str) -> int | None:
    """Return the line of an open question's heading, where all of it stands there as it was asked."""
    section = section_of(chat, reply)
    if section is None:
        return None
    number, question = reply.questions[question_id]
    wanted, lines = rows.question_block(question, number), split(section.text)
    for place in range(len(lines) - len(wanted) + 1):
        if lines[place : place + len(wanted)] == wanted:
            return section.line + 1 + place
    return None


def question_line(chat: ChatText, reply: Reply, question_id: str) -> int | None:
    """Return the line of an open question's heading, where all of it stands there as it was asked; else that of its reply."""
    section, line = section_of(chat, reply), asked_line(chat, reply, question_id)
    return section.line if line is None and section is not None else line


def row_lines(chat: ChatText, reply: Reply) -> dict[int, str]:
    """Return the lines of a reply that are rows of calls and changes, as the reply has them, each with what it is about."""
    section = section_of(chat, reply)
    if section is None or not reply.subjects:
        return {}
    left = {line: list(subjects) for line, subjects in reply.subjects.items()}
    found: dict[int, str] = {}
    for place, line in enumerate(split(section.text)):
        if left.get(line):
            found[section.line + 1 + place] = left[line].pop(0)
    return found


def question_place(
    question_id: str, documents: Iterable[ChatDocument], shown: Callable[[str], str | None]
) -> Anchor | None:
    """Return where a question is asked in one of the documents; None where it is in none that is shown."""
    for document in documents:
        text = shown(document.uri)
        asked = next((it for it in document.telling.replies if question_id in it.questions), None)
        if text is not None and asked is not None:
            line = question_line(parse(text), asked, question_id)
            return Anchor(uri=document.uri, line=line, end_line=line) if line is not None else None
    return None
