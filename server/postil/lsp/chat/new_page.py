"""New chat documents: an empty one, and one that is written from a session's record."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path
from typing import TYPE_CHECKING

from postil.core.titles import title
from postil.lsp.chat.form import NEW_TITLE, YOU, written
from postil.lsp.chat.naming import file_name
from postil.lsp.chat.page import page
from postil.lsp.chat.pages import create
from postil.lsp.chat.rows import Places
from postil.lsp.chat.telling import Telling
from postil.workspace.files.uris import path_to_uri

if TYPE_CHECKING:
    from collections.abc import Container, Sequence

    from postil.agent.session import Session
    from postil.core.events import Recorded


async def empty_page(root: Path, words: str, taken: Container[str]) -> str:
    """Make a document of no session yet, in which `words` wait to be sent; returns its URI."""
    name = file_name(time.strftime("%Y-%m-%d"), title(words))
    draft = f"{written(words).strip()}\n" if words.strip() else ""
    return await _created(root, name, f"{NEW_TITLE}\n\n{YOU}\n{draft}", taken)


async def page_of(root: Path, session: Session, record: Sequence[Recorded]) -> str:
    """Make a document that says what a session's record says; returns its URI."""
    telling = Telling(Places(root))
    for it in record:
        telling.apply(it.event, it.at, it.seq)
    workflow = session.state.workflow
    text = page(session.id, workflow.title, "", telling.replies)
    day = time.strftime("%Y-%m-%d", time.localtime(workflow.created_at))
    return await _created(root, file_name(day, workflow.title), text)


async def _created(root: Path, name: str, text: str, taken: Container[str] = ()) -> str:
    return path_to_uri(await asyncio.to_thread(create, root, name, text, taken))
