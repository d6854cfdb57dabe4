"""A chat document of many turns, each with an edit, and all that can be done in it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from postil.core.events import Durable, Recorded
from postil.core.fold import fold
from postil.core.messages import Text
from postil.lsp.chat.document import ChatDocument
from postil.lsp.chat.offers import Offer, offers
from postil.lsp.chat.page import page
from postil.lsp.chat.rows import Places
from postil.lsp.chat.telling import Telling
from postil.lsp.face import Face
from tests.support.golden_parts import begin, edited, ended, prompt, replied, routed

SESSION = "s0001"
WORDS = "Some words of an answer that goes on for a line or two, as answers do.\n" * 20


@dataclass(frozen=True, slots=True)
class LongChat:
    """One document with its session, which does nothing just now."""

    face: Face
    document: ChatDocument
    text: str

    def offered(self, text: str | None = None) -> list[Offer]:
        """Return what can be done in the document, or in another text of it."""
        return list(offers(self.face, self.document, self.text if text is None else text, elsewhere=False))


def long_chat(turns: int, draft: str = "") -> LongChat:
    """Return a document of so many turns."""
    events: list[Durable] = begin()
    for number in range(1, turns + 1):
        turn = f"t{number}"
        events += [prompt(turn, f"Task {number}."), routed(turn), replied(turn, 1, Text(text=WORDS))]
        events += [_of_its_own(it, number) for it in edited(turn, f"k{number}")]
        events.append(ended(turn))
    records = [Recorded(seq, 0.0, it) for seq, it in enumerate(events, 1)]
    telling = Telling(Places(Path("/project")))
    for it in records:
        telling.apply(it.event, it.at, it.seq)
    session = SimpleNamespace(id=SESSION, working=False, resumable=False, state=fold(records))
    face: Any = SimpleNamespace(open_sessions=(session,))
    pages: Any = SimpleNamespace()
    document = ChatDocument(pages, "file:///project/.postil/chat/a.md", telling, "live")
    document.session_id = SESSION
    return LongChat(face, document, page(SESSION, "Long", "", telling.replies, draft))


def _of_its_own(event: Any, number: int) -> Durable:
    """Return an event of an edit as one of another change."""
    return event.model_copy(update={"change_id": f"c{number:04}"}) if hasattr(event, "change_id") else event
