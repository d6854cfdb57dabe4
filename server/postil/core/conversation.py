"""The messages of a session, which may be very many."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import ConfigDict, PlainSerializer, PlainValidator, TypeAdapter

from postil.core.messages import Message, ToolMessage
from postil.core.paged import Paged


class MessageList(Paged[Message]):
    """Messages in order, of which only the last one still changes: results of tools are added to it."""

    __slots__ = ()
    listed = TypeAdapter(list[Message], config=ConfigDict(defer_build=True))

    def frozen(self) -> Self:
        """Return a copy that does not change with this one."""
        copy = super().frozen()
        if len(copy) and isinstance(last := copy[-1], ToolMessage):
            copy.replace_last(last.model_copy(update={"results": dict(last.results)}))
        return copy


Messages = Annotated[
    MessageList, PlainValidator(MessageList.of_any), PlainSerializer(list, return_type=list[Message])
]
"""A field of a model that holds them; as JSON it is a plain list."""
