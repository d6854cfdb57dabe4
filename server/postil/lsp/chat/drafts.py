"""What is written below the last heading of a chat document, taken out once it was used, and put back where it was not."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import TYPE_CHECKING

from postil.core.errors import EditRefused
from postil.lsp.chat.form import YOU, Section, parse, split, written
from postil.workspace.texts.changes import TextChange

if TYPE_CHECKING:
    from postil.lsp.chat.document import ChatDocument
    from postil.lsp.chat.passage import Passage

log = logging.getLogger(__name__)


async def take_out(document: ChatDocument, draft: Section, passage: Passage) -> None:
    """Take out what was used where it stands, once, unless it was typed into. Where that cannot be, the document knows that it is spent."""

    def make(text: str) -> Sequence[TextChange]:
        changes = passage.changes(text)
        return [*document.head(text), *changes] if changes else []

    def is_out(text: str) -> bool:
        passage.note(text)
        return passage.settled

    try:
        is_gone = await document.change(make, is_out)
    except EditRefused as error:
        is_gone = False
        log.info("what was used stays in a chat document: %s", error)
    if not is_gone:
        document.spent = draft.prompt


async def put_back(document: ChatDocument, words: str) -> None:
    """Put words back that were taken out and not sent, above what is written there by now."""
    body = written(words).strip()
    if document.spent.strip() == words.strip() and _count(await document.text(), body):
        document.spent = ""  # They could not be taken out: now they may be sent.
        return
    putting = _Putting(body)
    document.following = putting.note
    try:
        await document.change(putting.make, putting.is_in)
    except EditRefused as error:
        log.info("what was taken back is not put into a chat document: %s", error)
    finally:
        document.following = None


class _Putting:
    """Words on their way back, seen to be in where they stand there once more than before: as lines of their own."""

    def __init__(self, body: str) -> None:
        self._body = body
        self._before: int | None = None
        self._found = False

    def note(self, text: str) -> None:
        """Take note of what the document says by now."""
        if self._before is not None and _count(text, self._body) > self._before:
            self._found = True

    def is_in(self, text: str) -> bool:
        """Whether they are in."""
        self.note(text)
        return self._found

    def make(self, text: str) -> Sequence[TextChange]:
        """Return what puts them in."""
        if self.is_in(text):
            return []
        self._before = _count(text, self._body)
        draft = parse(text).draft
        lines = "\r\n" if "\r\n" in text else "\n"
        new = self._body.replace("\n", lines)
        if draft is None:
            above = "" if text.endswith(("\n", "\r")) else lines
            return [TextChange(len(text), len(text), f"{above}{lines}{YOU}{lines}{new}{lines}")]
        above = "" if text[: draft.body].endswith(("\n", "\r")) else lines
        below = lines if draft.text.strip() else ""
        return [TextChange(draft.body, draft.body, f"{above}{new}{lines}{below}")]


def _count(text: str | None, body: str) -> int:
    """Return how often words stand below the last heading as whole lines."""
    draft = parse(text).draft if text is not None else None
    if draft is None:
        return 0
    wanted, lines = split(body), split(draft.text)
    return sum(lines[it : it + len(wanted)] == wanted for it in range(len(lines) - len(wanted) + 1))
