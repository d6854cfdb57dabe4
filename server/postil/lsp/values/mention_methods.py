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


class FilesParams(Wire):
    """A folder of the workspace, and what the person's editor leaves out of its lists."""

    uri: Annotated[str, Field(max_length=8_192)]
    exclude: Annotated[list[Annotated[str, Field(max_length=1_000)]], Field(max_length=1_000)] = Field(
        default_factory=list[str]
    )
    """Globs over paths below the folder; what is about a folder is about all that is in it."""


class FileRow(Wire):
    """A file that could be attached."""

    path: str
    """As the agent calls it."""
    uri: str


class FilesResult(Wire):
    """The files of a folder, in order, without those that git ignores, that are hidden, or that are kept from the agent."""

    files: list[FileRow]
    complete: bool
    """Whether these are all."""
