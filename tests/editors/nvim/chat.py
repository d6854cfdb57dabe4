"""A chat document in Neovim, and a person who writes in it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from tests.editors.document import Document
from tests.editors.nvim.desk import Desk
from tests.editors.nvim.neovim import Neovim

T = TypeVar("T")


class Chat(Document):
    """The one chat document of a desk."""

    def __init__(self, desk: Desk, *files: Path) -> None:
        """Start Neovim by the few lines, and open a new chat document by the documented command."""
        self.desk = desk
        desk.open_short(*files)
        self.path = self.new()

    @classmethod
    def shown(cls, desk: Desk, path: Path) -> Chat:
        """Return the document that a desk's editor shows already."""
        chat = cls.__new__(cls)
        chat.desk, chat.path = desk, path
        return chat

    @property
    def nvim(self) -> Neovim:
        """The editor."""
        return self.desk.nvim

    def new(self) -> Path:
        """Open a new document; returns where it is."""
        self.nvim.run("PostilChat")
        folder = str(self.desk.world.root / ".postil" / "chat")
        name = self.nvim.until(
            lambda: (it := self.nvim.lua("return vim.api.nvim_buf_get_name(0)")).startswith(folder) and it
        )
        self.desk.attached()
        return Path(name)

    @property
    def text(self) -> str:
        """What the document says."""
        return "\n".join(self.nvim.lines(self.path)) + "\n"

    def until(self, seen: Callable[[], T]) -> T:
        """Return what `seen` returns once that is true."""
        return self.nvim.until(seen)

    def write(self, words: str) -> None:
        """Write below everything that is there."""
        self.nvim.keys("<Esc>Go" + words.replace("<", "<lt>").replace("\n", "<CR>") + "<Esc>")
        self.nvim.until(lambda: self.text.endswith(words.rpartition("\n")[2] + "\n"))

    def send(self, words: str, title: str = "Postil: Send") -> list[str]:
        """Write, and choose to send; returns what else there was to choose."""
        self.write(words)
        return self.desk.choose(1, title)
