"""Events as JSON-able data, and back."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import ConfigDict, Field, TypeAdapter

from postil.core.event import Event
from postil.core.events import AnyEvent, Durable, UnknownEvent, durable_types

_durable_names = {variant.__name__ for variant in durable_types}
# Built when first used: a new session reads no event.
_late = ConfigDict(defer_build=True)
_durable_adapter: TypeAdapter[Durable] = TypeAdapter(
    Annotated[Durable, Field(discriminator="type")], config=_late
)
_any_adapter: TypeAdapter[AnyEvent] = TypeAdapter(
    Annotated[AnyEvent, Field(discriminator="type")], config=_late
)


def decode_durable(data: dict[str, Any]) -> Durable | UnknownEvent:
    """Return the event that `data` holds; an unknown type is kept as `UnknownEvent`.

    Raises pydantic's ValidationError where a known type has the wrong shape.
    """
    if data.get("type") not in _durable_names:
        return UnknownEvent(raw=data)
    return _durable_adapter.validate_python(data)


def decode_any(data: dict[str, Any]) -> AnyEvent:
    """Return the event that `data` holds, durable or ephemeral; raises ValidationError."""
    return _any_adapter.validate_python(data)


def encode(event: Event) -> dict[str, Any]:
    """Return the event as JSON-able data, whole: defaults are written out, so that readers need none."""
    if isinstance(event, UnknownEvent):
        return event.raw
    return event.model_dump(mode="json")
