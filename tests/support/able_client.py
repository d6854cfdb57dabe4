"""A client that offers all that Postil makes use of, and the same client without one of these things."""

from __future__ import annotations

import copy
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lsprotocol import types

from postil.workspace.files.uris import path_to_uri
from tests.support.lsp_client import Json
from tests.support.lsp_editor import Buffer, Editor

REFRESH = "workspace/codeLens/refresh"
_EVERYTHING: Json = {
    "workspace": {
        "applyEdit": True,
        "codeLens": {"refreshSupport": True},
        "didChangeWatchedFiles": {"dynamicRegistration": True},
        "textDocumentContent": {},
    },
    "window": {"workDoneProgress": True, "showDocument": {"support": True}},
    "textDocument": {
        "codeAction": {"codeActionLiteralSupport": {"codeActionKind": {"valueSet": ["quickfix"]}}},
        "hover": {"contentFormat": ["markdown"]},
        "documentSymbol": {"hierarchicalDocumentSymbolSupport": True, "dynamicRegistration": True},
        "foldingRange": {"dynamicRegistration": True},
        "documentLink": {"dynamicRegistration": True},
    },
    "experimental": {
        "postil": {
            "protocol": 1, "save": True, "diagnostics": True, "symbols": True, "words": True, "documents": True
        }
    },
}  # fmt: skip
PATHS: dict[str, tuple[str, ...]] = {
    "can_apply_edits": ("workspace.applyEdit",),
    "takes_code_actions": ("textDocument.codeAction",),
    "can_show_progress": ("window.workDoneProgress",),
    "can_show_documents": ("window.showDocument",),
    "can_save": ("experimental.postil.save",),
    "can_report_diagnostics": ("experimental.postil.diagnostics",),
    "can_tell_symbols": ("experimental.postil.symbols",),
    "takes_words": ("experimental.postil.words",),
    "takes_documents": ("experimental.postil.documents",),
    "can_refresh_lenses": ("workspace.codeLens",),
    "takes_markdown": ("textDocument.hover",),
    "watches_files": ("workspace.didChangeWatchedFiles",),
    "takes_updates": ("experimental.postil.protocol",),
    "registers": tuple(
        f"textDocument.{it}.dynamicRegistration" for it in ("documentSymbol", "foldingRange", "documentLink")
    ),
    "nests_symbols": ("textDocument.documentSymbol.hierarchicalDocumentSymbolSupport",),
}
"""What a client does not say where it lacks a capability of ours."""


def everything(*, ours: bool) -> Json:
    """Return all that a client can offer; one of `ours` has a view of its own, too, and so needs no messages."""
    return copy.deepcopy(_EVERYTHING) if ours else without(_EVERYTHING, "takes_updates")


def without(capabilities: Json, field: str) -> Json:
    """Return the same without one capability."""
    left = copy.deepcopy(capabilities)
    for path in PATHS[field]:
        *way, last = path.split(".")
        there = left
        for it in way:
            there = there[it]
        del there[last]
    return left


@dataclass
class Asked:
    """What the server asked for, in order."""

    methods: list[str]
    shown: list[str]
    """The documents that were to be shown."""


class AbleEditor(Editor):
    """An editor that does whatever it is asked for, and notes it."""

    def __init__(self, root: Path) -> None:
        super().__init__()
        self.root = root
        self.asked = Asked([], [])
        for method in (REFRESH, "workspace/textDocumentContent/refresh"):
            self.serve(method, lambda _, method=method: self.asked.methods.append(method))
        self.serve(types.WINDOW_SHOW_DOCUMENT, self._show)
        self.serve("postil/client/symbols", self._tell)
        self.checking = self._problems

    def _show(self, params: types.ShowDocumentParams) -> types.ShowDocumentResult:
        self.asked.shown.append(params.uri)
        return types.ShowDocumentResult(success=True)

    def _tell(self, params: Any) -> Json:
        self.asked.methods.append("postil/client/symbols")
        place = {"line": 1, "character": 6}
        uri = path_to_uri(self.root / "use.py")
        return {"places": [{"uri": uri, "range": {"start": place, "end": place}}]}

    def _problems(self, buffer: Buffer) -> Json:
        """Another server finds a problem once the agent has edited."""
        place = {"line": 1, "character": 0}
        problem = {"range": {"start": place, "end": place}, "message": "Undefined name c", "severity": 1}
        edited = "b = c" in buffer.text
        return {"version": buffer.version, "diagnostics": [problem] if edited else []}
