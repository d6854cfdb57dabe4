"""*New agent chat* among the code actions of a file, for editors that have no view and no command for it. Kind: inline."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import unquote

from lsprotocol import types

from postil.lsp.face import Face
from postil.lsp.methods import by_name

TITLE = "New agent chat"


def chat_actions(face: Face, params: types.CodeActionParams) -> Iterator[types.CodeAction]:
    """Offer a new chat document, in files that are none."""
    if face.capabilities.takes_updates or "/.postil/chat/" in unquote(params.text_document.uri):
        return
    command = types.Command(title=TITLE, command=by_name["chat/new"].command, arguments=[{"show": True}])
    yield types.CodeAction(title=TITLE, kind=types.CodeActionKind.Refactor, command=command)
