"""Pieces of updates: chunks of text, contents of calls, and words of other's making so that nothing in them hides or steers."""

from __future__ import annotations

import re

from acp.schema import (
    AgentMessageChunk,
    AgentThoughtChunk,
    ContentToolCallContent,
    FileEditToolCallContent,
    TextContentBlock,
    ToolCallLocation,
    UserMessageChunk,
)

from postil.core.revealing import one_line, revealed

TITLE = 200
"""Characters of a call's title."""
SHOWN = 20_000
"""Characters of a call's output that are sent; the record has all of it."""
_FENCE = re.compile(r"`{3,}")


def block(text: str) -> TextContentBlock:
    """Return text as a content block."""
    return TextContentBlock(type="text", text=text)


def said(text: str, message_id: str | None = None) -> AgentMessageChunk:
    """Return a piece of the reply."""
    return AgentMessageChunk(session_update="agent_message_chunk", content=block(text), message_id=message_id)


def thought(text: str, message_id: str | None = None) -> AgentThoughtChunk:
    """Return a piece of the reasoning, or a word of Postil's own about how the work goes."""
    return AgentThoughtChunk(session_update="agent_thought_chunk", content=block(text), message_id=message_id)


def asked(text: str, message_id: str) -> UserMessageChunk:
    """Return what a person asked for."""
    return UserMessageChunk(session_update="user_message_chunk", content=block(text), message_id=message_id)


def note(text: str) -> AgentMessageChunk:
    """Return a word of Postil's own, in a paragraph for itself."""
    return said(f"\n\n*{one_line(revealed(text), 2_000)}*\n\n")


def content(text: str) -> ContentToolCallContent:
    """Return words as a call's content."""
    return ContentToolCallContent(type="content", content=block(text))


def output(text: str, language: str = "") -> ContentToolCallContent:
    """Return what a call gave, as it is: in a fence that nothing in it ends. Of a long one the end is shown."""
    shown = revealed(text[-SHOWN:])
    fence = "`" * max([3, *(len(it) + 1 for it in _FENCE.findall(shown))])
    before = "[…]\n" if len(text) > SHOWN else ""
    return content(f"{fence}{language}\n{before}{shown.rstrip()}\n{fence}")


def edit(path: str, old: str | None, new: str) -> FileEditToolCallContent:
    """Return a changed file."""
    return FileEditToolCallContent(type="diff", path=path, old_text=old, new_text=new)


def title(text: str) -> str:
    """Return a title in one line."""
    return one_line(revealed(text), TITLE)


def location(path: str, line: int | None = None) -> ToolCallLocation:
    """Return a place in a file; lines count from 1."""
    return ToolCallLocation(path=path, line=line)
