"""What stands on a Neovim's screen, and since when: a second person's eyes on its socket."""

from __future__ import annotations

import importlib
import re
import socket
import threading
import time
from pathlib import Path
from typing import Any

WIDTH, HEIGHT = 130, 60
KEY = "λ"
"""What the person types, which is in no text otherwise."""
_WORD = re.compile(r"w(\d{6})")


class Screen:
    """The cells of one Neovim, as it says itself whenever it has drawn."""

    def __init__(self, path: Path) -> None:
        self.seen: dict[int, float] = {}
        """When each numbered word was first there, by `time.perf_counter`."""
        self.keys: list[float] = []
        """When each further key was there."""
        self._rows = [[" "] * WIDTH for _ in range(HEIGHT)]
        self._touched: set[int] = set()
        self._there = 0
        self._socket = socket.socket(socket.AF_UNIX)
        self._socket.connect(str(path))
        self._packed: Any = importlib.import_module("msgpack")
        options = {"rgb": True, "ext_linegrid": True}
        self._socket.sendall(self._packed.packb([0, 1, "nvim_ui_attach", [WIDTH, HEIGHT, options]]))
        self._thread = threading.Thread(target=self._watch, name="screen", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Look no more."""
        self._socket.shutdown(socket.SHUT_RDWR)
        self._thread.join()
        self._socket.close()

    @property
    def text(self) -> str:
        """What stands there."""
        return "\n".join("".join(it).rstrip() for it in self._rows)

    def _watch(self) -> None:
        unpacker = self._packed.Unpacker(raw=False)
        while data := self._socket.recv(1 << 20):
            unpacker.feed(data)
            for message in unpacker:
                if message[0] == 2 and message[1] == "redraw":
                    for name, *calls in message[2]:
                        for arguments in calls:
                            self._draw(name, arguments)

    def _draw(self, name: str, arguments: list[Any]) -> None:
        if name == "grid_line":
            _, row, column, cells, *_ = arguments
            self._line(row, column, cells)
        elif name == "grid_scroll":
            _, top, bottom, left, right, rows, _ = arguments
            span = range(top, bottom) if rows > 0 else range(bottom - 1, top - 1, -1)
            for row in span:
                if top <= row + rows < bottom:
                    self._rows[row][left:right] = self._rows[row + rows][left:right]
        elif name == "grid_clear":
            self._rows = [[" "] * WIDTH for _ in range(HEIGHT)]
        elif name == "flush":
            self._look()

    def _line(self, row: int, column: int, cells: list[list[Any]]) -> None:
        for text, *more in cells:
            times = more[1] if len(more) > 1 else 1
            self._rows[row][column : column + times] = [text] * times
            column += times
        self._touched.add(row)

    def _look(self) -> None:
        """Note what is new: only now is what was drawn shown."""
        now = time.perf_counter()
        touched, self._touched = self._touched, set()
        for row in touched:
            for found in _WORD.finditer("".join(self._rows[row])):
                self.seen.setdefault(int(found[1]), now)
        there = sum(row.count(KEY) for row in self._rows)
        self.keys += [now] * (there - self._there)
        self._there = there
