"""A long chat document is read once for each text of it, whatever is asked of it."""

from __future__ import annotations

from pathlib import Path

import pytest
from lsprotocol import types

from postil.lsp.chat import form
from postil.lsp.chat.outline import folds, links, symbols
from postil.lsp.chat.places import row_lines
from tests.support.long_chat import LongChat, long_chat

TURNS = 40


def ask_all(chat: LongChat, text: str) -> None:
    """Ask what an editor asks of a text."""
    found = chat.offered(text)
    assert [it.title for it in found].count("Rewind to here") == TURNS
    assert [it.title for it in found].count("Undo") == TURNS
    assert len(symbols(text, "file:///a.md", nested=True)) == 2 * TURNS + 1
    assert folds(text, headings=True)
    assert list(links(text, Path("/project"), lambda _: types.Position(0, 0)))
    lines = text.split("\n")
    for reply in chat.document.telling.replies:
        ((line, subject),) = row_lines(form.parse(text), reply).items()
        assert subject == f"c{reply.number:04}"
        assert lines[line].startswith("- edited ")


def test_every_text_is_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[str] = []
    real = form._sections

    def counted(text: str):
        read.append(text)
        return real(text)

    chat = long_chat(TURNS)
    monkeypatch.setattr(form, "_sections", counted)
    texts = [f"{chat.text}{words}" for words in ("And", "And then")]
    for it in texts:
        ask_all(chat, it)
        ask_all(chat, it)
    assert read == texts
