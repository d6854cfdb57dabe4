"""Old shapes of events, raised to the current one when they are read; nothing on disk is rewritten.

To change a variant's shape: raise `v` in `core/events.py`, add one function here for (type, old version), and
keep a journal that holds the old shape among the golden files.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from pydantic import ValidationError

from postil.core.event_codec import decode_durable
from postil.core.events import Durable, UnknownEvent, durable_types

Upcast = Callable[[dict[str, Any]], dict[str, Any]]

UPCASTS: dict[tuple[str, int], Upcast] = {}
"""From a type and its version to the function that returns the event one version up, or under another type."""

_current: dict[str, int] = {variant.__name__: variant.model_fields["v"].default for variant in durable_types}


def raise_event(data: dict[str, Any], table: Mapping[tuple[str, int], Upcast] = UPCASTS) -> dict[str, Any]:
    """Return the event in the newest shape that the table leads to."""
    while True:
        name, version = data.get("type"), data.get("v", 1)
        if not isinstance(name, str) or not isinstance(version, int):
            return data
        upcast = table.get((name, version))
        if upcast is None:
            return data
        data = upcast(data)


def decode_event(
    data: dict[str, Any],
    table: Mapping[tuple[str, int], Upcast] = UPCASTS,
    current: Mapping[str, int] = _current,
) -> tuple[Durable | UnknownEvent, str | None]:
    """Return the event, and what there is to say about it.

    One that this version does not know, or that does not fit its own type, is kept as it was written.
    """
    raised = raise_event(data, table) if table else data
    name, version = raised.get("type"), raised.get("v", 1)
    known = current.get(name) if isinstance(name, str) else None
    if known is None:
        return UnknownEvent(raw=data), f"an event of the unknown type {name!r} is kept as it is"
    if not isinstance(version, int) or version > known:
        return UnknownEvent(raw=data), f"an event of a later version of {name} is kept as it is"
    try:
        return decode_durable(raised), None
    except ValidationError:
        return UnknownEvent(
            raw=data
        ), f"an event of the type {name} does not fit its type and is kept as it is"
