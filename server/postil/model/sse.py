"""Server-sent events: from bytes, cut anywhere, to the JSON objects in them."""

from __future__ import annotations

import json
from typing import Any, cast

from postil.core.errors import ModelError

_DONE = "[DONE]"
"""How some servers end a stream, after the Messages API's own end."""


class EventParser:
    """Takes bytes as they come and gives events as they are complete; comments and pings vanish here."""

    def __init__(self) -> None:
        self._rest = b""
        self._after_return = False

    def feed(self, chunk: bytes) -> list[dict[str, Any]]:
        """Return the events that these bytes complete. Raises ModelError where one is not JSON."""
        if self._after_return and chunk:
            chunk = chunk.removeprefix(b"\n")
            self._after_return = False
        if b"\r" in chunk:
            self._after_return = chunk.endswith(b"\r")  # a \n at the start of the next chunk belongs to it
            chunk = chunk.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        *frames, self._rest = (self._rest + chunk).split(b"\n\n")
        return [event for event in map(_event, frames) if event is not None]


def _event(frame: bytes) -> dict[str, Any] | None:
    try:
        data = _data(frame.decode("utf-8"))
        # The kind is in the data as well; the event's own name is not needed.
        event: object = json.loads(data) if data and data != _DONE else None
    except (ValueError, RecursionError) as error:
        raise ModelError(
            "malformed", "The service sent an event that cannot be read.", retryable=True
        ) from error
    return cast("dict[str, Any]", event) if isinstance(event, dict) else None


def _data(frame: str) -> str:
    lines = [line[5:].removeprefix(" ") for line in frame.split("\n") if line.startswith("data:")]
    return lines[0] if len(lines) == 1 else "\n".join(lines)
