"""What comes from a server, as plain values: they cross from its thread, and nothing else does."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from pydantic import JsonValue


@dataclass(frozen=True, slots=True)
class ListedTool:
    """A tool as its server lists it."""

    name: str
    title: str = ""
    description: str = ""
    input_schema: Mapping[str, JsonValue] = field(default_factory=dict[str, JsonValue])
    annotations: Mapping[str, JsonValue] = field(default_factory=dict[str, JsonValue])


@dataclass(frozen=True, slots=True)
class Answer:
    """What a call gave."""

    text: str
    is_error: bool = False


class Refused(Exception):
    """The server answered a call with an error of the protocol: it was not run."""


class Lost(Exception):
    """The connection went, or the time was up, while a call was under way: nobody knows what became of it."""


class Broken(Exception):
    """The server could not be started or reached, or has ended; the text says why, without a full stop."""
