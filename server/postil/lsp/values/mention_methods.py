"""The values of completing what a prompt mentions."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from postil.lsp.wire import Wire


class MentionsParams(Wire):
    """A prompt that is being written, up to the cursor."""

    text: Annotated[str, Field(max_length=1_000_000)]


class MentionRow(Wire):
    """One thing that could be mentioned there."""

    kind: Literal["word", "file", "folder", "symbol", "session"]
    text: str
    """The whole mention, with its @; it takes the place of what is typed of it."""
    detail: str = ""


class MentionsResult(Wire):
    """What could be mentioned, the likeliest first; nothing where no mention is being written."""

    typed: int
    """UTF-16 units before the cursor that a mention takes the place of, the @ included."""
    mentions: list[MentionRow]
