"""What a running call has printed so far: as it may be shown, and its last part for the model should it be stopped."""

from __future__ import annotations

from postil.core.redaction.stream import Stream

KEPT_OUTPUT = 8_000
"""Characters of a running command's output that are kept for the model should it be stopped."""


class Printed:
    """The growing text of one call."""

    def __init__(self) -> None:
        self._stream = Stream()
        self._text = ""

    def add(self, piece: str) -> str:
        """Take a piece; returns what may be shown and kept by now."""
        return self._keep(self._stream.feed(piece))

    def rest(self) -> str:
        """Return what is left to be shown, once nothing more comes."""
        return self._keep(self._stream.rest())

    def end(self) -> str:
        """Return the last part of it all, once nothing more comes."""
        self._keep(self._stream.rest())
        return self._text

    def _keep(self, shown: str) -> str:
        self._text = (self._text + shown)[-KEPT_OUTPUT:]
        return shown
