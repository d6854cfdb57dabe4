"""The standard streams as every command has them: each there, and what cannot be printed told from what cannot be kept."""

from __future__ import annotations

import io
import os
import sys
from typing import Any, TextIO, cast

_MODES = (("stdin", "r"), ("stdout", "w"), ("stderr", "w"))


class Unwritten(OSError):
    """What is printed cannot be written: nothing of Postil's own is at fault."""


def prepare() -> None:
    """Put a stream that takes everything and has nothing where one was closed, and let errors of stdout say whose they are."""
    for number, (name, mode) in enumerate(_MODES):
        taken = _fill(number)
        if getattr(sys, name) is None:
            place = number if taken else os.devnull
            setattr(sys, name, open(place, mode, encoding="utf-8", closefd=not taken))  # noqa: SIM115
    if sys.stdout is sys.__stdout__:  # What somebody else put there is theirs.
        sys.stdout = _through(_Out, sys.stdout)
    if sys.stderr is sys.__stderr__:
        sys.stderr = _through(_Err, sys.stderr)


def _fill(number: int) -> bool:
    """Take the number of a stream that was closed: the next file to be opened would have it, and be printed into."""
    try:
        os.fstat(number)
    except OSError:
        null = os.open(os.devnull, os.O_RDWR)
        os.dup2(null, number)
        if null != number:
            os.close(null)
        else:
            os.set_inheritable(number, True)
        return True
    return False


class _Out(io.FileIO):
    def write(self, data: Any, /) -> Any:
        try:
            return super().write(data)
        except BrokenPipeError:
            raise  # Its reader has gone, which needs no words.
        except OSError as error:
            raise Unwritten(error.errno, error.strerror) from error


class _Err(io.FileIO):
    """Where nothing can be said, the rest is done all the same."""

    def write(self, data: Any, /) -> Any:
        try:
            return super().write(data)
        except OSError:
            return memoryview(data).nbytes


def _through(raw_type: type[io.FileIO], stream: TextIO) -> TextIO:
    """Return the stream with its bytes going through `raw_type`; one that is no plain file stays as it is."""
    if not isinstance(stream, io.TextIOWrapper):
        return stream
    text = cast("io.TextIOWrapper[Any]", stream)
    buffer: Any = text.buffer
    raw = getattr(buffer, "raw", buffer)  # There is no buffer where Python was told to have none.
    if type(raw) is not io.FileIO:
        return text  # A console of Windows.
    own: Any = raw_type(raw.fileno(), "w", closefd=False)
    return io.TextIOWrapper(
        own if raw is buffer else io.BufferedWriter(own),
        encoding=text.encoding,
        errors=text.errors,
        line_buffering=text.line_buffering,
        write_through=text.write_through,
    )
