"""Signals reach the loop's thread, whichever thread the system hands them to."""

from __future__ import annotations

import asyncio
import signal
import sys
import threading

import pytest

from postil.lsp.lifetime import woken_by_signals

PATIENCE = 30.0
TIMES = 100


@pytest.mark.skipif(sys.platform == "win32", reason="asyncio does it there")
async def test_a_signal_to_another_thread_wakes_the_idle_loop() -> None:
    handled = threading.Event()
    before = signal.signal(signal.SIGUSR1, lambda _number, _frame: handled.set())

    def send_each_once_the_last_was_handled() -> int:
        for number in range(TIMES):
            handled.clear()
            signal.pthread_kill(threading.get_ident(), signal.SIGUSR1)
            if not handled.wait(PATIENCE):
                return number
        return TIMES

    try:
        with woken_by_signals(asyncio.get_running_loop()):
            assert await asyncio.to_thread(send_each_once_the_last_was_handled) == TIMES
    finally:
        signal.signal(signal.SIGUSR1, before)


async def test_nothing_is_left_behind() -> None:
    with woken_by_signals(asyncio.get_running_loop()):
        pass
    assert signal.set_wakeup_fd(-1) == -1
