"""Stands between the editor and the server: writes down what they say, and keeps an edit back until a test has typed.

`python relay.py FOLDER COMMAND…`. Every message is a line of `FOLDER/wire.jsonl`. While `FOLDER/hold` exists, the next edit waits until it
is gone; `FOLDER/held` says that one does. The relay ends as the server does, and the server as its input does.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import IO, Any

EDIT = "workspace/applyEdit"


class Relay:
    """Both directions."""

    def __init__(self, folder: Path, server: subprocess.Popen[bytes]) -> None:
        self._folder = folder
        self._server = server
        self._wire = (folder / "wire.jsonl").open("a", encoding="utf-8", buffering=1)
        self._lock = threading.Lock()

    def run(self) -> int:
        """Relay until the server has ended; returns its exit status."""
        assert self._server.stdin is not None
        assert self._server.stdout is not None
        back = threading.Thread(target=self._pump, args=(self._server.stdout, sys.stdout.buffer, "server"))
        there = threading.Thread(
            target=self._pump, args=(sys.stdin.buffer, self._server.stdin, "editor"), daemon=True
        )
        back.start()
        there.start()
        back.join()
        return self._server.wait()

    def _pump(self, source: IO[bytes], sink: IO[bytes], by: str) -> None:
        try:
            while (frame := read_frame(source)) is not None:
                head, body = frame
                message = json.loads(body)
                self._note(by, message)
                if by == "server" and message.get("method") == EDIT:
                    self._hold()
                sink.write(head + body)
                sink.flush()
        except (BrokenPipeError, ValueError):
            pass
        finally:
            if by == "editor":
                sink.close()

    def _note(self, by: str, message: Any) -> None:
        line = json.dumps({"by": by, "server": self._server.pid, "message": message})
        with self._lock:
            self._wire.write(f"{line}\n")

    def _hold(self) -> None:
        """Wait where a test has asked for it."""
        hold, held = self._folder / "hold", self._folder / "held"
        if hold.exists():
            held.touch()
            while hold.exists():
                time.sleep(0.01)
            held.unlink()


def read_frame(source: IO[bytes]) -> tuple[bytes, bytes] | None:
    """Return head and body of the next message, None at the end."""
    head = b""
    length = 0
    while not head.endswith(b"\r\n\r\n"):
        line = source.readline()
        if not line:
            return None
        head += line
        name, _, value = line.partition(b":")
        if name.strip().lower() == b"content-length":
            length = int(value)
    body = source.read(length)
    return (head, body) if len(body) == length else None


def main(folder: str, *command: str) -> int:
    """Start the server and relay; its process id is kept beside the wire."""
    server = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    with (Path(folder) / "servers").open("a", encoding="utf-8") as pids:
        pids.write(f"{server.pid}\n")
    return Relay(Path(folder), server).run()


if __name__ == "__main__":
    STATUS = main(*sys.argv[1:])
    sys.stdout.flush()
    os._exit(STATUS if STATUS >= 0 else 128 - STATUS)  # a thread may still read what nobody writes
