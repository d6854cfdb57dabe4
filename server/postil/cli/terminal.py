"""Where people read what commands print."""

from __future__ import annotations

from typing import TextIO

from rich.console import Console


class Terminal(Console):
    """A console that says so when its reader has gone; the library's own would end the program then and there."""

    def on_broken_pipe(self) -> None:
        """Raise what `print` raises then."""
        raise BrokenPipeError


class Marked:
    """A stream whose every line begins with a mark, on whatever way it is printed, copied or cut."""

    def __init__(self, mark: str, stream: TextIO) -> None:
        self._mark = mark
        self._stream = stream
        self._at_start = True
        self.encoding = stream.encoding

    def isatty(self) -> bool:
        """Whether a person looks on."""
        return self._stream.isatty()

    def fileno(self) -> int:
        """That of the stream."""
        return self._stream.fileno()

    def write(self, text: str, /) -> int:
        """Write the text, with the mark where a line begins."""
        for line in text.splitlines(keepends=True):
            self._stream.write(self._mark + line if self._at_start else line)
            self._at_start = line.endswith("\n")
        return len(text)

    def flush(self) -> None:
        """Flush the stream."""
        self._stream.flush()
