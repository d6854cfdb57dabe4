"""A passage of what a person is writing, followed through every change of the text: found by its place, not by its words."""

from __future__ import annotations

from postil.lsp.chat.form import Section, parse
from postil.workspace.texts.changes import TextChange, minimal_changes


class Passage:
    """What was used of a draft, as long as it stands there."""

    def __init__(self, draft: Section) -> None:
        body = draft.text.strip("\r\n\t ")
        self._text = draft.text
        self._start = draft.text.find(body)
        self._end = self._start + len(body)
        self.settled = not body
        """Whether nothing of it is to be taken out any more: it is out, or was typed into, and is another text now."""

    def note(self, text: str) -> None:
        """Take note of what the document says by now."""
        if self.settled:
            return
        draft = parse(text).draft
        if draft is None:
            self.settled = True
            return
        place = self._place(draft.text)
        if place is None:
            self.settled = True
            return
        self._text, self._start, self._end = draft.text, place, place + self._end - self._start

    def _place(self, now: str) -> int | None:
        """Return where it stands by now; None where it was typed into, or is out."""
        if now == self._text[: self._start] + self._text[self._end :]:
            return None
        above = within = 0
        touched = False
        for it in minimal_changes(self._text, now):
            more = len(it.text) - (it.end - it.start)
            if it.end <= self._start:
                above += more
            elif it.start < self._end:
                touched, within = True, within + more
        # Of two equal lines nobody can tell which one is new: it is whole if it is so from either side.
        body = self._text[self._start : self._end]
        places = [self._start + above, *([self._start + above + within] if touched else ())]
        return next((it for it in places if it >= 0 and now.startswith(body, it)), None)

    def changes(self, text: str) -> list[TextChange]:
        """Return what takes it out, once."""
        self.note(text)
        draft = parse(text).draft
        if not self.settled and (
            _is_within_word(self._text, self._start) or _is_within_word(self._text, self._end)
        ):
            self.settled = True
        if self.settled or draft is None:
            return []
        return [TextChange(draft.body + self._start, draft.body + self._end, "")]


def _is_within_word(text: str, at: int) -> bool:
    return at > 0 and _is_letter(text[at - 1 : at]) and _is_letter(text[at : at + 1])


def _is_letter(one: str) -> bool:
    return one.isalnum() or one == "_"
