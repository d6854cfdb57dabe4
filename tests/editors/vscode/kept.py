"""Run a command for as long as standard input stays open, and leave nothing of it: `python -m tests.editors.vscode.kept COMMAND…`.

A run of tests that is ended at once cannot stop what it has started; the end of a pipe cannot be missed.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import threading


def main(command: list[str]) -> int:
    """Run the command in a group of its own; returns its exit status."""
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, start_new_session=True)

    def watch() -> None:
        sys.stdin.buffer.read()
        end(process)

    threading.Thread(target=watch, daemon=True).start()
    status = process.wait()
    end(process)
    return status


def end(process: subprocess.Popen[bytes]) -> None:
    """End the group in order where it does so in five seconds, else at once."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, number)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(5)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
