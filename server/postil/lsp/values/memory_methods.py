"""The values of the commands about memory: what there is, and forgetting it."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from postil.lsp.wire import Wire


class MemoryParams(Wire):
    """Whether to open the page, or only to write it."""

    show: bool = True


class MemoryRow(Wire):
    """A note or a session that is remembered."""

    id: str
    """Names it for `forget`: `note/TOPIC`, `team/TOPIC` or a session's id."""
    title: str
    file: str
    """The file of a note; empty for a session."""
    at: float
    """When it was last written, in seconds since the epoch."""


class MemoryResult(Wire):
    """All that is remembered, and the page that shows it."""

    uri: str
    remembered: list[MemoryRow]


class ForgetParams(Wire):
    """Names a note or a session."""

    id: Annotated[str, Field(max_length=200)]


class ForgetResult(Wire):
    """Whether there was one; somebody else may have been first."""

    forgotten: bool
