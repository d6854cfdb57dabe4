"""An edit of several pieces that the editor announces one by one is one edit, and made once."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
from lsprotocol import types

from postil.core.errors import StaleDocument
from postil.core.ports import Replacement
from postil.lsp import document_writer
from postil.lsp.capabilities import Capabilities
from postil.lsp.document_writer import DocumentWriter
from postil.lsp.text_document import OpenDocument, OpenDocuments
from postil.workspace.texts.changes import apply_changes, minimal_changes

URI = "file:///project/app.py"
BEFORE = "one\nkept\ntwo\nkept\nthree\n"
AFTER = "1\nkept\n2\n2b\nkept\n3\n"


class Client:
    """An editor that announces states of the text in turn, each when the one before has been seen."""

    def __init__(self, *states: str) -> None:
        self.documents = OpenDocuments(None, (), "utf-16")
        self.documents.put_text_document(types.TextDocumentItem(URI, "python", 1, BEFORE))
        self.sent = 0
        self.writer = DocumentWriter(self, Capabilities(can_apply_edits=True))
        self._states = states
        self._telling: asyncio.Task[None] | None = None

    def open_document(self, uri: str) -> OpenDocument | None:
        return self.documents.open_document(uri)

    async def request(self, method: str, params: Any | None = None, timeout: float = 30.0) -> Any:
        assert method == types.WORKSPACE_APPLY_EDIT
        self.sent += 1
        self._telling = asyncio.create_task(self._tell())
        return types.ApplyWorkspaceEditResult(applied=True)

    async def _tell(self) -> None:
        for version, text in enumerate(self._states, 2):
            whole = types.TextDocumentContentChangeWholeDocument(text)
            self.documents.update_text_document(types.VersionedTextDocumentIdentifier(version, URI), whole)
            self.writer.document_changed(URI)
            for _ in range(5):
                await asyncio.sleep(0)


def in_pieces() -> list[str]:
    """The states that Neovim goes through: it makes the last piece first."""
    pieces = minimal_changes(BEFORE, AFTER)
    assert len(pieces) == 3
    return [apply_changes(BEFORE, pieces[first:]) for first in (2, 1, 0)]


async def replace(client: Client) -> None:
    """Make the edit."""
    await client.writer.replace(URI, Replacement(Path("/project/app.py"), BEFORE, AFTER, "Edit", "change"))


async def test_pieces_that_come_one_by_one_are_waited_for() -> None:
    client = Client(*in_pieces())
    await replace(client)
    assert client.sent == 1


async def test_typing_after_the_last_piece_counts_as_after_the_edit() -> None:
    client = Client(*in_pieces()[:2], AFTER + "typed")
    await replace(client)
    assert client.sent == 1


async def offer(client: Client) -> str:
    """Make the edit as one that is judged by who wants it; returns what the text is when that is told."""
    await client.writer.offer(URI, lambda text: minimal_changes(text, AFTER), "Edit")
    document = client.open_document(URI)
    assert document is not None
    return document.source


async def test_an_offer_is_over_with_its_last_piece() -> None:
    """Before it the editor has a version that is not ours: the next edit would be refused."""
    client = Client(*in_pieces())
    assert await offer(client) == AFTER
    assert client.sent == 1


async def test_an_offer_is_over_with_what_was_typed_between_its_pieces() -> None:
    half = in_pieces()[0]
    typed = half.replace("one", "uno")
    assert await offer(Client(half, typed)) == typed


async def test_an_offer_of_which_no_more_comes_is_over(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(document_writer, "PIECE_SECONDS", 0.01)
    half = in_pieces()[0]
    assert await offer(Client(half)) == half


async def test_typing_between_the_pieces_is_no_state_of_the_edit() -> None:
    half = in_pieces()[0]
    client = Client(half, half.replace("one", "uno"))
    with pytest.raises(StaleDocument):
        await replace(client)
    assert client.sent == 1
