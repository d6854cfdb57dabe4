"""What the client can do, asked by name, each with what Postil does where it cannot."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, cast

from lsprotocol import types

PROTOCOL = 1
"""The version of our own methods that this server speaks."""

_VSCODE = frozenset(
    {"Visual Studio Code", "Visual Studio Code - Insiders", "code-server", "VSCodium", "Cursor"}
)
_UNVERSIONED = frozenset({"vim-lsp", "Vim", "kakoune-lsp", "kak-lsp"})
"""Clients that make an edit whatever version of the text it is for, as their sources say; yegappan/lsp calls itself Vim."""
_NEOVIM = "Neovim"
"""It does look at versions, and does not say so."""


@dataclass(frozen=True, slots=True)
class Capabilities:
    """The client's abilities that Postil makes use of."""

    can_apply_edits: bool = False
    """Else what is open there cannot be edited, and the model is told so."""
    takes_code_actions: bool = False
    """Else what can be done at a place is offered as plain commands, without kinds and diagnostics."""
    can_show_progress: bool = False
    """Else there is no progress; questions and the end of a turn are told all the same."""
    can_show_documents: bool = False
    """Else where a document lies is told in a message."""
    can_save: bool = False
    """`postil/client/save`; else the person is asked to save, and a command waits for that."""
    can_report_diagnostics: bool = False
    """`postil/client/diagnostics`; else what other servers find in an edited document is unknown, and nothing is said of it."""
    can_tell_symbols: bool = False
    """`postil/client/symbols`; else where a name is defined and used is told from the texts."""
    takes_words: bool = False
    """It asks for the words of an answer itself; else *Deny and say why…* is not offered."""
    takes_documents: bool = False
    """It shows documents of the scheme `postil` and asks for their text by `workspace/textDocumentContent`; else they are files
    in Postil's state folder."""
    can_refresh_lenses: bool = False
    """Else lenses are looked at again when the editor sees fit."""
    takes_markdown: bool = True
    """Else a hover is plain text."""
    watches_files: bool = False
    """Whether it tells of files that change on the disk, where it is asked to."""
    takes_updates: bool = False
    """A client of ours: it has its own view, so that nothing is said in messages."""
    settings: Mapping[str, Any] = field(default_factory=dict[str, Any])
    """What the person's own settings of the editor say of options."""
    trusts_workspace: bool = True
    """False where the editor says that it does not trust the workspace: then nothing does."""
    protocol: int | None = None
    """The version that a client of ours speaks."""
    checks_version_zero: bool = True
    """Neovim takes version 0 for none; there, 1 makes it check."""
    streaming: Literal["live", "paragraph", "final"] = "final"
    """How a reply best gets into a document there: each edit is one step of its undo, and Neovim and Emacs tell of each that they skip.
    Where an edit is not held against the version that it is for, each can meet what is typed in that moment; so there is one alone."""
    folds_markdown: bool = False
    """Whether it folds and outlines Markdown itself, so that ours would be there twice."""
    registers: frozenset[str] = frozenset()
    """Methods for documents that it takes registrations of; the others are announced for every language, and answered for ours."""
    nests_symbols: bool = False
    """Whether it takes an outline as a tree; else it is a list."""
    client: str = ""
    """What it calls itself."""
    wants_labels: bool = True
    """Neovim prints each label as a message of its own."""
    messages_wait: bool = False
    """Whether a message has to be sent away by a key, as in Neovim 0.11 by itself: there, what an open chat says is not shown as one."""

    @property
    def misfit(self) -> str:
        """One sentence where the client speaks another version than we do, else nothing."""
        if self.protocol is None or self.protocol == PROTOCOL:
            return ""
        newer = "server" if self.protocol > PROTOCOL else "client"
        return (
            f"The editor's Postil client speaks protocol {self.protocol} and this server {PROTOCOL}. "
            f"Update the {newer}."
        )


