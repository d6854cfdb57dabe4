"""Outline, folds and links are offered for chat documents alone, as far as a client can be told that."""

from __future__ import annotations

from typing import Any

import pytest

from postil.lsp.features.chat_structure import CHAT_FILES
from tests.protocol.test_chat_document import opened
from tests.support.lsp_editor import Editor
from tests.support.lsp_world import World

METHODS = ("textDocument/documentLink", "textDocument/documentSymbol", "textDocument/foldingRange")


def announced(editor: Editor) -> list[str]:
    """Return which of them are announced for every language."""
    assert editor.capabilities is not None
    there = editor.capabilities
    providers = (there.document_link_provider, there.document_symbol_provider, there.folding_range_provider)
    return [method for method, it in zip(METHODS, providers, strict=True) if it]


def registered(editor: Editor) -> dict[str, Any]:
    return {it.method: it.register_options for it in editor.registered if it.method in METHODS}


@pytest.mark.parametrize(
    ("preset", "later"),
    [
        ("vscode", METHODS),
        ("lsp-mode", (METHODS[0], METHODS[2])),
        ("neovim", ()),
        ("eglot", ()),
        ("bare", ()),
    ],
)
async def test_an_editor_is_not_made_to_ask_for_other_languages(
    world: World, preset: str, later: tuple[str, ...]
) -> None:
    editor = await world.editor(preset, ours=False)
    assert announced(editor) == [it for it in METHODS if it not in later]
    if later:
        await editor.until(lambda: registered(editor))
    await editor.command("postil.server.session.list", {})
    there = registered(editor)
    assert tuple(sorted(there)) == later
    for options in there.values():
        (only,) = options["documentSelector"]
        assert only == {"pattern": CHAT_FILES, "scheme": "file"}


@pytest.mark.parametrize("preset", ["vscode", "neovim"])
async def test_what_is_no_chat_document_has_none_of_them(world: World, preset: str) -> None:
    await world.play("One.")
    editor = await world.editor(preset, ours=False)
    chat = await opened(world, editor)
    for other in (world.file("app.py", "x = 1\n"), world.file("chat.md", chat.text)):
        params = {"textDocument": {"uri": editor.open(other).uri}}
        for method in METHODS:
            assert await editor.request(method, params) is None
    params = {"textDocument": {"uri": chat.uri}}
    assert await editor.request(METHODS[1], params)
    assert await editor.request(METHODS[0], params) == []
