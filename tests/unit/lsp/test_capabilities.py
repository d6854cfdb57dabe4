"""What a client gets by its name and by what it offers: the table of how an answer gets into a chat document there."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from lsprotocol import types
from pygls.protocol import default_converter

from postil.lsp.capabilities import Capabilities, read_capabilities

KEPT = Path(__file__).parents[2] / "support" / "clients"
VERSIONED: dict[str, Any] = {"workspace": {"applyEdit": True, "workspaceEdit": {"documentChanges": True}}}
PLAIN: dict[str, Any] = {"workspace": {"applyEdit": True, "workspaceEdit": {"resourceOperations": []}}}


def read(params: dict[str, Any]) -> Capabilities:
    given = {"processId": None, "rootUri": None, **params}
    return read_capabilities(default_converter().structure(given, types.InitializeParams))


def named(name: str | None, offers: dict[str, Any]) -> dict[str, Any]:
    return {"capabilities": offers, **({"clientInfo": {"name": name}} if name is not None else {})}


@pytest.mark.parametrize(
    ("name", "offers", "streaming"),
    [
        ("Visual Studio Code", VERSIONED, "live"),
        ("Visual Studio Code - Insiders", VERSIONED, "live"),
        ("code-server", VERSIONED, "live"),
        ("VSCodium", VERSIONED, "live"),
        ("Cursor", VERSIONED, "live"),
        ("Neovim", PLAIN, "paragraph"),
        ("Eglot", VERSIONED, "paragraph"),
        ("emacs", VERSIONED, "paragraph"),
        ("helix", VERSIONED, "paragraph"),
        ("vim-lsp", VERSIONED, "final"),
        ("vim-lsp", PLAIN, "final"),
        ("Vim", PLAIN, "final"),
        ("kakoune-lsp", VERSIONED, "final"),
        ("kak-lsp", VERSIONED, "final"),
        ("an editor that nobody knows", VERSIONED, "paragraph"),
        ("an editor that nobody knows", PLAIN, "final"),
        (None, VERSIONED, "paragraph"),
        (None, {}, "final"),
    ],
)
def test_how_an_answer_gets_into_a_document(name: str | None, offers: dict[str, Any], streaming: str) -> None:
    assert read(named(name, offers)).streaming == streaming


@pytest.mark.parametrize(
    ("preset", "streaming"),
    [
        ("vscode", "live"),
        ("neovim", "paragraph"),
        ("neovim-0.7", "paragraph"),
        ("eglot", "paragraph"),
        ("lsp-mode", "paragraph"),
    ],
)
def test_the_same_as_real_clients_introduce_themselves(preset: str, streaming: str) -> None:
    kept: dict[str, Any] = json.loads((KEPT / f"{preset}.json").read_text("utf-8"))
    assert read(kept).streaming == streaming


def test_what_nothing_is_known_of_is_the_safest() -> None:
    assert Capabilities().streaming == "final"
