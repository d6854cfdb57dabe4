"""What the model and the person say to each other, free of any provider's wire format."""

from __future__ import annotations

import re
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, JsonValue

from postil.core.origin import Source

StopReason = Literal[
    "end_turn", "max_tokens", "stop_sequence", "tool_use", "pause_turn", "refusal",
    "model_context_window_exceeded", "other",
]  # fmt: skip
"""Why a model call ended, in the Messages API's words; `other` keeps a reason newer than this list."""


USE_TOOL = "use_tool"
"""The tool that uses what was found, for models that take no references to tools."""
_NAME = re.compile(r"[a-zA-Z0-9_-]{1,128}")
"""What a tool can be called."""


class Value(BaseModel):
    """An immutable piece of data; an unknown field is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)


class Text(Value):
    """Words."""

    type: Literal["text"] = "text"
    text: str


class Thinking(Value):
    """The model's reasoning: `text` to show, `raw` to return to its provider unmodified."""

    type: Literal["thinking"] = "thinking"
    text: str = ""
    raw: dict[str, JsonValue]


class ToolCall(Value):
    """The model's wish to use a tool."""

    type: Literal["tool_call"] = "tool_call"
    id: str
    name: str
    input: dict[str, JsonValue]
    malformed: str | None = None
    """What the model sent in place of a JSON object, shortened; `input` is then empty."""

    @property
    def meant(self) -> ToolCall:
        """The call of the tool that it uses, where it is one of `use_tool`; else the call itself.

        One that names no tool, or gives it no object, means nothing else: it stays what it is, and is refused as that.
        """
        if self.name != USE_TOOL or self.malformed is not None or self.input.keys() - {"name", "input"}:
            return self
        name, given = self.input.get("name"), self.input.get("input", {})
        if not isinstance(name, str) or not isinstance(given, dict):
            return self
        if name == USE_TOOL or _NAME.fullmatch(name) is None:
            return self
        return ToolCall(id=self.id, name=name, input=given)


class Remark(Value):
    """What a hook says to the model about something: material, with its origin."""

    text: str
    sources: tuple[Source, ...]


class ToolResult(Value):
    """What came of a call, as the model reads it."""

    call_id: str
    content: str
    is_error: bool = False
    sources: tuple[Source, ...] = ()
    """Where the content comes from; nothing where it is Postil's own words."""
    references: tuple[str, ...] = ()
    """Tools that a search has found: from here on the model knows them."""
    remarks: tuple[Remark, ...] = ()
    """What stands behind the content."""


Block = Annotated[Text | Thinking | ToolCall, Field(discriminator="type")]


class Usage(Value):
    """Tokens of one model call or of several added up; a field that the service left out is 0."""

    input: int = 0
    """Input tokens neither read from nor written to the cache."""
    cache_read: int = 0
    cache_write: int = 0
    output: int = 0

    def __add__(self, other: Usage) -> Usage:
        return Usage(
            input=self.input + other.input,
            cache_read=self.cache_read + other.cache_read,
            cache_write=self.cache_write + other.cache_write,
            output=self.output + other.output,
        )

    @property
    def total_input(self) -> int:
        """All tokens the model read, cached or not."""
        return self.input + self.cache_read + self.cache_write


class UserMessage(Value):
    """A person's prompt with what was attached to it."""

    role: Literal["user"] = "user"
    text: str
    words: int | None = None
    """How many characters of it are the person's own; None where all are. What was attached follows them."""
    note: bool = False
    """Whether it is Postil's own word, and no prompt."""


class AssistantMessage(Value):
    """One whole reply of the model."""

    role: Literal["assistant"] = "assistant"
    content: tuple[Block, ...]

    @property
    def written(self) -> tuple[ToolCall, ...]:
        """The calls that the reply asks for, in order, as the model wrote them."""
        return tuple(block for block in self.content if isinstance(block, ToolCall))

    @property
    def calls(self) -> tuple[ToolCall, ...]:
        """The same calls as they are meant: what is used through another tool is what is called."""
        return tuple(it.meant for it in self.written)

    @property
    def text(self) -> str:
        """The reply's words, without thinking and calls."""
        return "".join(block.text for block in self.content if isinstance(block, Text))


class ToolMessage(BaseModel):
    """The results of one reply's calls, in the order the model asked for them.

    The only message that grows: results arrive one by one, and the message is sent when none is missing.
    """

    model_config = ConfigDict(extra="forbid", defer_build=True)

    role: Literal["tool"] = "tool"
    call_ids: tuple[str, ...]
    results: dict[str, ToolResult] = Field(default_factory=dict[str, ToolResult])

    @property
    def complete(self) -> bool:
        """Whether every call has its result."""
        return len(self.results) == len(self.call_ids)

    @property
    def ordered(self) -> tuple[ToolResult, ...]:
        """The results that are there, in the order of the calls."""
        return tuple(self.results[call_id] for call_id in self.call_ids if call_id in self.results)


Message = Annotated[UserMessage | AssistantMessage | ToolMessage, Field(discriminator="role")]
