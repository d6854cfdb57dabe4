"""Where a person acted, in words: the face on record, with the editor's name behind it where that is known."""

from __future__ import annotations

_EDITORS = {
    "neovim": "Neovim",
    "vim": "Vim",
    "vim-lsp": "Vim",
    "yegappan-lsp": "Vim",
    "visual studio code": "VS Code",
    "visual studio code - insiders": "VS Code",
    "code - oss": "VS Code",
    "code-server": "VS Code",
    "vscodium": "VSCodium",
    "cursor": "Cursor",
    "windsurf": "Windsurf",
    "emacs": "Emacs",
    "eglot": "Emacs",
    "helix": "Helix",
    "kakoune-lsp": "Kakoune",
    "kak-lsp": "Kakoune",
    "kate": "Kate",
    "lapce": "Lapce",
    "sublime text lsp": "Sublime Text",
    "eclipse ide": "Eclipse",
    "zed": "Zed",
    "codecompanion": "Neovim",
    "codecompanion.nvim": "Neovim",
    "avante.nvim": "Neovim",
    "agent-shell": "Emacs",
    "jetbrains": "JetBrains",
}
"""What editors say of themselves, in small letters, and what people call them."""
_PLACES = {"lsp": "in the editor", "acp": "in the editor", "cli": "in the terminal"}


def called(face: str, client: str) -> str:
    """Return what goes on record of a connection: its face, and the editor that it is where that is one we know.

    A name that we do not know says nothing to a person, and is a stranger's text.
    """
    words = client.strip().lower()
    known = _EDITORS.get(words) or ("JetBrains" if words.startswith("jetbrains") else "")
    return f"{face}:{known}" if known else face


def acted_in(face: str) -> str:
    """Return where somebody acted, with a blank before; empty where that is not known."""
    kind, _, editor = face.partition(":")
    if editor in _EDITORS.values():
        return f" in {editor}"
    return f" {_PLACES[kind]}" if kind in _PLACES else ""
