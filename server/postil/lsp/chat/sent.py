"""Whether a draft was sent already: where nothing could be written below it, and it not be taken out, it goes on standing there."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING
from urllib.parse import unquote

from postil.core.errors import ProtocolError

if TYPE_CHECKING:
    from postil.agent.session import Session
    from postil.core.events import PromptReceived
    from postil.lsp.chat.document import ChatDocument


def refuse_twice(document: ChatDocument, session: Session, words: str, *, closed: bool) -> None:
    """Raise ProtocolError where these words were used up and stand there still. `closed`: the editor takes no edits."""
    if words != document.spent:
        document.spent = ""
    elif words:
        raise _twice("It could not be taken out" if not closed else "This editor takes no edits")
    if closed and _last_from_here(document, session) == words:
        raise _twice("This editor takes no edits")


def _twice(why: str) -> ProtocolError:
    return ProtocolError(
        "That was sent already.",
        f"{why}, so it stands there still: change it, or write the next prompt in its place.",
    )


def _last_from_here(document: ChatDocument, session: Session) -> str | None:
    """Return the last prompt that was sent from a document."""
    queued = [it.prompt for it in session.state.workflow.queue]
    asked = [it.asked for it in document.telling.replies]
    here = [*_from_here(document, asked), *_from_here(document, queued)]
    return here[-1] if here else None


def _from_here(document: ChatDocument, prompts: Iterable[PromptReceived]) -> Iterator[str]:
    for it in prompts:
        if it.anchor is not None and unquote(it.anchor.uri) == unquote(document.uri):
            yield it.text
