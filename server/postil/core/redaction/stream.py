"""Redaction of text that comes in pieces: what could be a part of a secret waits for the rest of it."""

from __future__ import annotations

import re

from postil.core.cutting import beginning
from postil.core.redaction.marks import KEY, mark
from postil.core.redaction.pem import Keys
from postil.core.redaction.redact import redact, without_shapes

LONGEST = 16_384
"""Characters of an unfinished line that are held back; a longer line is not shown while it grows."""
LEFT_OUT = "[…]"
GAP = f"\n{LEFT_OUT}\n"
"""What a piece begins with before which something was left out."""
_ACROSS = re.compile(r"\bmachine(?:\s+\S+){0,6}\s*\Z")
"""The beginning of a secret that may go on in further lines, at the end of a text."""
_LOOKED_AT = 600


class Stream:
    """Takes a growing text and returns as much of it as may be shown.

    Whole lines are passed on, an unfinished one waits for its end, and a private key is known over all its lines.
    """

    def __init__(self) -> None:
        self._held = ""
        self._keys = Keys(mark(KEY))
        self._too_long = False

    def feed(self, piece: str) -> str:
        """Return what may be shown now that this piece has come."""
        held = beginning(self._held) if piece.startswith(GAP) else self._held
        text = held + piece
        end = text.rfind("\n") + 1
        across = _ACROSS.search(text, max(0, end - _LOOKED_AT), end)
        if across is not None and end - across.start() < _LOOKED_AT:
            end = text.rfind("\n", 0, across.start()) + 1
        text, self._held = text[:end], text[end:]
        shown = self._without(text) if text else ""
        if len(self._held) > LONGEST:
            self._held, self._too_long = "", True
        return shown

    def rest(self) -> str:
        """Return what is still held back, once nothing more comes."""
        text, self._held = self._held, ""
        return self._without(text) if text else ""

    def _without(self, text: str) -> str:
        if self._too_long:  # Its beginning is gone.
            text, self._too_long = LEFT_OUT + text[text.find("\n") :] if "\n" in text else LEFT_OUT, False
        known = "\n".join(map(self._keys.line, text.split("\n")))
        return redact(known).text if "PRIVATE KEY" in known else without_shapes(known)[0]
