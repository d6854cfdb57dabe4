"""What the client can do, asked by name, each with what Postil does where it cannot."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, cast

from lsprotocol import types

PROTOCOL = 1
"""The version of our own methods that this server speaks."""


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
    wants_labels: bool = True
    """Neovim prints each label as a message of its own."""

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
    neovim = params.client_info is not None and params.client_info.name == "Neovim"
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
        wants_labels=not neovim,
    )


def _takes_markdown(offered: types.TextDocumentClientCapabilities | None) -> bool:
    hover = offered.hover if offered is not None else None
    formats = hover.content_format if hover is not None else None
    return types.MarkupKind.Markdown in (formats or ())


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
