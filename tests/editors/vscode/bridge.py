"""The way into the extension host: calls of the spy that runs there, over a socket."""

from __future__ import annotations

import json
import queue
import socket
import threading
from pathlib import Path
from typing import Any

from tests.editors.waiting import PATIENCE


class Spy:
    """One extension host that has called, which ends with its window."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self._lines = connection.makefile("r", encoding="utf-8")
        hello = json.loads(self._lines.readline())
        self.folder: str = hello["folder"]
        """The first folder of its workspace; empty without one."""
        self.pid: int = hello["pid"]
        """The extension host's process."""
        self.version: str = hello["version"]
        self._number = 0

    def __call__(self, name: str, *arguments: object) -> Any:
        """Call a function of `spy/calls.js`; paths are told as strings."""
        self._number += 1
        given = [str(it) if isinstance(it, Path) else it for it in arguments]
        line = json.dumps({"id": self._number, "name": name, "args": given})
        self._connection.sendall(f"{line}\n".encode())
        answered = self._lines.readline()
        assert answered, f"the extension host ended in {name}"
        answer = json.loads(answered)
        assert answer["id"] == self._number, answer
        if "error" in answer:
            raise AssertionError(f"{name}: {answer['error']}")
        return answer["result"]

    def close(self) -> None:
        """Let go of it."""
        self._lines.close()
        self._connection.close()


class Bridge:
    """Where extension hosts call."""

    def __init__(self, address: Path) -> None:
        self.address = address
        self._calls: queue.Queue[Spy] = queue.Queue()
        self._server = socket.socket(socket.AF_UNIX)
        self._server.bind(str(address))
        self._server.listen()
        self._thread = threading.Thread(target=self._take, name="bridge")
        self._thread.start()

    def next(self, folder: Path) -> Spy:
        """Wait for the extension host of a window on this folder; one of another window is left."""
        while True:
            spy = self._calls.get(timeout=PATIENCE * 3)
            if spy.folder == str(folder):
                spy._connection.settimeout(PATIENCE * 2)
                return spy
            spy.close()

    def close(self) -> None:
        """Take no more calls."""
        self._server.shutdown(socket.SHUT_RDWR)
        self._server.close()
        self._thread.join()
        while not self._calls.empty():
            self._calls.get().close()

    def _take(self) -> None:
        while True:
            try:
                connection, _ = self._server.accept()
            except OSError:
                return
            try:
                self._calls.put(Spy(connection))
            except (OSError, ValueError):
                connection.close()
