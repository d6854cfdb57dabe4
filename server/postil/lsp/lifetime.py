"""Why and how the process ends: signals, the client's death, and a hard stop that no hung handler can hold up."""

import asyncio
import contextlib
import faulthandler
import logging
import os
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable, Generator
from typing import Final, Literal

logger = logging.getLogger(__name__)

StopReason = Literal["exit", "end_of_input", "output_closed", "signal", "client_died"]

GRACE_SECONDS: Final = 3.0
_POLL_SECONDS: Final = 2.0
_LAST_WORDS_SECONDS: Final = 0.5
_PR_SET_PDEATHSIG: Final = 1


class HardStop:
    """Ends the process some seconds after it is armed, unless it has ended by itself."""

    def __init__(self, seconds: float = GRACE_SECONDS) -> None:
        self._seconds = seconds
        self.exit_code = 1
        # The thread exists from the start, and a bare lock wakes it: a signal handler may arm while the thread that it
        # interrupted is inside `arm`, or is starting a thread.
        self._disarmed = threading.Lock()
        self._disarmed.acquire()

    def stand_by(self) -> None:
        """Be ready to be armed."""
        threading.Thread(target=self._count_down, name="postil-hard-stop", daemon=True).start()

    def arm(self) -> None:
        """Start the clock; only the first call counts. Any thread may call it, and a signal handler."""
        with contextlib.suppress(RuntimeError):
            self._disarmed.release()

    def _count_down(self) -> None:
        self._disarmed.acquire()
        time.sleep(self._seconds)
        # In a thread of its own: nobody may read stderr any more, and then whoever writes there waits for ever.
        say = threading.Thread(target=self._say, name="postil-last-words", daemon=True)
        say.start()
        say.join(_LAST_WORDS_SECONDS)
        os._exit(self.exit_code)

    def _say(self) -> None:
        logger.error("still running %g s after the stop; ending the process", self._seconds)
        if sys.stderr is not None:
            faulthandler.dump_traceback(sys.stderr)


def on_signals(stop: Callable[[int], None]) -> None:
    """Call `stop` with the number of each signal that asks us to end. Only the main thread may have handlers."""
    if threading.current_thread() is not threading.main_thread():
        return
    for name in ("SIGTERM", "SIGINT", "SIGHUP"):
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), lambda number, _frame: stop(number))


@contextlib.contextmanager
def woken_by_signals(loop: asyncio.AbstractEventLoop) -> Generator[None]:
    """Let every signal wake the loop, which runs in the main thread.

    A system may hand a signal to any thread. Python's handlers run in the main one alone, and not while that waits.
    """
    if threading.current_thread() is not threading.main_thread() or sys.platform == "win32":
        yield  # On Windows asyncio does this itself.
        return
    ours, theirs = socket.socketpair()
    with ours, theirs:
        ours.setblocking(False)
        theirs.setblocking(False)
        loop.add_reader(ours, ours.recv, 4096)
        signal.set_wakeup_fd(theirs.fileno(), warn_on_full_buffer=False)
        try:
            yield
        finally:
            signal.set_wakeup_fd(-1)
            loop.remove_reader(ours)


class ClientWatch:
    """Notices that the client's process is gone, even when something else keeps our stdin open."""

    def __init__(
        self, process_id: int, on_death: Callable[[], None], poll_seconds: float = _POLL_SECONDS
    ) -> None:
        self._process_id = process_id
        self._on_death = on_death
        self._poll_seconds = poll_seconds
        self._is_parent = os.getppid() == process_id
        self._look_now = threading.Event()

    def start(self) -> None:
        """Watch from a thread: a busy event loop must not hide that nobody is there any more."""
        if not self._is_alive():
            # In a container or on another machine, the client's number means nothing here.
            logger.info("the client's process %d is not one of ours to watch", self._process_id)
            return
        listening = self._is_parent and self._listen_for_death()
        threading.Thread(
            target=self._watch, args=(listening,), name="postil-client-watch", daemon=True
        ).start()

    def _listen_for_death(self) -> bool:
        """Let a signal end the wait. It may also come when only a thread of the parent ends, so it proves nothing."""
        if sys.platform != "linux" or threading.current_thread() is not threading.main_thread():
            return False
        signal.signal(signal.SIGUSR2, lambda _number, _frame: self._look_now.set())
        return True

    def _watch(self, listening: bool) -> None:
        if listening and sys.platform == "linux":
            try:
                import ctypes  # noqa: PLC0415  not while the client waits for us to start

                # The kernel keeps this for the calling thread, which lives as long as the process.
                ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGUSR2, 0, 0, 0)
            except (OSError, AttributeError):
                logger.info(
                    "the kernel does not tell when the parent ends; asking every %g s", self._poll_seconds
                )
        while self._is_alive():
            self._look_now.wait(self._poll_seconds)
            self._look_now.clear()
        self._on_death()

    def _is_alive(self) -> bool:
        if sys.platform == "win32":  # os.kill would end it there; the end of stdin has to do
            return True
        if self._is_parent:
            return os.getppid() == self._process_id
        try:
            os.kill(self._process_id, 0)
        except (ProcessLookupError, OverflowError):
            return False
        except PermissionError:
            return True
        return True
