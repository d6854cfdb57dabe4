"""A desk: one project under version control, one scripted model, one Emacs, and a person who works with them."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

from tests.editors.desk import ProgramDesk, kept
from tests.editors.document import Document
from tests.editors.emacs.daemon import Emacs, quoted
from tests.editors.emacs.documented import configuration

T = TypeVar("T")


class Desk(ProgramDesk[Emacs], Document):
    """What a test works with. As a document it is the buffer in the window."""

    def __init__(self, folder: Path, home: Path, binary: Path) -> None:
        super().__init__(folder, home, binary)
        subprocess.run(["git", "init", "-q", self.world.root], check=True)

    @property
    def emacs(self) -> Emacs:
        """The editor."""
        assert self.program is not None
        return self.program

    def until(self, seen: Callable[[], T]) -> T:
        """Return what `seen` returns once that is true."""
        return self.emacs.until(seen)

    # The editor

    def open(self, path: Path, more: str = "") -> Emacs:
        """Start Emacs with the documented configuration, open a file and connect."""
        init = self.home / "init.el"
        init.write_text(configuration() + more, "utf-8")
        self.program = Emacs(self.binary, init, self.world.root, self.world.env)
        self.visit(path)
        self.connect()
        return self.emacs

    def visit(self, path: Path) -> None:
        """Open a file in the window."""
        self.emacs.lisp(f"(progn (find-file {quoted(str(path))}) t)")

    def connect(self) -> int:
        """Start a server for the buffer; returns its process."""
        self.emacs.lisp("(progn (apply #'eglot (eglot--guess-contact)) t)")
        return self.connected()

    def connected(self) -> int:
        """Wait until the buffer has a server; returns its process."""
        code = "(let ((it (eglot-current-server))) (if it (process-id (jsonrpc--process it)) 0))"
        server: int = self.emacs.until(lambda: self.emacs.lisp(code))
        self.servers.add(server)
        return server

    def chat(self) -> Path:
        """Open a new chat document by the documented command."""
        self.emacs.lisp("(progn (call-interactively #'postil-chat) t)")
        self.emacs.until(lambda: self.emacs.lisp("(if (eglot-managed-p) t :json-false)") is True)
        return Path(self.emacs.lisp("buffer-file-name"))

    @property
    def text(self) -> str:
        """What the buffer in the window says."""
        return self.emacs.lisp("(spy-text)")

    def write(self, words: str) -> None:
        """Write at the end."""
        self.emacs.lisp(f"(spy-command (lambda () (goto-char (point-max)) (insert {quoted(words)})))")

    def undo(self) -> None:
        """Undo one step, as a person who has pressed another key before."""
        self.emacs.lisp("(spy-command (lambda () (undo-auto--add-boundary) (undo)))")

    def fold(self, words: str) -> str:
        """Press the key that folds on the last line that begins with these words; returns what can be seen."""
        self.press(self.line(words), "TAB")
        return self.emacs.lisp("(spy-visible)")

    def press(self, line: int, key: str) -> None:
        """Press a key on a line."""
        self.emacs.lisp(f"(spy-press {line} {quoted(key)})")

    def save(self) -> bytes:
        """Save the buffer; returns what is in the file."""
        return Path(self.emacs.lisp("(progn (save-buffer) buffer-file-name)")).read_bytes()

    def choose(self, line: int, title: str) -> list[str]:
        """Choose a code action of a line; returns all titles."""
        titles: list[str] = self.emacs.lisp(f"(spy-act {line} {quoted(title)})")
        return titles

    def act(self, line: int, title: str) -> None:
        """Choose a code action of a line as soon as it is offered."""
        self.emacs.until(lambda: any(it.startswith(title) for it in self.choose(line, title)))

    def send(self, words: str) -> None:
        """Write, and choose to send."""
        self.write(words)
        self.act(1, "Postil: Send")

    def diagnostics(self) -> list[dict[str, Any]]:
        """Return what flymake shows in the buffer: lines, from 1, and texts."""
        code = """(mapcar (lambda (it) (list (cons 'line (line-number-at-pos (flymake-diagnostic-beg it)))
                                             (cons 'text (flymake-diagnostic-text it))))
                          (flymake-diagnostics))"""
        return self.emacs.lisp(code) or []


@contextmanager
def new_desk(folder: Path, home: Path, binary: Path) -> Generator[Desk]:
    """Make a desk, and see to it that nothing of it is left."""
    with kept(Desk(folder, home, binary)) as desk:
        yield desk
        if desk.emacs.running:
            assert desk.emacs.lisp("(vconcat spy-asked)") == []
