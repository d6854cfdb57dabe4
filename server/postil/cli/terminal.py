"""Where people read what commands print."""

from __future__ import annotations

from rich.console import Console


class Terminal(Console):
    """A console that says so when its reader has gone; the library's own would end the program then and there."""

    def on_broken_pipe(self) -> None:
        """Raise what `print` raises then."""
        raise BrokenPipeError
