"""A desk in VS Code: one project, one scripted model, one window at a time, and a person who works with them."""

from __future__ import annotations

import json
import shlex
import shutil
import sys
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import pytest
from playwright.sync_api import Browser, expect

from postil.core.events import ModelReplied, TurnEnded
from postil.core.messages import Text
from tests.editors.vscode.bridge import Bridge, Spy
from tests.editors.vscode.chat import Chat
from tests.editors.vscode.codeserver import CodeServer
from tests.editors.vscode.edition import ROOT
from tests.editors.vscode.seat import Seat, Seats, ended
from tests.editors.vscode.workbench import MILLISECONDS, Workbench
from tests.editors.workplace import Workplace
from tests.support.lsp_client import Json

T = TypeVar("T")

RELAY = Path(__file__).with_name("relay.py")
EXTENSION = "postil.postil"
FAILURES = ROOT / ".cache" / "vscode-failures"
"""Pictures, records and logs of tests that failed."""
FAILED = pytest.StashKey[bool]()
"""Whether the body of a test failed."""


class Desk(Workplace):
    """What a test works with."""

    def __init__(
        self,
        folder: Path,
        server: CodeServer | None,
        bridge: Bridge,
        browser: Browser,
        seats: Seats | None = None,
    ) -> None:
        """`seats` has the window that is kept for the next test; without it, each window is closed."""
        super().__init__(folder)
        self._server = server
        self._seats = seats
        if seats is not None:
            self.world.root = seats.seat.root
            seats.seat.empty()
        self._bridge = bridge
        self._browser = browser
        self._wire = folder / "wire"
        self._wire.mkdir()
        self._window: Workbench | None = None
        self._spy: Spy | None = None
        self._hosts: list[int] = []
        self._settings: dict[str, Any] = {}
        self._session: str | None = None
        self.has_command = True
        """Whether the setting names the server; else the extension has to find out how to get one."""
        self.alone = False
        """Whether it has a window alone, because of what it changes there; settings of the editor are seen to."""
        self.workspace: Path | None = None
        """The file that names the window's folders, the first of which is the project; None opens that alone."""

    @property
    def server(self) -> CodeServer:
        """The code-server that its windows are of; a test may give it one of its own."""
        assert self._server is not None
        return self._server

    @server.setter
    def server(self, server: CodeServer) -> None:
        self._server = server

    @property
    def window(self) -> Workbench:
        """The window."""
        assert self._window is not None
        return self._window

    @property
    def has_window(self) -> bool:
        """Whether a window is open."""
        return self._window is not None

    @property
    def spy(self) -> Spy:
        """The extension host."""
        assert self._spy is not None
        return self._spy

    def chat(self, window: Workbench | None = None) -> Chat:
        """Return the chat of the window, or of another one."""
        return Chat(window or self.window)

    # Before the window opens

    def settings(self, text: str) -> None:
        """Write the user's own settings of Postil, and trust the project, so that their rules hold there."""
        self.world.trust()
        self.world.settings(text)

    def set(self, **settings: Any) -> None:
        """Set the user's settings in the editor, in a window alone; dots are written as two underscores."""
        self.alone = True
        self._settings |= {name.replace("__", "."): value for name, value in settings.items()}

    # The window

    def open(self, *files: Path) -> Spy:
        """Open a window on the project, the files in it, and wait for the extension."""
        command = {"postil.server.command": [str(self.launcher())]} if self.has_command else {}
        self.server.settings({**command, **self._settings})
        self.alone = self.alone or self.workspace is not None
        if self._seats is not None and self._seats.seat.window is not None:
            if not self.alone:
                return self._sit_down(self._seats.seat, *files)
            self._seats.clear()
        self._window = Workbench(self._browser)
        self.window.go(self.server.address(self.workspace or self.world.root))
        if self.workspace is not None:
            self._has_folders()
        return self.meet(*files)

    def _has_folders(self) -> None:
        """Load the window again as long as it has no folder: VS Code may look for a workspace's file before it can read any there."""
        explorer = self.window.page.locator(".explorer-folders-view .monaco-list-row").first
        nothing = self.window.page.get_by_text("You have not yet added a folder")

        def has() -> bool:
            expect(explorer.or_(nothing)).to_be_visible(timeout=MILLISECONDS)
            if nothing.is_visible():
                self.window.reload()
            return explorer.is_visible()

        self.until(has)

    def _sit_down(self, seat: Seat, *files: Path) -> Spy:
        """Take over the window of the test before, with a server of one's own."""
        self._window, self._spy = seat.window, seat.spy
        seat.window = seat.spy = None
        self._hosts.append(self.spy.pid)
        self.spy("execute", "postil.restartServer")
        self.ready()
        if seat.remembers:
            self.until(lambda: self.replies("postil/session/attach", by="editor"))
        ended([it for it in seat.processes if it != self.spy.pid], self.server)
        seat.processes.clear()
        for file in files:
            self.spy("open", file)
        return self.spy

    def reload(self) -> Spy:
        """Load the window again."""
        self._let_go()
        self._session = None
        self.window.reload()
        return self.meet()

    def meet(self, *files: Path) -> Spy:
        """Wait for the extension host, and there for the extension."""
        self._spy = self.until(lambda: self._bridge.next(self.world.root))
        self._hosts.append(self.spy.pid)
        self.until(lambda: self.spy("extension", EXTENSION)["active"])
        if self.has_command:
            self.ready()
        for file in files:
            self.spy("open", file)
        return self.spy

    def ready(self) -> None:
        """Wait until the server answers."""
        self.until(lambda: "postil.server.session.list" in self.spy("commands"))
        self.until(lambda: len(self.replies("initialize", by="editor")) == len(self.servers()) > 0)

    def until(self, seen: Callable[[], T]) -> T:
        """Return what `seen` returns once that is true."""
        return self.window.until(seen)

    # What a person does

    def ask_to_fix(self, path: Path, line: int, message: str = "It is wrong.") -> list[str]:
        """Let another source find something on a line (from 1), and ask the agent to fix it; returns the menu."""
        self.spy("report", path, line, message, "checker")
        return self.choose(path, line, "Ask agent to fix")

    def ask_in(self, session_id: str, path: Path, line: int) -> None:
        """Ask the agent in a session to fix something on a line, as the action of a diagnostic does."""
        place = {"line": line - 1, "character": 0}
        argument = {"uri": path.as_uri(), "range": {"start": place, "end": place}, "sessionId": session_id}
        self.command("fix", {**argument, "diagnostic": "It is wrong."})

    def session(self) -> str:
        """Return the session of this window; begun where there is none yet."""
        session = self._session or str(self.command("session.new", {})["sessionId"])
        self._session = session
        return session

    def choose(self, path: Path, line: int, title: str) -> list[str]:
        """Choose a code action of a line by how its title begins, once it is offered; returns all titles."""
        return self.until(lambda: self.spy("choose", path, line, title))

    def question(self, words: str) -> dict[str, Any]:
        """Wait for the one question, which has to have these words."""
        self.until(lambda: [it for it in self.questions() if words in it["message"]])
        (question,) = self.questions()
        return question

    def questions(self) -> list[dict[str, Any]]:
        """Return the diagnostics of Postil that are questions."""
        return [it for it in self.spy("diagnostics", "Postil") if it["code"] == "question"]

    def answer(self, words: str, title: str = "Postil: Allow once") -> list[str]:
        """Answer the one open question at its place; returns the menu."""
        question = self.question(words)
        titles = self.choose(Path(question["path"]), question["line"], title)
        self.until(lambda: question not in self.questions())
        return titles

    def ended(self, words: str, turns: int = 1) -> None:
        """Wait until this many turns have ended in all sessions, the last one with these words of the model."""
        self.until(lambda: self._turns() == turns)
        said = [
            it.message.content
            for journal in self.journals()
            for it in journal
            if isinstance(it, ModelReplied)
        ]
        last = "".join(part.text for part in said[-1] if isinstance(part, Text)) if said else ""
        assert words in last, (last, [[it.type for it in journal] for journal in self.journals()])

    def resume(self) -> None:
        """Go on with what was left, once the extension has found it again."""
        self.until(lambda: self.said("postil/session/attach", by="editor"))
        self.spy("execute", "postil.resume")

    def command(self, name: str, argument: Json) -> Any:
        """Run a command of the server's, as any client can; returns its result."""
        return self.spy("execute", f"postil.server.{name}", argument)

    # The wire

    def said(self, method: str, by: str = "server") -> list[Json]:
        """Return the params of what was sent by this method."""
        messages = [it["message"] for it in self._wire_of(by)]
        return [it["params"] for it in messages if it.get("method") == method]

    def replies(self, method: str, by: str = "server") -> list[Json]:
        """Return what was answered to the requests of this method, which are the server's."""
        other = {"server": "editor", "editor": "server"}[by]
        asked = [
            (it["server"], it["message"]["id"])
            for it in self._wire_of(by)
            if it["message"].get("method") == method
        ]
        answers = {
            (it["server"], it["message"]["id"]): it["message"]
            for it in self._wire_of(other)
            if "id" in it["message"] and "method" not in it["message"]
        }
        return [answers[it].get("result") or answers[it]["error"] for it in asked if it in answers]

    def hold_edit(self) -> None:
        """Keep back the next edit until `let_edit_go`."""
        (self._wire / "hold").touch()

    def held(self) -> None:
        """Wait until an edit is kept back."""
        self.until((self._wire / "held").exists)

    def let_edit_go(self) -> None:
        """Let it arrive."""
        (self._wire / "hold").unlink()

    def servers(self) -> list[int]:
        """Return the servers that were started, the last one last."""
        path = self._wire / "servers"
        return [int(it) for it in path.read_text("utf-8").split()] if path.exists() else []

    # The end

    def leave(self, request: pytest.FixtureRequest) -> None:
        """Close the window after a test; of one that failed, what helps to understand it is kept."""
        if request.node.stash.get(FAILED, False):
            self.keep(FAILURES, request.node.name)
        elif self.has_window:
            if self._seats is None or self.alone:
                self.quit()
            else:
                self._give_back(self._seats.seat)

    def quit(self) -> None:
        """Close the window; no server may be left, and no request may have left the machine."""
        failures = self.spy("failures")
        window, self._window = self.window, None
        self._let_go()
        window.close()
        ended([*self.servers(), *self._hosts], self.server)
        _check(window, failures)

    def _give_back(self, seat: Seat) -> None:
        """Leave the window to the next test; what must not have happened may not have, as where it is closed."""
        _check(self.window, self.spy("failures"))
        asked, answered = "postil/session/attach", self.replies("postil/session/attach", by="editor")
        self.until(lambda: len(self.replies(asked, by="editor")) == len(self.said(asked, by="editor")))
        remembers = bool(answered) and "events" in answered[-1]
        processes = [*self.servers(), *self._hosts]
        if seat.keep(self.window, self.spy, processes, remembers=remembers):
            self._window = self._spy = None
        else:
            self.quit()

    def keep(self, folder: Path, name: str) -> None:
        """Leave what helps to understand a failure."""
        if self._window is not None:
            self._window.keep(folder, name)
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{name}.code-server.txt").write_text(self.server.said(), "utf-8")
        for path in (
            self._wire / "wire.jsonl",
            *self.world.state.glob("workspaces/*/sessions/*/journal.jsonl"),
        ):
            if path.exists():
                shutil.copy(path, folder / f"{name}.{path.name}")

    def close(self) -> None:
        """End what still runs, the model last."""
        used = self._window is not None or self.alone
        self._let_go()
        if self._window is not None:
            self._window.context.close()
        if self._seats is not None and (used or self._seats.seat.window is None):
            self._seats.leave()
        super().close()

    def _let_go(self) -> None:
        if self._spy is not None:
            self._spy.close()
        self._spy = None

    def _wire_of(self, by: str) -> list[Json]:
        path = self._wire / "wire.jsonl"
        text = path.read_text("utf-8") if path.exists() else ""
        lines = text[: text.rfind("\n") + 1].splitlines()  # the last one may be in the making
        return [it for it in map(json.loads, lines) if it["by"] == by]

    def _turns(self) -> int:
        return sum(isinstance(it, TurnEnded) for journal in self.journals() for it in journal)

    def launcher(self) -> Path:
        """Write what the extension starts: the server with this desk's state and model, behind the relay."""
        exports = [f"export {name}={shlex.quote(value)}" for name, value in self.world.env.items()]
        command = [sys.executable, RELAY, self._wire, *self.world.command]
        path = self._wire / "postil" if self._seats is None else self._seats.seat.launcher
        words = " ".join(shlex.quote(str(it)) for it in command)
        path.write_text("\n".join(["#!/bin/sh", *exports, f"exec {words}", ""]), "utf-8")
        path.chmod(0o755)
        return path


def _check(window: Workbench, failures: list[str]) -> None:
    assert window.foreign == [], window.foreign
    assert failures == [], failures


@contextmanager
def new_desk(
    folder: Path, server: CodeServer | None, bridge: Bridge, browser: Browser, seats: Seats | None = None
) -> Generator[Desk]:
    """Make a desk, and see to it that nothing of it is left but the window that it gives back."""
    desk = Desk(folder, server, bridge, browser, seats)
    try:
        yield desk
    finally:
        desk.close()
