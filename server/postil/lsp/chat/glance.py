"""What stood below the last heading of a chat document at the moment when it was sent, or used as an answer."""

from __future__ import annotations

from dataclasses import dataclass

from postil.lsp.chat.form import Section, parse
from postil.lsp.chat.passage import Passage


@dataclass(frozen=True, slots=True)
class Glance:
    """A look at a document before anything is heard that was typed after the command."""

    text: str | None
    """None where it is not open."""

    def draft(self, now: str, *, busy: bool) -> Section | None:
        """Return what is meant, in a document that says `now` by the time it is used.

        What is typed behind the command is not of it: nobody sends half a word. Where something else was `busy` with what stood there,
        it is meant as long as it stands there still, whole.
        """
        seen = parse(self.text).draft if self.text is not None else None
        if seen is None or (busy and not _stands(seen, now)):
            return parse(now).draft
        return seen


def _stands(draft: Section, now: str) -> bool:
    passage = Passage(draft)
    passage.note(now)
    return not passage.settled
