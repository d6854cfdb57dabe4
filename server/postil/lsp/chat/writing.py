"""Where the rest of a reply goes in a document that its user is typing in, decided by the text alone.

Each try puts a marker of its own number behind what it wrote. The number that stands in the document says which try is in, be it one
that seemed to be refused, and a smaller one than before says that somebody has undone.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from postil.lsp.chat.form import CONTINUED, ENDED, MARKER, ChatText, Section, marker, parse
from postil.lsp.chat.page import filler
from postil.lsp.chat.reply import Reply
from postil.workspace.texts.changes import TextChange, common_prefix

Pace = Literal["live", "paragraph", "final"]
Sight = Literal["ready", "undone", "lost", "gone", "written"]
"""What a look at the text says: it can go on, its user has undone a piece, the marker is lost within the reply or with all of it, or all is in."""


@dataclass(frozen=True, slots=True)
class Try:
    """What stands in the document where a try is in."""

    upto: int
    """How much of the reply."""
    pending: str
    """What stands behind it for now."""


class Writing:
    """One reply and one document."""

    def __init__(self, reply: Reply, number: int = 0, there: Try | None = None) -> None:
        """`number` is that of the marker in the document, and `there` what stands above it."""
        self.reply = reply
        self.number = number
        """Of the last try that was seen to be in."""
        self._tries: dict[int, Try] = {number: there or Try(0, "")}
        self._next = number + 1

    @property
    def there(self) -> Try:
        """What is in the document, as far as is known."""
        return self._tries[self.number]

    def look(self, text: str) -> Sight:
        """Find out from the text what is in it by now."""
        chat = parse(text)
        found = self._marker(text, chat)
        if found is None:
            ended = any(
                int(it[1]) == self.reply.number for section in chat.replies for it in ENDED.finditer(section.text)
            )  # fmt: skip
            if ended:
                return "written"
            return "lost" if self._section(chat) is not None else "gone"
        number = found[1]
        if number < self.number:
            return "undone"
        self.number = number
        return "ready"

    def go_back(self, text: str) -> None:
        """Take what the text has for all that there is: what was undone is written again."""
        found = self._marker(text, parse(text))
        if found is not None:
            self.number = found[1]

    def wants(self, pace: Pace) -> bool:
        """Whether there is something to write."""
        return bool(self.reply.end) or self._goal(pace) != self.there

    def changes(self, text: str, pace: Pace) -> list[TextChange]:
        """Return the next try; nothing where there is nothing to write, or the text is not one to write in."""
        chat = parse(text)
        place = self._marker(text, chat)
        if place is None or place[1] != self.number or not self.wants(pace):
            return []
        start, end = self._span(text, place[0])
        goal = self._goal(pace)
        number = self._number(goal)
        last = self.reply.end or marker(self.reply.number, number)
        between = goal.pending or filler(self.reply.text[: goal.upto])
        new = _with_breaks(self.reply.text[self.there.upto : goal.upto] + between + last, text)
        same = common_prefix(text[start:end], new)
        return [TextChange(start + same, end, new[same:])]

    def anchor(self, text: str) -> list[TextChange]:
        """Return what puts the marker back where it was lost: at the end of the reply, else in a reply of its own."""
        chat = parse(text)
        section = self._section(chat)
        upto = self.there.upto if section is not None or self._stands(text) else 0
        line = marker(self.reply.number, self._number(Try(upto, "")))
        if section is not None:
            body = section.text.rstrip("\r\n\t ")
            at = section.body + len(body)
            if not body:
                new = f"{line}\n" if text[section.body - 1 : section.body] in ("\n", "\r") else f"\n{line}\n"
            else:
                new = f"\n{line}" if section.text[len(body) :].strip(" \t") else f"\n{line}\n"
            return [TextChange(at, at, _with_breaks(new, text))]
        draft = chat.draft
        at = draft.start if draft is not None else len(text)
        above = "" if not at or text[at - 1] in "\r\n" else "\n\n"
        return [TextChange(at, at, _with_breaks(f"{above}{CONTINUED}\n{line}\n\n", text))]

    def _stands(self, text: str) -> bool:
        """Whether what was written is in a text, be it without its heading."""
        return _with_breaks(self.reply.text[: self.there.upto].strip("\n"), text) in text

    def _goal(self, pace: Pace) -> Try:
        """Return how far to write now."""
        reply = self.reply
        if reply.end or reply.questions or self.there.pending or pace == "live":
            upto = len(reply.text)
        else:
            upto = reply.firm if pace == "paragraph" else 0
        return Try(max(upto, self.there.upto), reply.pending)

    def _number(self, wanted: Try) -> int:
        number, self._next = self._next, self._next + 1
        self._tries[number] = wanted
        return number

    def _span(self, text: str, found: tuple[int, int]) -> tuple[int, int]:
        """Return what is replaced: the marker, and above it what is still exactly as it was put there for now."""
        start, end = found
        there = self.there
        pending = _with_breaks(there.pending, text)
        if pending and text.endswith(pending, 0, start):
            return start - len(pending), end
        if filler(self.reply.text[: there.upto]) and not pending and text[start - 1 : start] == "\n":
            start -= 2 if text[start - 2 : start] == "\r\n" else 1
        return start, end

    def _marker(self, text: str, chat: ChatText) -> tuple[tuple[int, int], int] | None:
        """Return the place and the number of the newest marker of this reply that is one of ours."""
        known = [it for it in self._markers(chat) if it[1] in self._tries]
        return max(known, key=lambda it: (it[1], it[0]), default=None)

    def _markers(self, chat: ChatText) -> Iterator[tuple[tuple[int, int], int]]:
        for section in chat.replies:
            for it in MARKER.finditer(section.text):
                if int(it[1]) == self.reply.number:
                    yield (section.body + it.start(), section.body + it.end()), int(it[2])

    def _section(self, chat: ChatText) -> Section | None:
        """Return the reply that has lost its marker: the last that is not whole, and nobody else's."""
        own = [it for it in chat.replies if not it.ended and it.turn in (None, self.reply.number)]
        return own[-1] if own else None


def _with_breaks(new: str, text: str) -> str:
    """Return new text with the line ends of the text that it goes into."""
    return new.replace("\n", "\r\n") if "\r\n" in text else new
