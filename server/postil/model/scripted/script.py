"""The script: what the scripted model answers, when, and how it fails."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, cast

import yaml
from pydantic import (
    BaseModel,
    ConfigDict,
    Discriminator,
    Field,
    JsonValue,
    Tag,
    ValidationError,
    field_validator,
    model_validator,
)

DEFAULT_CONTEXT = 1_000_000
DEFAULT_OUTPUT = 128_000


class ScriptError(ValueError):
    """A script that cannot be used; the text says where and why."""


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class TextBlock(_Part):
    """Words."""

    text: str
    unfinished: bool = False
    """Leave out the end of the block, as when tokens ran out."""


class ThinkingBlock(_Part):
    """Reasoning; the signature is made from the text unless given."""

    thinking: str
    signature: str | None = None


class RedactedBlock(_Part):
    """Reasoning that the service keeps to itself."""

    redacted: str


class ToolBlock(_Part):
    """A call of a tool."""

    tool: str
    input: dict[str, JsonValue] = {}
    id: str | None = None
    malformed: str | None = None
    """Send this in place of the input's JSON."""
    unfinished: bool = False


class RawBlock(_Part):
    """Any content block, sent as it stands: for block types that clients do not know yet."""

    block: dict[str, JsonValue]
    deltas: tuple[dict[str, JsonValue], ...] = ()


def _kind(value: object) -> str | None:
    names = ("tool", "thinking", "redacted", "block", "text")
    if isinstance(value, Mapping):
        return next((name for name in names if name in value), None)
    return next((name for name in names if hasattr(value, name)), None)


Block = Annotated[
    Annotated[TextBlock, Tag("text")]
    | Annotated[ThinkingBlock, Tag("thinking")]
    | Annotated[RedactedBlock, Tag("redacted")]
    | Annotated[ToolBlock, Tag("tool")]
    | Annotated[RawBlock, Tag("block")],
    Discriminator(
        _kind,
        custom_error_type="block",
        custom_error_message="a block is one of: text, thinking, redacted, tool, block",
    ),
]


class When(_Part):
    """What a request must look like; all patterns that are given must be found (Python regular expressions)."""

    user: str | None = None
    """In what the person said last: the newest prompt and all words after it."""
    result: str | None = None
    """In the last tool result of the last message; without tool results it is not found."""
    tool: str | None = None
    """In the name of the tool that the last result is of."""
    failed: bool | None = None
    """Whether the last tool result is an error."""
    after: Literal["prompt", "results"] | None = None
    """Whether the last message is a prompt or brings tool results."""
    system: str | None = None
    model: str | None = None


class Fault(_Part):
    """An answer with an error status, or an error in the middle of a stream."""

    status: int = 500
    type: str = "api_error"
    message: str = "The script says so."
    retry_after: float | None = None
    headers: dict[str, str] = {}
    body: JsonValue = None
    """The whole body, for servers with another dialect."""


class ErrorEvent(_Part):
    """An `error` event after some deltas."""

    after: int = 0
    type: str = "overloaded_error"
    message: str = "Overloaded"


class Usage(_Part):
    """Tokens to report; what is not given is estimated from sizes."""

    input: int | None = None
    output: int | None = None
    cache_read: int | None = None
    cache_write: int | None = None


class Delay(_Part):
    """Seconds of waiting before the first byte and before each delta."""

    first: float = 0.0
    each: float = 0.0


class Reply(_Part):
    """One answer, with what goes wrong in it; `after n deltas` counts from the start of the reply."""

    when: When = When()
    times: int | Literal["any"] = 1
    """How many requests this reply may answer."""
    blocks: tuple[Block, ...] = ()
    stop_reason: str | None = None
    """By default `tool_use` where there is a tool call, else `end_turn`."""
    stop_sequence: str | None = None
    stop_details: JsonValue = None
    usage: Usage = Usage()
    delay: Delay = Delay()
    chunk: int = Field(default=24, ge=1)
    """Characters in a delta."""
    model: str | None = None
    """The model that the reply names, where it is not the one that was asked for."""
    error: Fault | None = None
    """Answer with this status and body instead of a message."""
    drop: int | Literal["connect"] | None = None
    """Break the connection after so many deltas; `connect`: before any answer."""
    truncate: int | Literal[True] | None = None
    """End the stream in good order after so many deltas (`true`: all), without its last events."""
    stall: int | None = None
    """Fall silent after so many deltas until the client leaves."""
    pings: float | None = None
    """Seconds between pings while waiting."""
    error_event: ErrorEvent | None = None
    malformed: Literal["frame"] | None = None
    """Send a frame that is no JSON after the first delta."""
    events: tuple[dict[str, JsonValue], ...] = ()
    """Events sent as they stand after `message_start`: for types that clients do not know yet."""
    interleave: bool = False
    """End all blocks together at the end of the reply, as some local servers do."""

    @model_validator(mode="before")
    @classmethod
    def _short_forms(cls, value: object) -> object:
        """Take a string for a text, and a block written straight into the reply for its only block."""
        if isinstance(value, str):
            return {"blocks": [{"text": value}]}
        if not isinstance(value, Mapping) or "blocks" in value:
            return cast("object", value)
        given = dict(cast("Mapping[str, Any]", value))
        blocks: list[dict[str, Any]] = [
            {name: given.pop(name)} for name in ("thinking", "redacted", "text") if name in given
        ]
        if "tool" in given:
            blocks.append({name: given.pop(name) for name in ("tool", "input", "id") if name in given})
        return {**given, "blocks": blocks}

    @field_validator("delay", mode="before")
    @classmethod
    def _one_delay(cls, value: object) -> object:
        return {"first": value, "each": value} if isinstance(value, int | float) else value

    @field_validator("blocks", mode="before")
    @classmethod
    def _texts(cls, value: object) -> object:
        if not isinstance(value, list | tuple):
            return value
        return [{"text": one} if isinstance(one, str) else one for one in cast("list[object]", value)]


class ModelEntry(_Part):
    """A model that the models endpoint lists; requests over its limits are refused."""

    id: str
    name: str | None = None
    context: int = DEFAULT_CONTEXT
    output: int = DEFAULT_OUTPUT


class Script(_Part):
    """A whole script. Each request takes the first reply that matches it and is not used up."""

    replies: tuple[Reply, ...] = ()
    models: tuple[ModelEntry, ...] = ()
    """Empty: every model is known, with a window of a million tokens."""
    key: str | None = None
    """Refuse every other key."""

    @classmethod
    def parse(cls, source: Path | str | Mapping[str, Any] | list[Any]) -> Script:
        """Read a script from a file, from YAML text (it has a line break) or from plain data."""
        name = "script"
        if isinstance(source, str) and "\n" not in source:
            source = Path(source)
        if isinstance(source, Path):
            name, source = source.name, source.read_text(encoding="utf-8")
        try:
            data: object = yaml.safe_load(source) if isinstance(source, str) else source
            return cls.model_validate({"replies": data} if isinstance(data, list) else data)
        except yaml.YAMLError as error:
            raise ScriptError(f"{name}: {error}") from error
        except ValidationError as error:
            lines = [
                f"{name}: {'.'.join(map(str, one['loc']))}: {one['msg']}"
                for one in error.errors(include_url=False)
            ]
            raise ScriptError("\n".join(lines)) from error
