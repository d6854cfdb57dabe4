"""The smallest pygls server that completes: twenty fixed words, and behind `@` the files below the folder that have what is typed."""

from __future__ import annotations

import os

from lsprotocol import types
from pygls.lsp.server import LanguageServer

server = LanguageServer("bare", "1")


@server.feature(types.TEXT_DOCUMENT_COMPLETION, types.CompletionOptions(trigger_characters=["/", "@"]))
def complete(params: types.CompletionParams) -> types.CompletionList:
    """Look at the line, as any completion has to, and offer what fits."""
    line = server.workspace.get_text_document(params.text_document.uri).lines[params.position.line]
    start = types.Position(params.position.line, 0)
    place = types.Range(start, params.position)
    names = _files(line.strip()[1:]) if line.startswith("@") else [f"/word{it}" for it in range(20)]
    items = [types.CompletionItem(label=it, text_edit=types.TextEdit(place, it)) for it in names]
    return types.CompletionList(is_incomplete=True, items=items)


def _files(typed: str) -> list[str]:
    """Walk the folder as it is now, which is what a list that is never out of date costs."""
    root = server.workspace.root_path or "."
    found = [f"@{where}{os.sep}{it}" for where, _, names in os.walk(root) for it in names if typed in it]
    return sorted(found, key=len)[:50]


if __name__ == "__main__":
    server.start_io()
