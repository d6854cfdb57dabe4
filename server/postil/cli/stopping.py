"""What ends a run of `postil ask` before its work is done: a signal, or output that nobody reads any more."""

from __future__ import annotations

import asyncio
import signal
import sys
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING

from postil.core.events import Publication
from postil.core.submissions import Cancel

if TYPE_CHECKING:
    from postil.agent.session import Session

EXIT_NO_READER = 128 + 13
"""What a shell says of a program that SIGPIPE ended."""
_SIGNALS = ("SIGINT", "SIGTERM", "SIGHUP")


class Stopping:
    """Cancels the turn of one session when there is reason to."""

    def __init__(self) -> None:
        self.signal: int | None = None
        """The first signal that came."""
        self.unread: int | None = None
        """The exit status, once nothing can be printed any more."""
        self._session: Session | None = None
        self._cancelling: list[asyncio.Future[bool]] = []  # The loop alone would let them go.

    def watch(self, session: Session) -> None:
        """Stop this session at a signal."""
        self._session = session
        loop = asyncio.get_running_loop()
        for name in _SIGNALS:
            number = getattr(signal, name, None)
            # What runs under nohup is not to end with its terminal.
            if number is None or (name == "SIGHUP" and signal.getsignal(number) is signal.SIG_IGN):
                continue
            try:
                loop.add_signal_handler(number, self._signalled, number)
            except NotImplementedError:
                return  # Windows: Ctrl+C ends the process, and the session can be resumed

    def printing(self, show: Callable[[Publication], None]) -> Callable[[Publication], None]:
        """Return `show` for as long as what it prints can be written; then the turn is stopped and nothing is printed."""

        def shown(publication: Publication) -> None:
            if self.unread is not None:
                return
            try:
                show(publication)
            except OSError as error:
                self.unread = unread(error)
                self._stop("Stopped: nobody reads its output any more.")

        return shown

    def _signalled(self, number: int) -> None:
        self.signal = self.signal or number
        self._stop("Stopped by a signal.")

    def _stop(self, why: str) -> None:
        # Before there is a session, nothing was begun: `unread` says that nothing is to be.
        if self._session is not None:
            self._cancelling.append(asyncio.ensure_future(self._session.cancel(Cancel(why))))


def unread(error: OSError) -> int:
    """Return the exit status for output that cannot be written; a reader that has gone needs no words."""
    if isinstance(error, BrokenPipeError):
        return EXIT_NO_READER
    with suppress(OSError):  # A terminal that was closed takes nothing here either.
        sys.stderr.write(
            f"postil: What it prints cannot be written: {(error.strerror or str(error)).lower()}.\n"
        )
    return 1
