"""The values of the methods about places in documents."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from postil.lsp.wire import SessionId, Wire


class Point(Wire):
    """A position in the client's units."""

    line: Annotated[int, Field(ge=0)]
    character: Annotated[int, Field(ge=0)]


class Span(Wire):
    """A range in the client's units."""

    start: Point
    end: Point


class PlaceParams(Wire):
    """A place in a document, and what a diagnostic says about it."""

    uri: str
    range: Span
    text: str = ""
    """What is asked of the agent; empty means: what the selected text says."""
    diagnostic: str = ""
    session_id: SessionId | None = None
    new_session: bool = False
    """Whether it begins a session where none is named, also where one is in use."""


class DocumentResult(Wire):
    """A document that was written or can be opened."""

    uri: str
