"""Completing mentions: for a client's own view by a method, and where a prompt is written in a document. Kind: reading.

A prompt is written in a file below `.postil/chat/`, and in a comment that somebody is to be asked about: there only after a
word, so that the tags of documentation comments stay their own server's.
"""

from __future__ import annotations

from collections.abc import Sequence

from lsprotocol import types

from postil.core.errors import PostilError
from postil.lsp.chat.uris import is_chat
from postil.lsp.comments import ends_with_mention
from postil.lsp.face import Face
from postil.lsp.positions import Position
from postil.lsp.server import PostilServer
from postil.lsp.text_document import OpenDocument
from postil.lsp.values.mention_methods import MentionRow, MentionsParams, MentionsResult

_LONGEST = 4_000
"""Characters before the cursor that are looked at, in a document."""
_KINDS = {
    "word": types.CompletionItemKind.Keyword,
    "file": types.CompletionItemKind.File,
    "folder": types.CompletionItemKind.Folder,
    "symbol": types.CompletionItemKind.Reference,
    "session": types.CompletionItemKind.Event,
}


def register(server: PostilServer) -> None:
    """Serve both."""
    server.completions.append(complete)
    server.serve_row("mentions", mentions)


async def mentions(face: Face, params: MentionsParams) -> MentionsResult:
    """Return what could be mentioned at the end of the text."""
    await face.app()
    found = await _offered(face, params.text)
    return found if found is not None else MentionsResult(typed=0, mentions=[])


async def complete(
    face: Face, params: types.CompletionParams, document: OpenDocument
) -> Sequence[types.CompletionItem]:
    """Return what could be mentioned at the cursor, where a prompt is written there."""
    at = document.offset_at(Position(params.position.line, params.position.character))
    text = _of_prompt(document, at)
    try:
        found = await _offered(face, text) if text else None
    except PostilError:
        return []  # Without a folder or with settings that cannot be read nothing is offered; a prompt says why.
    if found is None:
        return []
    start = types.Position(*document.position_at(at - len(_typed(text))))
    place = types.Range(start, params.position)
    return [_item(it, number, place) for number, it in enumerate(found.mentions)]


def _of_prompt(document: OpenDocument, at: int) -> str:
    """Return the end of the prompt that is written there; empty where none is."""
    before = document.source[max(0, at - _LONGEST) : at]
    if is_chat(document.uri):
        return before
    line = before[before.rfind("\n") + 1 :]
    return line if "@" in line and ends_with_mention(line) else ""


def _typed(text: str) -> str:
    return text[text.rindex("@") :]


async def _offered(face: Face, text: str) -> MentionsResult | None:
    from postil.agent.mentioning.offers import offers  # noqa: PLC0415 - loaded with the first mention
    from postil.agent.mentioning.written import unfinished  # noqa: PLC0415

    typed = unfinished(text)
    if typed is None:
        return None
    app = await face.app()
    found = await offers(typed, app.workspace, app.memory)
    rows = [MentionRow(kind=it.kind, text=it.text, detail=it.detail) for it in found]
    return MentionsResult(typed=len(f"@{typed}".encode("utf-16-le")) // 2, mentions=rows)


def _item(row: MentionRow, number: int, place: types.Range) -> types.CompletionItem:
    return types.CompletionItem(
        label=row.text,
        kind=_KINDS[row.kind],
        detail=row.detail or None,
        sort_text=f"{number:04}",
        text_edit=types.TextEdit(place, row.text),
    )
