"""What a server answered, as text for the model: words as they are, everything else by what it is."""

from __future__ import annotations

import json
from collections.abc import Iterator

from mcp import types

from postil.core.revealing import legible, one_line
from postil.tools.mcp.listed import Answer


def answer(result: types.CallToolResult) -> Answer:
    """Return what the model is told."""
    parts = [it for it in map(_words, result.content) if it]
    if not parts and result.structured_content is not None:
        parts = [json.dumps(result.structured_content, ensure_ascii=False)]
    return Answer(legible("\n".join(parts)) or "It answered with nothing.", result.is_error)


def _words(block: types.ContentBlock) -> str:
    return "\n".join(_lines(block))


def _lines(block: types.ContentBlock) -> Iterator[str]:
    if isinstance(block, types.TextContent):
        yield block.text
    elif isinstance(block, types.ImageContent | types.AudioContent):
        kind = "image" if isinstance(block, types.ImageContent) else "sound"
        yield f"[{kind}, {one_line(block.mime_type)}, {len(block.data) * 3 // 4:,} bytes: it cannot be shown]"
    elif isinstance(block, types.ResourceLink):
        yield f"[{one_line(block.name)}: {one_line(str(block.uri), 300)}]"
    elif isinstance(block.resource, types.TextResourceContents):
        yield block.resource.text
    else:
        yield f"[{one_line(str(block.resource.uri), 300)}: it is not text]"
