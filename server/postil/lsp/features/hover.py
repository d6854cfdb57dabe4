"""Hover: whatever the features have to say of a place, one after the other. Kind: reading."""

from __future__ import annotations

from lsprotocol import types

from postil.lsp.face import Face
from postil.lsp.features.questions import open_questions, place_of
from postil.lsp.question_text import markdown, plain
from postil.lsp.server import PostilServer


def register(server: PostilServer) -> None:
    """Answer hovers from the features' sources."""

    async def hover(params: types.HoverParams) -> types.Hover | None:
        said = [text for source in server.hovers if (text := await source(server.face, params))]
        if not said:
            return None
        kind = (
            types.MarkupKind.Markdown
            if server.face.capabilities.takes_markdown
            else types.MarkupKind.PlainText
        )
        return types.Hover(types.MarkupContent(kind, "\n\n---\n\n".join(said)))

    server.serve_feature(types.TEXT_DOCUMENT_HOVER, hover)
    server.hovers.append(_questions)


async def _questions(face: Face, params: types.HoverParams) -> str:
    """Return the questions at a line, in full."""
    found = [it.question for it in open_questions(face)]
    here = [
        it
        for it in found
        if (place := place_of(it, face)) is not None
        and place.uri == params.text_document.uri
        and place.line <= params.position.line <= max(place.line, place.end_line)
    ]
    write = markdown if face.capabilities.takes_markdown else plain
    return "\n\n".join(map(write, here))
