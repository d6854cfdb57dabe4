"""Postil's documents as the package ships them, for the tool `manual`: copies of what `docs` has for users and contributors."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

from postil.cli.generate import configuration, tools

TARGET = "server/postil/tools/manual"
WRITTEN = (
    "README.md",
    "docs/architecture.md",
    "docs/audit.md",
    "docs/privacy.md",
    "docs/vocabulary.md",
    "docs/howto/acp.md",
    "docs/howto/agents.md",
    "docs/howto/auditing-agents.md",
    "docs/howto/chat-document.md",
    "docs/howto/emacs.md",
    "docs/howto/going-back.md",
    "docs/howto/guardrails.md",
    "docs/howto/helix.md",
    "docs/howto/vim.md",
    "docs/howto/kakoune.md",
    "docs/howto/hooks.md",
    "docs/howto/limits.md",
    "docs/howto/long-conversations.md",
    "docs/howto/memory.md",
    "docs/howto/mentions.md",
    "docs/howto/neovim.md",
    "docs/howto/permissions.md",
    "docs/howto/scripted-model.md",
    "docs/howto/skills.md",
    "docs/howto/slash-commands.md",
    "docs/howto/tools-of-servers.md",
    "docs/howto/trust.md",
    "docs/howto/verification.md",
    "docs/howto/vscode.md",
)
"""The documents that people wrote; a test holds that every page of `docs/howto` is here."""


def outputs(root: Path) -> Mapping[str, Callable[[], str]]:
    """Return the copies by their paths in the repository, and what makes each; `root` is where the originals lie."""
    copies = {f"{TARGET}/{Path(it).name.lower()}": partial(_copy, root / it) for it in WRITTEN}
    return {
        **copies,
        f"{TARGET}/configuration.md": configuration.render,
        f"{TARGET}/tools.md": tools.render,
    }


def _copy(original: Path) -> str:
    return original.read_text(encoding="utf-8")