def read_capabilities(params: types.InitializeParams) -> Capabilities:
    """Return what an `initialize` request offers. What is absent or malformed is not offered."""
    offered = params.capabilities
    window, workspace = offered.window, offered.workspace
    actions = offered.text_document.code_action if offered.text_document is not None else None
    ours = _ours(offered.experimental)
    name = params.client_info.name if params.client_info is not None else ""
    neovim, vscode = name == _NEOVIM, name in _VSCODE
    protocol = ours.get("protocol")
    return Capabilities(
        can_apply_edits=bool(workspace is not None and workspace.apply_edit),
        takes_code_actions=bool(actions is not None and actions.code_action_literal_support),
        can_show_progress=bool(window is not None and window.work_done_progress),
        can_show_documents=bool(window is not None and window.show_document and window.show_document.support),
        can_save=ours.get("save") is True,
        can_report_diagnostics=ours.get("diagnostics") is True,
        can_tell_symbols=ours.get("symbols") is True,
        takes_words=isinstance(protocol, int) or ours.get("words") is True,
        takes_documents=ours.get("documents") is True
        and workspace is not None
        and workspace.text_document_content is not None,
        can_refresh_lenses=bool(
            workspace is not None and workspace.code_lens is not None and workspace.code_lens.refresh_support
        ),
        takes_markdown=_takes_markdown(offered.text_document),
        watches_files=bool(
            workspace is not None
            and workspace.did_change_watched_files is not None
            and workspace.did_change_watched_files.dynamic_registration
        ),
        takes_updates=isinstance(protocol, int),
        trusts_workspace=ours.get("trusted") is not False and _options(params).get("trusted") is not False,
        settings=_plain(_options(params).get("settings")) if isinstance(protocol, int) else {},
        protocol=protocol if isinstance(protocol, int) else None,
        checks_version_zero=not neovim,
        streaming=_streaming(name, workspace),
        folds_markdown=vscode,
        registers=_registers(offered.text_document),
        nests_symbols=_nests_symbols(offered.text_document),
        client=name,
        wants_labels=not neovim,
        messages_wait=neovim and ours.get("words") is not True,
    )


def _streaming(
    client: str, workspace: types.WorkspaceClientCapabilities | None
) -> Literal["live", "paragraph", "final"]:
    if client in _VSCODE:
        return "live"
    edits = workspace.workspace_edit if workspace is not None else None
    says = edits is not None and edits.document_changes is True and client not in _UNVERSIONED
    return "paragraph" if says or client == _NEOVIM else "final"


def _takes_markdown(offered: types.TextDocumentClientCapabilities | None) -> bool:
    hover = offered.hover if offered is not None else None
    formats = hover.content_format if hover is not None else None
    return types.MarkupKind.Markdown in (formats or ())


def _registers(offered: types.TextDocumentClientCapabilities | None) -> frozenset[str]:
    if offered is None:
        return frozenset()
    found = {
        types.TEXT_DOCUMENT_DOCUMENT_SYMBOL: offered.document_symbol,
        types.TEXT_DOCUMENT_FOLDING_RANGE: offered.folding_range,
        types.TEXT_DOCUMENT_DOCUMENT_LINK: offered.document_link,
    }
    return frozenset(method for method, it in found.items() if it is not None and it.dynamic_registration)


def _nests_symbols(offered: types.TextDocumentClientCapabilities | None) -> bool:
    symbols = offered.document_symbol if offered is not None else None
    return symbols is not None and symbols.hierarchical_document_symbol_support is True


def _ours(experimental: object) -> Mapping[str, Any]:
    return _plain(_plain(experimental).get("postil"))


def _options(params: types.InitializeParams) -> Mapping[str, Any]:
    """Return what an editor's user gives us at the start, with or without our name around it."""
    options = _plain(params.initialization_options)
    return _plain(options["postil"]) if "postil" in options else options


def _plain(data: object) -> Mapping[str, Any]:
    """lsprotocol hands on what it has no type for as plain data, or as an object with attributes."""
    if isinstance(data, Mapping):
        return cast("Mapping[str, Any]", data)
    return cast("Mapping[str, Any]", vars(data)) if hasattr(data, "__dict__") else {}
