"""A window that tests use one after the other: what a test has left in it is put away before the next one comes.

A window takes many seconds to open, a server one. So a window stays, on a folder of its own, and each test gets an empty folder, a new
server, a new state and a new model in it. A test that changes what lasts (settings of the editor, secrets) has a window alone, and after
one that failed, or left something that cannot be put away, the window is closed and the next test opens another.
"""

from __future__ import annotations

import shutil
from pathlib import Path

from playwright.sync_api import Error

from tests.editors.vscode.bridge import Spy
from tests.editors.vscode.codeserver import CodeServer
from tests.editors.vscode.workbench import Workbench
from tests.editors.waiting import is_running, wait_for

AWAY = 15.0
"""Seconds after which documents that are still open are said to stay."""


class Seat:
    """A folder, and a window on it once one was opened."""

    def __init__(self, folder: Path) -> None:
        self.root = folder / "project"
        self.root.mkdir(parents=True)
        self.launcher = folder / "postil"
        """What the window starts as the server; each test writes its own."""
        self.window: Workbench | None = None
        self.spy: Spy | None = None
        self.processes: list[int] = []
        """Extension hosts and servers that were started for it."""
        self.remembers = False
        """Whether the extension will look for the last test's session, and not find it."""

    def keep(self, window: Workbench, spy: Spy, processes: list[int], *, remembers: bool) -> bool:
        """Put away what a test has left; False where something stays, and then the window is not kept."""
        if not tidy(window, spy):
            return False
        self.empty()
        self.window, self.spy, self.remembers = window, spy, remembers
        self.processes += processes
        return True

    def empty(self) -> None:
        """Remove all files of the folder."""
        for path in self.root.iterdir():
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path)
            else:
                path.unlink()


class Seats:
    """The seat of a worker, and the one after it."""

    def __init__(self, folder: Path, server: CodeServer) -> None:
        self._folder = folder
        self._server = server
        self._number = 0
        self._seat: Seat | None = None

    @property
    def seat(self) -> Seat:
        """The seat, with or without a window."""
        if self._seat is None:
            self._number += 1
            self._seat = Seat(self._folder / str(self._number))
        return self._seat

    def clear(self) -> None:
        """Close the window where there is one, for a test that needs another one on the folder; nothing of it may be left."""
        seat = self._seat
        if seat is None or seat.window is None or seat.spy is None:
            return
        window, seat.window = seat.window, None
        seat.spy.close()
        window.close()
        ended(seat.processes, self._server)
        seat.processes.clear()

    def leave(self) -> None:
        """Let the next test have another folder."""
        self.clear()
        self._seat = None


def tidy(window: Workbench, spy: Spy) -> bool:
    """Close everything in a window without saving it; False where a document stays open."""
    spy("tidy")
    try:
        composer = window.webview().get_by_role("textbox", name="Message")
        if composer.is_visible():
            composer.fill("", timeout=AWAY * 1000)
        window.until(lambda: spy("documents") == [], AWAY)
    except (AssertionError, Error):
        return False
    window.console.clear()
    return True


def ended(processes: list[int], server: CodeServer) -> None:
    """Wait until none of these processes runs."""
    for process in processes:
        wait_for(lambda process=process: not is_running(process), server.said)
