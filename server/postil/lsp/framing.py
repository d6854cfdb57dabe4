"""Frames of the base protocol: bytes in, JSON values out, and back in step after whatever does not parse."""

import json
import re
from collections.abc import Iterator
from typing import Any, Final

from postil.lsp.envelope import INVALID_REQUEST, PARSE_ERROR, Fault

MAX_HEADER: Final = 8 * 1024
MAX_BODY: Final = 64 * 1024 * 1024
# A body that is too large is read and thrown away, up to this factor; a larger number is no length but rubbish.
_SKIPPED_BODIES: Final = 16

_END_OF_HEADER = re.compile(rb"\r?\n\r?\n")
_LENGTH_LINE = re.compile(
    rb"^[ \t]*content-length[ \t]*:[ \t]*([0-9]{1,18})[ \t]*\r?$", re.IGNORECASE | re.MULTILINE
)
_NAME = re.compile(rb"content-length", re.IGNORECASE)
_PARTIAL_NAME: Final = len("content-length") - 1

_INCOMPLETE: Final = object()
_NOTHING: Final = object()


def _reject_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")


_decoder = json.JSONDecoder(parse_constant=_reject_constant)


class FrameParser:
    """Turns a stream of bytes into JSON values and faults: one fault for each bad body, one for each run of rubbish."""

    def __init__(self, max_body: int = MAX_BODY) -> None:
        self._buffer = bytearray()
        self._max_body = max_body
        self._body_length: int | None = None
        self._to_skip = 0
        # Out of step: everything up to the next header name is thrown away.
        self._lost = False
        # After a fault, until the next good frame: what does not parse is the tail of what was answered already.
        self._quiet = False

    def feed(self, data: bytes) -> Iterator[Any | Fault]:
        """Take some bytes, and yield what is complete."""
        self._buffer += data
        while (item := self._next()) is not _INCOMPLETE:
            if item is not _NOTHING:
                yield item

    def _next(self) -> Any:
        if self._to_skip:
            skipped = min(self._to_skip, len(self._buffer))
            del self._buffer[:skipped]
            self._to_skip -= skipped
            if self._to_skip:
                return _INCOMPLETE
        if self._lost and not self._find_name():
            return _INCOMPLETE
        return self._take_header() if self._body_length is None else self._take_body(self._body_length)

    def _find_name(self) -> bool:
        match = _NAME.search(self._buffer)
        if match is None:
            del self._buffer[:-_PARTIAL_NAME]
            return False
        del self._buffer[: match.start()]
        self._lost = False
        return True

    def _take_header(self) -> Any:
        end = _END_OF_HEADER.search(self._buffer, 0, MAX_HEADER)
        if end is None:
            if len(self._buffer) < MAX_HEADER:
                return _INCOMPLETE
            return self._lose(f"a header block is longer than {MAX_HEADER} bytes")
        match = _LENGTH_LINE.search(self._buffer, 0, end.end())
        length = int(match[1]) if match is not None else None
        if length is None or length > self._max_body * _SKIPPED_BODIES:
            return self._lose("a header block has no usable Content-Length")
        del self._buffer[: end.end()]
        if length > self._max_body:
            self._to_skip = length
            return Fault(
                INVALID_REQUEST, f"a message of {length} bytes is too long; the limit is {self._max_body}"
            )
        self._body_length = length
        return _NOTHING

    def _lose(self, text: str) -> Any:
        # One byte further, so that the name at the very start is not found again.
        del self._buffer[:1]
        self._lost = True
        if self._quiet:
            return _NOTHING
        self._quiet = True
        return Fault(PARSE_ERROR, text)

    def _take_body(self, length: int) -> Any:
        if len(self._buffer) < length:
            return _INCOMPLETE
        self._body_length = None
        try:
            value = _decoder.decode(self._buffer[:length].decode())
        except (ValueError, RecursionError) as exception:
            # A length that was too large has swallowed the start of the next frame, so look for a header from here on.
            # Inside a JSON string it would stand without the line break that makes it one, and be passed over.
            match = _NAME.search(self._buffer, 0, length)
            del self._buffer[: match.start() if match else max(0, length - _PARTIAL_NAME)]
            self._lost = self._quiet = True
            return Fault(PARSE_ERROR, f"a message is not JSON: {_reason(exception)}")
        del self._buffer[:length]
        self._quiet = False
        return value


def _reason(exception: Exception) -> str:
    """What is wrong and where, never the text itself: it may hold what has no place in a log."""
    if isinstance(exception, json.JSONDecodeError):
        return f"{exception.msg} at character {exception.pos}"
    if isinstance(exception, UnicodeDecodeError):
        return f"it is not UTF-8 at byte {exception.start}"
    return "it is nested too deeply" if isinstance(exception, RecursionError) else "a number is out of range"
