"""What *Send* changes in a document: the header says which session it is, and a reply begins below the prompt."""

from __future__ import annotations

import re
from collections.abc import Collection

from postil.lsp.chat.form import ENDED, HEADER, MARKER, NEW_TITLE, POSTIL, YOU, Section, marker, parse
from postil.lsp.chat.page import asked, header
from postil.lsp.chat.reply import Reply
from postil.lsp.chat.rows import TAKEN_BACK, plain
from postil.workspace.texts.changes import TextChange

_TYPED_INTO = 200
"""Characters that somebody may have typed into a prompt between sending it and seeing its reply begin; with more it is another text."""
_PIECE = 3
"""Characters that the pieces of a prompt have on average that was typed into; with fewer it is another text."""


def has_marker(text: str, number: int) -> bool:
    """Whether the reply of a turn is in the document."""
    return any(
        int(it[1]) == number for section in parse(text).replies for it in MARKER.finditer(section.text)
    )


def begun(text: str, sent: Section, reply: Reply) -> list[TextChange]:
    """Return what has a reply begin below the prompt that was sent, and a heading for the next one below that.

    What was typed behind the prompt since belongs to the next one.
    """
    line = marker(reply.number, 0)
    body = sent.text.rstrip("\r\n\t ")
    sections = [it for it in reversed(parse(text).sections) if it.kind == "you"]
    at = next((it.body + end for it in sections if (end := _end_of_sent(it.text, body)) is not None), None)
    if at is None:
        return elsewhere(text, reply)
    rest = "" if text[at : at + 1] in ("\r", "\n") else "\n"
    return [TextChange(at, at, _fit(f"\n\n{POSTIL}\n{line}\n\n{YOU}{rest}", text))]


def _end_of_sent(text: str, body: str) -> int | None:
    """Return where what was sent ends in a section, be it that somebody has typed into it since; None where it is not there.

    A few letters are in nearly every text: what replaced a prompt is not what was sent, and nothing is put into the middle of a word.
    """
    whole = len(body) if text.startswith(body) else None
    found = (whole, _end_of_pieces(text, body), _end_of_lines(text, body))
    return next((it for it in found if it is not None and not _is_within_word(text, it)), None)


def _is_within_word(text: str, at: int) -> bool:
    return text[at - 1 : at].isalnum() and text[at : at + 1].isalnum()


def _end_of_pieces(text: str, body: str) -> int | None:
    """Return where it ends, where it stands there in pieces that are no mere letters."""
    end = pieces = 0
    for it in body:
        at = text.find(it, end)
        if at < 0:
            return None
        pieces += not end or at > end
        end = at + 1
    return end if end <= len(body) + _TYPED_INTO and pieces * _PIECE <= len(body) else None


def _end_of_lines(text: str, body: str) -> int | None:
    """Return where it ends, where each of its lines stands there, whatever is between them."""
    end = 0
    for it in body.split("\n"):
        found = re.compile(rf"^{re.escape(it)}(?=[\r\n]|\Z)", re.MULTILINE).search(text, end)
        if found is None:
            return None
        end = found.end()
    return end if end <= len(body) + _TYPED_INTO else None


def elsewhere(text: str, reply: Reply) -> list[TextChange]:
    """Return what puts a turn in that was begun elsewhere: above what is being written."""
    draft = parse(text).draft
    at = draft.start if draft is not None else len(text)
    above = "" if not at or text[at - 1] in "\r\n" else "\n\n"
    below = "" if draft is not None else f"{YOU}\n"
    new = f"{above}{asked(reply.prompt)}{POSTIL}\n{marker(reply.number, 0)}\n\n{below}"
    return [TextChange(at, at, _fit(new, text))]


def headed(text: str, session_id: str, title: str, status: str, ours: Collection[str]) -> list[TextChange]:
    """Return what brings the title and the header up to date. A header that is none of `ours` stays as it is."""
    top = parse(text).sections[0].text
    changes: list[TextChange] = []
    if title and top.split("\n", 1)[0].rstrip("\r") == NEW_TITLE:
        changes.append(TextChange(0, len(NEW_TITLE), f"# {plain(title)}"))
    line, found = header(session_id, status), HEADER.search(top)
    if found is None:
        first = top.find("\n") + 1 if top.startswith("# ") else 0
        above = "\n" if top.startswith("# ") and not first else ""
        at = len(top) if above else first
        return [*changes, TextChange(at, at, _fit(f"{above}{line}\n", text))]
    if found[0] != line and (found[1] is None or found[0] in ours):
        changes.append(TextChange(found.start(), found.end(), line))
    return changes


def _fit(new: str, text: str) -> str:
    return new.replace("\n", "\r\n") if "\r\n" in text else new


def is_marked(text: str, reply: Reply) -> bool:
    """Whether the document says of a turn that it was taken back, or has no end of it to say so above."""
    found = _end_of(text, reply)
    return found is None or text[: found[0]].rstrip("\r\n").endswith(TAKEN_BACK)


def marked(text: str, reply: Reply) -> list[TextChange]:
    """Return what says of a turn that it was taken back: a row above the last line of its reply."""
    found = _end_of(text, reply)
    if found is None or is_marked(text, reply):
        return []
    return [TextChange(found[0], found[0], _fit(reply.taken_back, text))]


def _end_of(text: str, reply: Reply) -> tuple[int, int] | None:
    """Return where the last line of a reply is."""
    for section in parse(text).replies:
        for it in ENDED.finditer(section.text):
            if int(it[1]) == reply.number:
                return section.body + it.start(), section.body + it.end()
    return None
